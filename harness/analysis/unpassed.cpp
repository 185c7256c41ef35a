#include "harness/analysis/unpassed.h"

#include <algorithm>
#include <utility>

#include "harness/store/status.h"

namespace assay::analysis {

static constexpr std::size_t kProgramsMin = 3;  ///< one or two wrong programs are no news

void UnpassedSuites::add(const store::StoredModel& model, const Suites& suites,
                         const store::Tally::Group& group) {
  for (const store::StoredVerdict& stored : group.verdicts) {
    const auto asked = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), stored.suite) != names.end();
    };
    if (!asked(suites.proxy) && !asked(suites.gold)) continue;
    const store::Status status = stored.verdict.status;
    if (status == store::Status::missing) continue;
    Seen& seen = seen_[{model.dataset, group.task_id, stored.suite}];
    if (seen.passed) continue;
    if (status == store::Status::pass) {
      seen = {.passed = true};
      continue;
    }
    for (const store::Tally::Member& member : group.members)
      seen.programs.insert(member.program_id);
    seen.models.insert(model.model);
    seen.samples += group.samples;
    End& end = seen.ends[store::name_of(status)];
    end.samples += group.samples;
    end.examples.push_back({&model, group.problem_id, group.members.front().program_id});
  }
}

/// The first words that there are.
std::string UnpassedSuites::message_of(store::Database& database, const std::string& suite,
                                       const End& end) {
  for (const Example& one : end.examples) {
    std::string message =
        store::shown_program(database, *one.model, one.problem_id, one.program_id, suite)
            .stored.verdict.message;
    if (!message.empty()) return message;
  }
  return "";
}

std::vector<Unpassed> UnpassedSuites::list(store::Database& database) const {
  std::vector<Unpassed> out;
  for (const auto& [key, seen] : seen_) {
    if (seen.passed || seen.programs.size() < kProgramsMin) continue;
    Unpassed one;
    std::tie(one.dataset, one.task_id, one.suite) = key;
    one.programs = static_cast<std::int64_t>(seen.programs.size());
    one.models = static_cast<std::int64_t>(seen.models.size());
    one.samples = seen.samples;
    const End* commonest = nullptr;
    for (const auto& [status, end] : seen.ends) {
      if (end.samples <= one.so) continue;
      one.status = status, one.so = end.samples, commonest = &end;
    }
    if (commonest) one.message = message_of(database, one.suite, *commonest);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace assay::analysis
