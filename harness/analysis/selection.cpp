#include "harness/analysis/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "datasets/probe_suite.h"
#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/store/acceptance.h"
#include "harness/store/scores.h"

namespace assay::analysis {

void check_suite_names(store::Database& database, const std::vector<std::string>& names,
                       const char* option) {
  if (names.empty()) return;
  const std::vector<std::string> known = store::suite_names(database);
  if (known.empty()) return;
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(fmt::format("{} {}: {} has no such suite; it has {}", option, name, database.path(),
                            fmt::join(known, ", ")),
                ExitCode::usage);
  }
}

static void check_verifier_names(store::Database& database, const std::string& word,
                                 const std::vector<std::string>& names) {
  const std::vector<std::string> known = store::verifier_names(database);
  for (const std::string& name : names) {
    if (contains(known, name)) continue;
    throw Error(
        fmt::format("--proxy {}: {} has no scores by {}; it has {} (`assay import scores` takes "
                    "them in)",
                    word, database.path(), name,
                    known.empty() ? "none at all" : fmt::format("{}", fmt::join(known, ", "))),
        ExitCode::usage);
  }
}

/// A word that names a verifier without its threshold, or with a sign that is none: "base+judge",
/// "judge>4". A suite of that name is meant as it stands.
static void refuse_bare_verifier(store::Database& database, const std::string& word,
                                 const std::vector<std::string>& verifiers) {
  if (contains(store::suite_names(database), word)) return;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t end = std::min(word.find_first_of("+|", begin), word.size());
    const std::string part = word.substr(begin, end - begin);
    const std::string name = part.substr(0, part.find_first_of("<>="));
    if (contains(verifiers, part) || contains(verifiers, name))
      throw Error(
          fmt::format("--proxy {}: {} is a verifier, whose scores accept from a number on: it is "
                      "written {}>=x (`assay roc --verifier {}` shows what x do)",
                      word, contains(verifiers, part) ? part : name,
                      contains(verifiers, part) ? part : name,
                      contains(verifiers, part) ? part : name),
          ExitCode::usage);
    begin = end + 1;
  }
}

void refuse_scores(const Selection& selection) {
  for (const std::string& word : selection.proxy)
    if (store::speaks_of_score(word))
      throw Error(fmt::format("--proxy {}: scores are read by rates, limits, plan and fit; this "
                              "looks at programs and tests, and takes suites alone",
                              word),
                  ExitCode::usage);
}

/// The words of --proxy: suites and scores that there are.
static void check_proxy(store::Database& database, const Selection& selection) {
  for (const std::string& word : selection.proxy) {
    if (!store::speaks_of_score(word)) {
      const auto verifiers = store::verifier_names(database);
      if (contains(verifiers, word) && !contains(store::suite_names(database), word))
        throw Error(
            fmt::format("--proxy {0}: {0} gives scores and accepts nothing by itself; say from "
                        "where on it does, {0}>=x (`assay roc --verifier {0}` shows what x do)",
                        word),
            ExitCode::usage);
      refuse_bare_verifier(database, word, verifiers);
      check_suite_names(database, {word}, "--proxy");
      continue;
    }
    const store::Acceptance accepts({word});
    check_suite_names(database, accepts.suites(), "--proxy");
    check_verifier_names(database, word, accepts.verifiers());
  }
}

Suites suites_for(store::Database& database, const store::StoredModel& model,
                  const Selection& selection) {
  Suites suites{selection.proxy, selection.gold};
  if (!suites.proxy.empty() && !suites.gold.empty()) return suites;
  const std::vector<std::string> judged = store::suites_of(database, model);
  if (suites.proxy.empty()) {
    suites.proxy = {contains(judged, "base") || judged.empty() ? "base" : judged.front()};
  }
  if (suites.gold.empty()) {
    for (const std::string& name : judged)
      if (name != "official" && name != datasets::kProbeSuite) suites.gold.push_back(name);
    if (suites.gold.empty()) suites.gold = suites.proxy;
  }
  return suites;
}

