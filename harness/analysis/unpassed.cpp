#include "harness/analysis/unpassed.h"

#include <algorithm>

#include "harness/store/status.h"

namespace assay::analysis {

static constexpr std::size_t kProgramsMin = 3;  ///< one or two wrong programs are no news

void UnpassedSuites::add(const store::StoredModel& model, const Suites& suites,
                         const store::JudgedProgram& program) {
  for (const store::StoredVerdict& stored : program.verdicts) {
    const auto asked = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), stored.suite) != names.end();
    };
    if (!asked(suites.proxy) && !asked(suites.gold)) continue;
    const store::Status status = stored.verdict.status;
    if (status == store::Status::missing) continue;
    Seen& seen = seen_[{model.dataset, program.task_id, stored.suite}];
    seen.passed |= status == store::Status::pass;
    seen.programs.insert(program.program_id);
    seen.models.insert(model.model);
    seen.samples += program.samples;
    auto& [samples, message] = seen.ends[store::name_of(status)];
    samples += program.samples;
    if (message.empty()) message = stored.verdict.message;
  }
}

std::vector<Unpassed> UnpassedSuites::list() const {
  std::vector<Unpassed> out;
  for (const auto& [key, seen] : seen_) {
    if (seen.passed || seen.programs.size() < kProgramsMin) continue;
    Unpassed one;
    std::tie(one.dataset, one.task_id, one.suite) = key;
    one.programs = static_cast<std::int64_t>(seen.programs.size());
    one.models = static_cast<std::int64_t>(seen.models.size());
    one.samples = seen.samples;
    for (const auto& [status, end] : seen.ends) {
      if (end.first <= one.so) continue;
      one.status = status, one.so = end.first, one.message = end.second;
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace assay::analysis
