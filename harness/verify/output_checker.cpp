#include "harness/verify/output_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/numbers.h"
#include "harness/base/text.h"
#include "harness/verify/outcome_text.h"
#include "harness/verify/reference.h"

extern "C" const char assay_check_output_py_begin[], assay_check_output_py_end[];

namespace assay::verify {

/// CPU seconds that a checker gets for one output.
static constexpr double kCheckerS = 10;

/// What the checker's process wrote: its status, a line end, its words.
static Checked read_said(std::string_view written) {
  using Says = Checked::Says;
  const std::size_t end = written.find('\n');
  const auto status = number_in<int>(written.substr(0, end));
  if (!status || end == written.npos) return {Says::nothing, "it does not say its exit status"};
  std::string words = well_formed(written.substr(end + 1));
  words.erase(words.find_last_not_of(" \t\r\n") + 1);
  if (*status == 0) return {Says::right, std::move(words)};
  constexpr int kWrong[] = {1, 2, 4, 7, 8};
  if (std::ranges::find(kWrong, *status) != std::end(kWrong))
    return {Says::wrong, std::move(words)};
  return {Says::nothing, words.empty() ? fmt::format("exit status {}", *status) : words};
}

Checked check_output(sandbox::Executor& executor, const datasets::OutputChecker& checker,
                     std::string_view input, std::string_view output, std::string_view answer) {
  sandbox::ScriptJob job;
  job.language = checker.language;
  job.program.assign(assay_check_output_py_begin, assay_check_output_py_end);
  job.input = fmt::format("{} {} {} {}\n", checker.source.size(), input.size(), output.size(),
                          answer.size());
  job.input.append(checker.source).append(input).append(output).append(answer);
  job.limits = reference_limits(kCheckerS);
  job.checks = true;
  std::string written;
  const sandbox::Outcome outcome = executor.script(job, written);
  if (outcome.end == sandbox::End::completed) return read_said(written);
  return {Checked::Says::nothing, describe(outcome)};
}

}  // namespace assay::verify
