// HumanEval in other languages: HumanEval-X's rows and MultiPL-E's. Their tests are text that stands behind a
// program, in one process with it. Python's tests name the function that they call, so that there the two
// can be parted, as HumanEval's own are.
#include <fmt/format.h>

#include "datasets/forms/form.h"
#include "datasets/languages.h"

namespace assay::datasets {

/// "f" of the last `check(f)`; empty where there is none.
static std::string checked_name(std::string_view tests) {
  static constexpr std::string_view kCall = "check(";
  for (std::size_t at = tests.rfind(kCall); at != tests.npos; at = tests.rfind(kCall, at - 1)) {
    const std::size_t begin = at + kCall.size(), end = tests.find(')', begin);
    const bool is_call = at == 0 || tests[at - 1] == '\n' || tests[at - 1] == ' ';
    const std::string_view name = tests.substr(begin, end == tests.npos ? 0 : end - begin);
    if (is_call && !name.empty() && name != "candidate") return std::string(name);
    if (at == 0) break;
  }
  return "";
}

/// A test text of Python, which runs beside the program; `setup` is executed before it.
static CheckerSuite python_suite(const Row& row, const std::string& key, const std::string& tests,
                                 std::string setup, Problem& problem) {
  const std::string name = checked_name(tests);
  if (name.empty())
    row.refuse(fmt::format("\"{}\" does not call check() with the function to test", key));
  problem.entry_point = name;
  return {std::move(setup), tests};
}

// ---- MultiPL-E

static Problem read_multipl_e(const Row& row) {
  Problem problem;
  problem.task_id = row.has("task_id") ? row.name("task_id") : row.name("name");
  problem.prompt = row.text("prompt");
  const Language* language = language_named(row.text("language"));
  if (!language)
    row.refuse(fmt::format("\"language\" is \"{}\"; programs can be judged in {}",
                           row.text("language"), language_names()));
  problem.language = language->name;
  std::string tests = row.text("tests");
  if (problem.language == "python") {
    // A prompt that ends behind the function's head, without a docstring, is no program by itself.
    const std::size_t last = problem.prompt.find_last_not_of(" \t\r\n");
    const bool bare = last != problem.prompt.npos && problem.prompt[last] == ':';
    put_suite(problem,
              {"official", python_suite(row, "tests", tests,
                                        problem.prompt + (bare ? "\n    pass\n" : ""), problem)});
  } else {
    put_suite(problem, {"official", AppendedSuite{"", std::move(tests), false}});
  }
  return problem;
}

const Form& multipl_e_form() {
  static const Form form{
      "MultiPL-E", {"name", "language", "prompt", "tests", "stop_tokens"}, read_multipl_e};
  return form;
}

// ---- HumanEval-X

/// What its own harness puts in front of programs, on one line so that theirs keep their numbers.
static std::string front_of(const Row& row, const std::string& language) {
  if (language == "go") return row.text("test_setup") + "\n";
  if (language == "cpp") {
    // Its harness adds the headers that a program does not include.
    return "#include <stdlib.h>\n#include <algorithm>\n#include <math.h>\n#include <stdio.h>\n"
           "#include <vector>\n#include <string>\n#include <climits>\n#include <cstring>\n"
           "#include <iostream>\n#line 1\n";
  }
  // console.assert writes a line and goes on, so that a program would end well whatever it answers. Its
  // harness takes anything on standard error for a failure; here the first assertion that fails ends it.
  if (language == "javascript")
    return "console.assert = (holds, ...what) => { if (!holds) throw new "
           "(require('assert').AssertionError)({message: what.join(' ') || 'console.assert'}) }; ";
  return "";
}

static Problem read_humaneval_x(const Row& row) {
  Problem problem;
  problem.task_id = row.name("task_id");
  const std::string prefix = problem.task_id.substr(0, problem.task_id.find('/'));
  const Language* language = prefix == "CPP" ? language_named("cpp") : language_named(prefix);
  if (!language)
    row.refuse(fmt::format("\"task_id\" begins with \"{}\"; programs can be judged in {}", prefix,
                           language_names()));
  problem.language = language->name;
  const std::string declaration = row.text("declaration");
  // Rust's prompts are a comment alone; HumanEvalPack's begin the function, as they do in other languages.
  const bool open =
      problem.language == "rust" && row.text("prompt").find("fn ") == std::string::npos;
  problem.prompt = row.text("prompt") + (open ? declaration : "");
  problem.reference = problem.prompt + row.text("canonical_solution");
  problem.official_reference = problem.reference;
  const std::string front = front_of(row, problem.language);
  for (const auto& [key, name] :
       {std::pair{"example_test", "example"}, std::pair{"test", "test"}}) {
    std::string tests = row.text_or_empty(key);
    // Rust's rows say "None" where they have none.
    if (tests == "None" || tests.find_first_not_of(" \t\r\n") == tests.npos) continue;
    if (problem.language == "python") {
      put_suite(problem, {name, python_suite(row, key, tests, problem.reference, problem)});
    } else {
      put_suite(problem, {name, AppendedSuite{front, std::move(tests), problem.language == "go"}});
    }
  }
  if (problem.suites.empty()) row.refuse("neither \"test\" nor \"example_test\" holds a test");
  return problem;
}

const Form& humaneval_x_form() {
  static const Form form{"HumanEval-X",
                         {"task_id", "prompt", "declaration", "canonical_solution", "test"},
                         read_humaneval_x};
  return form;
}

}  // namespace assay::datasets
