#include "harness/analysis/subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/store/tally.h"

namespace assay::analysis {
namespace {

using simulator::Subject;
using simulator::Trial;
using simulator::Urn;

// A sample that a time limit or a crash ended before every test counts the rest as failed, but only
// so many scores may rest on that.
constexpr double kIncompleteMax = 0.01;

/// The share of the suites' tests that a program passed.
struct Score {
  double share = 0;
  bool complete = true;  ///< every test was judged
};

Score score_of(const store::JudgedProgram& program, const std::vector<std::string>& suites) {
  std::int64_t passed = 0, tests = 0;
  Score out;
  for (const std::string& suite : suites) {
    const store::StoredVerdict* stored = program.verdict(suite);
    if (!stored) {  // another suite has rejected the program, so this one was not asked
      out.complete = false;
      continue;
    }
    const bool pass = stored->verdict.status == store::Status::pass;
    tests += stored->tests;
    passed += pass ? stored->tests : std::min(stored->verdict.passed, stored->tests);
    out.complete &= pass || stored->verdict.judged >= stored->tests;
  }
  out.share = tests > 0 ? static_cast<double>(passed) / static_cast<double>(tests) : 0;
  return out;
}

}  // namespace

std::string behaviour_of(store::Database& database, const store::JudgedProgram& program,
                         const std::vector<std::string>& suites) {
  std::string out;
  for (const std::string& suite : suites) {
    const store::StoredVerdict* stored = program.verdict(suite);
    if (!stored) continue;  // another suite has rejected the program, so this one was not asked
    const store::Verdict& verdict = stored->verdict;
    if (verdict.status == store::Status::pass) continue;
    out += fmt::format("{} {}", suite, name_of(verdict.status));
    for (const std::uint32_t test : store::unpack_failing(database, stored->failing_stored))
      out += fmt::format(" {}", test);
    if (verdict.witness)
      out += fmt::format("\n{} {}", verdict.witness->test, verdict.witness->actual);
    out += "\n";
  }
  return out;
}

namespace {

/// Numbers for behaviours, in the order in which they come.
class Numbers {
 public:
  std::int64_t of(const std::string& behaviour) {
    return known_.try_emplace(behaviour, static_cast<std::int64_t>(known_.size())).first->second;
  }

 private:
  std::map<std::string, std::int64_t> known_;
};

void add_programs(store::Database& database, const store::StoredModel& model,
                  const stats::ModelCounts& counts, Agreement agreement, Subject& out) {
  const std::vector<std::string> proxy = split(counts.proxy, ','), gold = split(counts.gold, ',');
  std::map<std::string, Urn> urns;
  std::map<std::string, Numbers> numbers;
  std::int64_t samples = 0, incomplete = 0;
  const auto add = [&](const store::Tally::Group& group) {
    const std::optional<bool> accepted = group.passes(proxy);
    const std::optional<bool> correct = group.is_correct(gold);
    if (!accepted || !correct) return;
    const Score score = score_of(group, proxy);
    Trial trial{*accepted, *correct, *accepted ? 1 : score.share, 0};
    samples += group.samples;
    if (!score.complete) incomplete += group.samples;
    std::vector<Trial>& all = urns[group.task_id].samples;
    const auto put = [&](const std::string& behaviour, std::int64_t copies) {
      if (*accepted) trial.behaviour = numbers[group.task_id].of(behaviour);
      all.insert(all.end(), static_cast<std::size_t>(copies), trial);
    };
    if (agreement == Agreement::tests)
      return put(*accepted ? behaviour_of(database, group, gold) : "", group.samples);
    for (const store::Tally::Member& member : group.members)
      put(std::to_string(member.program_id), member.samples);
  };
  store::for_each_tally(
      database, model,
      [&](const std::string&, const store::Tally& tally) {
        for (const store::Tally::Group& group : tally.groups) add(group);
      },
      agreement == Agreement::tests ? store::Members::left_out : store::Members::wanted);
  for (auto& [task_id, urn] : urns) {
    urn.task_id = task_id;
    out.urns.push_back(std::move(urn));
  }
  if (static_cast<double>(incomplete) <= kIncompleteMax * static_cast<double>(samples)) return;
  for (Urn& urn : out.urns)
    for (Trial& trial : urn.samples) trial.score = trial.accepted;
  out.notes.push_back(fmt::format(
      "best-of knows of a sample only whether it was accepted: {} of {} samples were not judged by "
      "every test of {}; `assay run --full` on the same samples does so",
      incomplete, samples, counts.proxy));
}

}  // namespace

Subject subject_of(store::Database& database, const store::StoredModel& model,
                   const stats::ModelCounts& counts, const SubjectOptions& options) {
  Subject out{counts.dataset, counts.model, counts.proxy, counts.gold};
  if (!model.counts_only) {
    add_programs(database, model, counts, options.agreement, out);
  } else {
    for (std::size_t i = 0; i < counts.problems.size(); ++i)
      out.urns.push_back(
          simulator::urn_of(counts.task_ids[i], counts.problems[i], options.wrong_ways));
    out.notes.push_back(fmt::format(
        "imported counts carry no programs: best-of knows only whether a sample was accepted, and "
        "in majority wrong programs are taken to behave in {} way(s)",
        options.wrong_ways));
  }
  for (const Urn& urn : out.urns) out.task_ids.push_back(urn.task_id);
  return out;
}

}  // namespace assay::analysis
