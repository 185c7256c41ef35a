// A small benchmark of one's own for tests of judging with a scripted executor: base has two inputs,
// plus three, and the reference answers 1, 2, 3.
#pragma once

#include <string>
#include <vector>

#include "datasets/problem.h"
#include "tests/support/fake_executor.h"

namespace assay::tests {

inline datasets::Suite calls_suite(const std::string& name, int inputs) {
  datasets::DifferentialSuite calls;
  for (int i = 0; i < inputs; ++i)
    calls.inputs.push_back(encode(Value::sequence(Kind::tuple, {Value::of_int(i)})));
  return {name, calls};
}

inline datasets::Problem own_problem(const std::string& task_id = "Own/0") {
  datasets::Problem problem;
  problem.task_id = task_id;
  problem.entry_point = "f";
  problem.reference = "reference";
  problem.suites = {calls_suite("base", 2), calls_suite("plus", 3)};
  return problem;
}

inline std::vector<Answer> right_answers() { return {answer(1), answer(2), answer(3)}; }
inline Play passes() { return plays(right_answers()); }
/// A wrong answer on input `at`, right ones elsewhere.
inline Play wrong_at(std::size_t at) {
  std::vector<Answer> answers = right_answers();
  answers[at] = answer(-7);
  return plays(std::move(answers));
}
/// Right answers to the first `answered` inputs, then this end.
inline Play ends(sandbox::End end, std::size_t answered = 0, std::string message = "") {
  std::vector<Answer> answers = right_answers();
  answers.resize(answered);
  return plays(std::move(answers), end, std::move(message));
}

inline const std::vector<sandbox::End>& all_ends() {
  using sandbox::End;
  static const std::vector<End> ends = {
      End::completed,   End::stopped,        End::assertion, End::raised, End::exited,
      End::timeout_cpu, End::timeout_wall,   End::memory,    End::output, End::crash,
      End::syntax,      End::no_entry_point, End::tampered,  End::missing};
  return ends;
}
/// Ends that a program can bring about while inputs are left.
inline std::vector<sandbox::End> early_ends() {
  std::vector<sandbox::End> ends = all_ends();
  ends.erase(ends.begin(), ends.begin() + 3);
  return ends;
}
inline bool never_called(sandbox::End end) {
  return end == sandbox::End::syntax || end == sandbox::End::no_entry_point ||
         end == sandbox::End::raised;
}

}  // namespace assay::tests