std::string meant_task(store::Database& database, const std::string& task_id) {
  const std::vector<std::string> known = store::task_ids(database);
  if (task_id.empty() || std::find(known.begin(), known.end(), task_id) != known.end())
    return task_id;
  const auto numbered = [&](const std::string& name) { return name.ends_with("/" + task_id); };
  if (std::count_if(known.begin(), known.end(), numbered) == 1)
    return *std::find_if(known.begin(), known.end(), numbered);
  throw Error(fmt::format(
      "{} holds no problem {}; {}", database.path(), task_id,
      known.empty() ? "it holds none at all" : "its task_ids are such as " + known.front()));
}

bool any_counts_only(const std::vector<store::StoredModel>& models) {
  return std::any_of(models.begin(), models.end(),
                     [](const store::StoredModel& model) { return model.counts_only; });
}

/// The suites that accept and those that decide.
static std::vector<std::string> each_once(const Suites& suites) {
  std::vector<std::string> all = suites.proxy;
  for (const std::string& name : suites.gold) {
    if (!contains(all, name)) all.push_back(name);
  }
  return all;
}

/// "base and plus"
static std::string in_words(const Suites& suites) {
  std::vector<std::string> all = each_once(suites);
  const std::string last = all.back();
  all.pop_back();
  return all.empty() ? last : fmt::format("{} and {}", fmt::join(all, ", "), last);
}

/// By which truth the verdicts there are suffice, if proxy and gold together are one.
static std::string without_full(store::Database& database, const store::StoredModel& model,
                                const Suites& suites) {
  const std::vector<std::string> both = each_once(suites);
  if (store::counts(database, model, suites.proxy, both).needs_full > 0) return "";
  return fmt::format(", and --gold {} does without", fmt::join(both, ","));
}

/// A model of which more than this share of what gold has not rejected is undecided has no rates: what
/// is rejected is known early, so that these would be the rates of what happens to be known.
static constexpr double kUndecidedMax = 0.05;

/// What is undecided is a share of these: what gold holds right or has not rejected, or the proxy accepts.
static std::int64_t not_rejected(const stats::ModelCounts& counts) {
  std::int64_t all = counts.undecided;
  for (const stats::Counts& cell : counts.problems) all += cell.accepted() + cell.fn;
  return all;
}

/// Of the suites asked for, those that have not judged every sample.
static std::vector<std::string> not_judging(const Suites& suites,
                                            const stats::ModelCounts& counts) {
  std::vector<std::string> names = each_once(suites);
  std::erase_if(names, [&](const std::string& suite) {
    const auto found = counts.statuses.find(suite);
    return found == counts.statuses.end() || !found->second.contains("not judged");
  });
  return names;
}

/// "`assay run --suite plus` on its samples judges them"
static std::string what_judges(const std::vector<std::string>& suites) {
  return fmt::format("`assay run --suite {}` on its samples judges them",
                     fmt::join(suites, " --suite "));
}

/// "3 of the 9 samples that no suite rejects are not judged by plus"
static std::string undecided_of(const std::vector<std::string>& suites,
                                const stats::ModelCounts& counts) {
  return fmt::format("{} of the {} samples that no suite rejects are not judged by {}",
                     counts.undecided, not_rejected(counts), fmt::join(suites, " and "));
}

/// What is lacking, so that the model's rates are not those of all its samples; empty: nothing.
static std::string unjudged(const std::vector<std::string>& suites,
                            const stats::ModelCounts& counts) {
  const std::int64_t unknown = counts.not_judged - counts.undecided;
  std::string said;
  if (unknown > 0) {
    std::int64_t samples = counts.not_judged;
    for (const stats::Counts& cell : counts.problems) samples += cell.n();
    said = fmt::format(
        "{} of {} samples are not judged by {}; its rates are those of the others, which may be other "
        "than all",
        unknown, samples, fmt::join(suites, " and "));
  }
  if (counts.undecided > 0)
    said += fmt::format("{}{} and are in no rate, which may move fdr by as much",
                        said.empty() ? "" : "; ", undecided_of(suites, counts));
  return said.empty() ? "" : said + ": " + what_judges(suites);
}

