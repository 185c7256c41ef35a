// The one exception type for what the operator, the machine or the input did wrong. A program under
// test failing is data (sandbox::Outcome), never an exception. Caught once, in main.
#pragma once

#include <stdexcept>
#include <string>

namespace assay {

/// Exit codes of the program (docs: `assay --help`).
enum class ExitCode {
  done = 0,
  failed = 1,
  usage = 2,
  incomplete = 3,
  unmet = 4,
  interrupted = 130
};

/// One clear sentence for the user: what is wrong, where (file, line, key), and what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence, ExitCode code = ExitCode::failed)
      : std::runtime_error(sentence), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A broken invariant of ours: prints where and aborts, in every build.
[[noreturn]] void invariant_broken(const char* condition, const char* file, int line);

}  // namespace assay

/// Stays on in release builds: a wrong number is worse than a stop.
#define ASSAY_INVARIANT(condition) \
  ((condition) ? static_cast<void>(0) : ::assay::invariant_broken(#condition, __FILE__, __LINE__))
