#include <fmt/format.h>

#include "datasets/forms/form.h"
#include "datasets/python_text.h"

namespace assay::datasets {

/// Line ends as Python sees them; MBPP's code has CRLF.
static std::string with_plain_line_ends(std::string text) {
  std::erase(text, '\r');
  return text;
}

/// The strings under `key`, a line each.
static std::string joined(const Row& row, const std::string& key) {
  std::string text;
  const Value& lines = row.value(key);
  if (lines.kind != Kind::list) row.refuse(fmt::format("\"{}\" is not an array of strings", key));
  for (const Value& line : lines.items) {
    if (line.kind != Kind::str) row.refuse(fmt::format("\"{}\" is not an array of strings", key));
    text += line.text;
    text += '\n';
  }
  return with_plain_line_ends(text);
}

static CheckerSuite official_suite(const Row& row, const std::string& reference,
                                   const std::string& tests) {
  CheckerSuite suite;
  suite.setup = reference;
  if (row.has("test_setup_code")) {
    suite.setup += with_plain_line_ends(row.text("test_setup_code")) + "\n";
  }
  if (row.has("test_imports")) suite.checker = joined(row, "test_imports");
  suite.checker += tests;
  return suite;
}

/// Both editions; they differ in the key of the text.
static Problem read_edition(const Row& row, const char* text_key) {
  Problem problem;
  const Value& number = row.value("task_id");
  if (number.kind != Kind::integer) row.refuse("\"task_id\" is not a number");
  problem.task_id = fmt::format("Mbpp/{}", number.integer);
  problem.reference = with_plain_line_ends(row.text("code")) + "\n";
  problem.official_reference = problem.reference;
  const std::string tests = joined(row, "test_list");
  problem.entry_point = entry_point_of(problem.reference, tests);
  if (problem.entry_point.empty())
    row.refuse("\"code\" defines no function that \"test_list\" calls");
  // The prompt of MBPP+, whose style EvalPlus and its samples use: the text and the first test.
  problem.prompt = fmt::format("\"\"\"\n{}\n{}\n\"\"\"\n", row.text(text_key),
                               tests.substr(0, tests.find('\n')));
  put_suite(problem, {"official", official_suite(row, problem.reference, tests)});
  return problem;
}

static Problem read_full(const Row& row) { return read_edition(row, "text"); }
static Problem read_sanitized(const Row& row) { return read_edition(row, "prompt"); }

static Problem read_mbpp_plus(const Row& row) {
  Problem problem;
  problem.task_id = row.name("task_id");
  problem.prompt = row.text("prompt");
  problem.entry_point = row.name("entry_point");
  problem.reference = problem.prompt + row.text("canonical_solution");
  add_plus(row, problem);
  return problem;
}

const Form& mbpp_form() {
  static const Form form{"MBPP", {"text", "code", "test_list", "test_setup_code"}, read_full};
  return form;
}

const Form& mbpp_sanitized_form() {
  static const Form form{
      "sanitized MBPP", {"prompt", "code", "test_list", "test_imports"}, read_sanitized};
  return form;
}

const Form& mbpp_plus_form() {
  static const Form form{
      "MBPP+", {"canonical_solution", "base_input", "plus_input", "assertion"}, read_mbpp_plus};
  return form;
}

}  // namespace assay::datasets