static Selected select(store::Database& database, const Selection& selection, bool scores) {
  if (!scores) refuse_scores(selection);
  check_proxy(database, selection);
  check_suite_names(database, selection.gold, "--gold");
  Selected selected;
  selected.selection = selection;
  for (store::StoredModel& model :
       store::stored_models(database, selection.dataset, selection.models)) {
    Suites suites = suites_for(database, model, selection);
    stats::ModelCounts counts = store::counts(database, model, suites.proxy, suites.gold);
    if (counts.not_judged > 0) selected.otherwise += store::judged_otherwise(database, model);
    if (counts.needs_full > 0) {
      selected.left_out.push_back(
          fmt::format("{} on {}: {} samples lack a verdict of {} since another suite rejects them; "
                      "`assay run --full` judges them{}",
                      model.model, model.dataset, counts.needs_full, in_words(suites),
                      without_full(database, model, suites)));
      continue;
    }
    if (counts.problems.empty() && store::scores_only(model)) {
      selected.left_out.push_back(fmt::format(
          "{} on {}: only scores are known of it, no verdicts; --proxy NAME>=x makes some of them",
          model.model, model.dataset));
      continue;
    }
    if (counts.problems.empty()) {
      selected.left_out.push_back(fmt::format(
          "{} on {}: no sample has a verdict of {} ({} that no run has judged so, {} of problems "
          "without such a suite, {} without a score, {} missing for an internal error)",
          model.model, model.dataset, in_words(suites), counts.not_judged,
          counts.not_run - counts.not_judged - store::not_scored(counts), store::not_scored(counts),
          counts.missing));
      continue;
    }
    const std::vector<std::string> unfinished = not_judging(suites, counts);
    if (static_cast<double>(counts.undecided) >
        kUndecidedMax * static_cast<double>(not_rejected(counts))) {
      selected.left_out.push_back(fmt::format(
          "{} on {}: {}, and rates of the rest would be biased, since what is wrong is known first: {}",
          model.model, model.dataset, undecided_of(unfinished, counts), what_judges(unfinished)));
      continue;
    }
    const std::vector<std::string> used = each_once(suites);
    for (std::string& name : store::suites_of(database, model))
      if (!contains(used, name)) selected.unused.insert(std::move(name));
    selected.doubts.push_back(store::doubts(database, model.dataset_id, model.interpreter, used));
    selected.unjudged.push_back(unjudged(unfinished, counts));
    selected.suites.push_back(std::move(suites));
    selected.counts.push_back(std::move(counts));
    selected.models.push_back(std::move(model));
  }
  return selected;
}

std::vector<std::string> unjudged_by_name(const Selected& selected) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < selected.models.size(); ++i)
    if (!selected.unjudged[i].empty())
      out.push_back(fmt::format("{} on {}: {}", selected.models[i].model,
                                selected.models[i].dataset, selected.unjudged[i]));
  return out;
}

Selected select(store::Database& database, const Selection& selection) {
  return select(database, selection, false);
}

Selected select_with_scores(store::Database& database, const Selection& selection) {
  return select(database, selection, true);
}

std::optional<bool> right_if_accepted(const store::JudgedProgram& program, const Suites& suites) {
  if (!program.passes(suites.proxy).value_or(false)) return std::nullopt;
  return program.is_correct(suites.gold);
}

const store::StoredVerdict& caught_by(const store::JudgedProgram& program, const Suites& suites) {
  const store::StoredVerdict* found = nullptr;
  for (const std::string& suite : suites.gold) {
    const store::StoredVerdict* verdict = program.verdict(suite);
    if (!found && verdict && store::rejects(verdict->verdict.status)) found = verdict;
  }
  ASSAY_INVARIANT(found);
  return *found;
}

}  // namespace assay::analysis
