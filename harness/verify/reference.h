// A problem's own solution, run by one of its suites: the answers that programs are compared with,
// and what it needs, from which their limits follow.
#pragma once

#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/store/judging.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

/// Where it lies that a reference fails. `ours`: in us, so it says nothing about the reference.
enum class Fault { none, program, entry_point, suite, ours };

struct TriedReference {
  store::ReferenceRun run;  ///< `trouble` says what is wrong; `lane` is empty where that is ours
  Fault fault = Fault::none;
  bool timed_out = false;  ///< it failed by a time limit: by another suite it may take as long
};

/// What keeps a reference that loops or sleeps from holding a run. `call_s`: CPU seconds for one
/// call; ten times that for a whole suite. One that sleeps ends after 20 seconds of that.
sandbox::Limits reference_limits(double call_s = 30);

/// What stands for right by the problem's test texts: the benchmark's own solution, or the reference.
const std::string& reference_of_texts(const datasets::Problem& problem);

/// Runs the reference on a suite of the problem. For test code, finds whether it works through the
/// proxy or only in one process. Decides the least limits of the programs.
TriedReference run_reference(sandbox::Executor& executor, const datasets::Problem& problem,
                             const datasets::Suite& suite, const sandbox::Limits& limits);

/// Adds what one run of a reference as a script cost, and whose fault it is where it did not come to its end.
/// True where that is ours: then `trouble` is said too.
bool add_script(TriedReference& tried, const sandbox::Outcome& outcome, std::size_t output_bytes);

/// Fills in the least limits of the programs, from what the reference was seen to need: four times its
/// CPU, twice its memory and its largest answer.
void decide_limits(store::ReferenceRun& run);

/// The limits that programs are judged under: the user's, raised to the least that the reference
/// asks for, as was decided when it ran.
struct ProgramLimits {
  sandbox::Limits limits;
  std::vector<double> test_cpu_s_max;  ///< per test, by index; test code is one
  std::string raised;                  ///< those above the user's, as JSON; empty: none
};
ProgramLimits limits_of_programs(const store::ReferenceRun& reference,
                                 const sandbox::Limits& limits);

/// A program by the benchmark's own test text, as both references and samples meet it.
sandbox::CheckJob check_job(const std::string& program, const std::string& entry_point,
                            const datasets::CheckerSuite& suite, bool in_process,
                            const sandbox::Limits& limits);

}  // namespace assay::verify
