#include "harness/analysis/only_slow.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/disputed.h"
#include "harness/base/error.h"
#include "harness/store/slow.h"

namespace assay::analysis {

using store::Status;

namespace {
enum class Outcome { otherwise, unmeasured, slow, right };

/// Of a wrong pass.
Outcome outcome_of(const store::JudgedProgram& program, const Suites& suites,
                   const store::SlowVerdicts& known) {
  Outcome found = Outcome::right;
  for (const std::string& suite : suites.gold) {
    const store::StoredVerdict* stored = program.verdict(suite);
    const auto status = stored ? std::optional(stored->verdict.status) : std::nullopt;
    if (status == Status::pass) continue;
    if (status && status != Status::timeout) return Outcome::otherwise;
    if (found == Outcome::slow) continue;  // what comes after was not judged
    const auto at = known.find({program.problem_id, program.program_id, suite});
    if (at == known.end()) {
      found = Outcome::unmeasured;
    } else if (at->second != Status::pass) {
      found = Outcome::slow;
    }
  }
  return found;
}
}  // namespace

std::vector<OnlySlow> only_slow(store::Database& database, const Selected& selected) {
  std::vector<OnlySlow> out;
  for (std::size_t i = 0; i < selected.models.size(); ++i) {
    OnlySlow& one = out.emplace_back();
    const store::SlowVerdicts known =
        store::slow_verdicts(database, selected.models[i].condition_id);
    store::for_each_program(
        database, selected.models[i], {}, [&](const store::JudgedProgram& program) {
          if (right_if_accepted(program, selected.suites[i]) != std::optional(false)) return;
          const Outcome outcome = outcome_of(program, selected.suites[i], known);
          if (outcome == Outcome::otherwise) return;
          one.by_time += program.samples;
          if (outcome != Outcome::unmeasured) one.measured += program.samples;
          if (outcome != Outcome::right) return;
          one.right += program.samples;
          one.right_of[program.task_id] += program.samples;
        });
  }
  return out;
}

/// Moves them from the wrong passes to the right ones.
static void count_right(stats::ModelCounts& counts, const OnlySlow& slow) {
  for (const auto& [task_id, samples] : slow.right_of) {
    const auto at = std::lower_bound(counts.task_ids.begin(), counts.task_ids.end(), task_id);
    ASSAY_INVARIANT(at != counts.task_ids.end() && *at == task_id);
    stats::Counts& cell = counts.problems[static_cast<std::size_t>(at - counts.task_ids.begin())];
    cell.fp -= samples;
    cell.fp_timeout -= samples;
    cell.tp += samples;
  }
}

Selected slow_right(Selected selected, const std::vector<OnlySlow>& slow) {
  ASSAY_INVARIANT(slow.size() == selected.models.size());
  for (std::size_t i = selected.models.size(); i-- > 0;) {
    if (slow[i].measured == slow[i].by_time) {
      count_right(selected.counts[i], slow[i]);
      continue;
    }
    leave_out(selected, i,
              fmt::format("{} of {} wrong passes by time were not judged with more of it "
                          "(assay run --only-slow)",
                          slow[i].by_time - slow[i].measured, slow[i].by_time));
  }
  return selected;
}

}  // namespace assay::analysis
