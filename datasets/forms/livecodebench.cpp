// LiveCodeBench's problems as its hub has them (code_generation and code_generation_lite).
#include <fmt/format.h>

#include "datasets/forms/answered.h"
#include "datasets/forms/form.h"
#include "datasets/forms/packed_text.h"
#include "harness/base/value/json_value.h"

namespace assay::datasets {

/// The tests under `key`: JSON in a text, which may be packed.
static Value tests_under(const Row& row, const std::string& key) {
  Value value = row.value(key);
  if (value.kind == Kind::str && !value.text.empty() && value.text.front() != '[') {
    try {
      value.text = packed_text(value.text);
    } catch (const Error& error) {
      row.refuse(fmt::format("\"{}\": {}", key, error.what()));
    }
  }
  value = json_in(row, fmt::format("\"{}\"", key), value);
  if (value.kind != Kind::list) row.refuse(fmt::format("\"{}\" is no list of tests", key));
  return value;
}

static const Value& part(const Row& row, const std::string& where, const Value& test,
                         const char* key) {
  const Value* found = test.kind == Kind::dict ? member(test, key) : nullptr;
  if (!found || found->kind != Kind::str)
    row.refuse(fmt::format("{}: \"{}\" is no text", where, key));
  return *found;
}

/// The function that is called; empty where programs are scripts.
static std::string function_of(const Row& row) {
  if (!row.has("metadata")) return "";
  const Value metadata = json_in(row, "\"metadata\"", row.value("metadata"));
  const Value* name = metadata.kind == Kind::dict ? member(metadata, "func_name") : nullptr;
  return name ? name->text : "";
}

static void put_tests(const Row& row, const std::string& key, const std::string& name,
                      Problem& problem) {
  DifferentialSuite calls;
  StdioSuite scripts;
  const Value tests = tests_under(row, key);
  for (std::size_t i = 0; i < tests.items.size(); ++i) {
    const Value& test = tests.items[i];
    const std::string where = fmt::format("\"{}\", test {}", key, i);
    const Value& input = part(row, where, test, "input");
    const Value& output = part(row, where, test, "output");
    const std::string& type = part(row, where, test, "testtype").text;
    if (type != "stdin" && type != "functional")
      row.refuse(where + ": \"testtype\" is neither \"stdin\" nor \"functional\"");
    const bool called = type == "functional";
    if (called != !problem.entry_point.empty())
      row.refuse(
          fmt::format("{}: \"testtype\" is \"{}\", where \"metadata\" names {} \"func_name\"",
                      where, type, called ? "no" : "a"));
    if (called) {
      add_call(row, where, input, output, calls);
    } else {
      scripts.tests.push_back(script_test(row, where, input, output));
    }
  }
  if (!calls.inputs.empty()) put_suite(problem, {name, std::move(calls)});
  if (!scripts.tests.empty()) put_suite(problem, {name, std::move(scripts)});
}

static Problem read_livecodebench(const Row& row) {
  Problem problem;
  problem.task_id = row.name("question_id");
  problem.prompt = row.text_or_empty("question_content");
  const std::string starter = row.text_or_empty("starter_code");
  if (const std::string name = function_of(row); !name.empty())
    expect_calls(row, "\"metadata\": \"func_name\"", name, starter, Rule::as_json, problem);
  put_tests(row, "public_test_cases", "public", problem);
  put_tests(row, "private_test_cases", "hidden", problem);
  if (problem.suites.empty())
    row.refuse("neither \"public_test_cases\" nor \"private_test_cases\" holds a test");
  return problem;
}

const Form& livecodebench_form() {
  static const Form form{"LiveCodeBench's",
                         {"question_id", "public_test_cases", "private_test_cases"},
                         read_livecodebench};
  return form;
}

}  // namespace assay::datasets
