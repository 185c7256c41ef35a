// Programs with the verdict they must get: what this machine's sandbox is asked to prove, by
// `assay doctor` with the cases built in (sandbox/conformance), by the attack corpus with its own.
// Every Python program is to define add(a, b); an honest one returns the sum. One in another language reads
// two numbers a line and writes their sums; what a folder's name says is its language.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/sandbox.h"

namespace assay::sandbox {

struct Case {
  std::string
      name;  ///< "network_tcp", "cpp/network_tcp": what stands before the first _ is its kind
  std::string program;             ///< without the line that says what is expected
  std::set<std::string> expected;  ///< any of these words: "pass", "fail", "timeout"

  /// "python", or the folder that its name begins with.
  std::string language() const;
};

/// Reads "# expect: fail, error" (or "// expect:") and the program below it; {{9 x 500}} there stands for 500 nines,
/// and what stands before the x may be any text.
/// Throws Error naming the case where the first line is no such line.
Case read_case(std::string name, std::string_view text);
/// Those built in, in order of name.
std::vector<Case> conformance_cases();

/// The verdict on `program` by run(): five sums, compared outside. Short limits (a second of CPU,
/// 256 MiB), so that offenders end soon.
std::string judge_by_run(Worker& worker, const std::string& program);
/// ... and by check(): the same five as assertions, in a checker of its own.
std::string judge_by_check(Worker& worker, const std::string& program);
/// ... and by script(): each sum is a run that reads "1 2" and is to write the sum; the first word that is not
/// "pass".
std::string judge_by_script(Worker& worker, const std::string& program);
/// Whether a script that computes the sums still passes.
bool passes_honest_script(Worker& worker);

/// ... and by script(), of a program in another language, which finds answer() defined: it does what is asked.
std::string judge_by_script(Worker& worker, const std::string& language,
                            const std::string& program);

/// What becomes of one case. One in another language than Python is judged one way, told as both.
struct Conformance {
  std::string by_run, by_check;  ///< the verdicts
  bool expected = false;         ///< both are
  bool honest = false;           ///< the honest program that came after each passed
  bool restarted = false;        ///< it broke a jail
};
Conformance try_case(Worker& worker, const Case& one);

}  // namespace assay::sandbox
