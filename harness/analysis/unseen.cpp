#include "harness/analysis/unseen.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/pooled.h"
#include "harness/stats/rates.h"

namespace assay::analysis {

namespace {

// Only so many wrong samples may lack the results of single tests.
constexpr double kUnknownMax = 0.05;

bool is_beyond(const std::string& suite, const Suites& suites) {
  return std::find(suites.proxy.begin(), suites.proxy.end(), suite) == suites.proxy.end();
}

/// How many tests of gold catch the program. Nothing where that was not looked at to the end.
std::optional<stats::Caught> caught(const store::Database& database, const Suites& suites,
                                    const store::JudgedProgram& program) {
  stats::Caught out{program.samples, 0, 0};
  for (const std::string& suite : suites.gold) {
    if (!is_beyond(suite, suites)) continue;
    const store::StoredVerdict* stored = program.verdict(suite);
    if (!stored) return std::nullopt;
    const store::Verdict& verdict = stored->verdict;
    out.tests += static_cast<std::uint32_t>(stored->tests);
    if (!store::rejects(verdict.status)) continue;
    const auto failing = store::unpack_failing(database, stored->failing_stored);
    const std::int64_t open = stored->tests - verdict.judged;
    // A program that ended its process again and again is taken to fail what is left.
    if (open > 0 && verdict.scope != "full") return std::nullopt;
    out.by += static_cast<std::uint32_t>(
        open + (failing.empty() ? verdict.judged : static_cast<std::int64_t>(failing.size())));
  }
  return out.by > 0 && out.tests > 1 ? std::optional(out) : std::nullopt;
}

bool is_imported(const store::StoredModel& model) {
  return model.counts_only || model.comparison == "imported";
}

UnseenRow row_of(const Catches& catches, const std::string& dataset, const std::string& model,
                 const std::vector<stats::ModelCounts>& models,
                 const stats::BootstrapOptions& bootstrap) {
  const stats::ModelCounts& counts = models.front();
  UnseenRow row{dataset, model, counts.proxy, counts.gold, std::nullopt, "", ""};
  if (stats::fp_impossible(counts)) {
    row.missing =
        fmt::format("{} has no test beyond those of {}, which accept", counts.gold, counts.proxy);
  } else if (static_cast<double>(catches.unknown) >
             kUnknownMax * static_cast<double>(catches.wrong)) {
    row.missing = fmt::format(
        "of {} of {} wrong samples it is not known how many tests of {} catch them: `assay run "
        "--full` on the same samples tries every test, but test code counts as one",
        catches.unknown, catches.wrong, counts.gold);
  } else {
    row.unseen = stats::unseen(catches.problems(), {}, bootstrap, dataset);
    // That of `rates`, with what is left out here for want of knowing how many tests catch it.
    row.unseen->fdr = pooled_rows(models, bootstrap).front().fdr;
    if (row.unseen->problems < stats::kProblemsWithCatchesMin)
      row.note = fmt::format("wrong programs were accepted for {} problems only: too few to say",
                             row.unseen->problems);
    else if (!row.unseen->bounded)
      row.note =
          "these catches set no upper limit: the upper estimate is all that gold holds right";
    if (catches.unknown > 0)
      row.note += fmt::format(
          "{}{} wrong samples are left out: it is not known how many tests "
          "catch them",
          row.note.empty() ? "" : "; ", catches.unknown);
  }
  return row;
}

}  // namespace

void Catches::add(const store::Database& database, const Suites& suites,
                  const store::JudgedProgram& program) {
  const std::optional<bool> right = right_if_accepted(program, suites);
  if (!right) return;
  Problem& problem = problems_[program.task_id];
  const std::optional<stats::Caught> found =
      *right ? std::nullopt : caught(database, suites, program);
  wrong += *right ? 0 : program.samples;
  if (!*right && !found) {  // left out of both sides of the rate
    unknown += program.samples;
    return;
  }
  problem.accepted += program.samples;
  if (*right) return;
  const auto [at, is_new] = problem.wrong.try_emplace(program.program_id, *found);
  if (!is_new) at->second.samples += program.samples;
}

std::vector<stats::ProblemCatches> Catches::problems() const {
  std::vector<stats::ProblemCatches> out;
  for (const auto& [task_id, problem] : problems_) {
    stats::ProblemCatches& one = out.emplace_back();
    one.accepted = problem.accepted;
    for (const auto& [id, program] : problem.wrong) one.wrong.push_back(program);
  }
  return out;
}

std::vector<UnseenRow> unseen(store::Database& database, const Selected& selected,
                              const stats::BootstrapOptions& bootstrap) {
  std::vector<UnseenRow> out;
  Catches together;
  std::vector<stats::ModelCounts>
      alike;  // models in `together`: of one dataset, by the same suites
  for (std::size_t i = 0; i < selected.models.size(); ++i) {
    const store::StoredModel& model = selected.models[i];
    const stats::ModelCounts& counts = selected.counts[i];
    if (is_imported(model)) {
      out.push_back({model.dataset, model.model, counts.proxy, counts.gold, std::nullopt,
                     "what is imported carries no result of a single test", ""});
    } else {
      Catches catches;
      store::for_each_program(database, model, {.failing = true},
                              [&](const store::JudgedProgram& program) {
                                catches.add(database, selected.suites[i], program);
                                together.add(database, selected.suites[i], program);
                              });
      out.push_back(row_of(catches, model.dataset, model.model, {counts}, bootstrap));
      alike.push_back(counts);
    }
    const bool goes_on =
        i + 1 < selected.models.size() && selected.models[i + 1].dataset == model.dataset &&
        selected.counts[i + 1].proxy == counts.proxy && selected.counts[i + 1].gold == counts.gold;
    if (goes_on) continue;
    if (alike.size() > 1) out.push_back(row_of(together, model.dataset, "", alike, bootstrap));
    together = {};
    alike.clear();
  }
  return out;
}

}  // namespace assay::analysis
