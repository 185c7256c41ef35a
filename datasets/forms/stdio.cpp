// Problems whose programs read standard input and write to standard output: assay's own form for them
// (datasets/README.md), and APPS's as it is found in files of rows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "datasets/forms/form.h"
#include "datasets/languages.h"
#include "harness/base/value/json_value.h"

namespace assay::datasets {

/// One right output, or several.
static std::vector<std::string> outputs_of(const Row& row, const std::string& where,
                                           const Value& value) {
  if (value.kind == Kind::str) return {value.text};
  if (value.kind != Kind::list || value.items.empty())
    row.refuse(where + ": \"output\" is neither a text nor a list of right texts");
  std::vector<std::string> out;
  for (const Value& one : value.items) {
    if (one.kind != Kind::str) row.refuse(where + ": \"output\" holds what is no text");
    out.push_back(one.text);
  }
  return out;
}

/// A suite's tests: a list of {"input": text, "output": text or list of texts}.
static StdioSuite stdio_suite(const Row& row, const std::string& name, const Value& tests,
                              const OutputRule& rule, const OutputChecker& checker = {}) {
  if (tests.kind != Kind::list)
    row.refuse(fmt::format(
        "suite \"{}\" is neither a list of {{\"input\": .., \"output\": ..}} nor an object with \"after\"",
        name));
  StdioSuite suite;
  suite.rule = rule;
  suite.checker = checker;
  for (const Value& test : tests.items) {
    const std::string where = fmt::format("\"{}\", test {}", name, suite.tests.size());
    const Value* input = test.kind == Kind::dict ? member(test, "input") : nullptr;
    const Value* output = test.kind == Kind::dict ? member(test, "output") : nullptr;
    if (!input || input->kind != Kind::str) row.refuse(where + ": \"input\" is no text");
    if (!output && checker.source.empty()) row.refuse(where + ": the key \"output\" is missing");
    // A checker may decide without an answer to compare with.
    suite.tests.push_back(
        {input->text, output ? outputs_of(row, where, *output) : std::vector<std::string>{""}});
  }
  if (suite.tests.empty()) row.refuse(fmt::format("suite \"{}\" has no test", name));
  return suite;
}

/// Tests in the program's own language: {"before": text, "after": text}.
static AppendedSuite appended_suite(const Row& row, const std::string& name, const Value& texts) {
  AppendedSuite suite;
  for (std::size_t i = 0; i < texts.items.size(); i += 2) {
    const std::string& key = texts.items[i].text;
    const Value& text = texts.items[i + 1];
    if (key != "before" && key != "after")
      row.refuse(fmt::format(
          "suite \"{}\": unknown key \"{}\" (tests as text have \"before\" and \"after\")", name,
          key));
    if (text.kind != Kind::str)
      row.refuse(fmt::format("suite \"{}\": \"{}\" is no text", name, key));
    (key == "before" ? suite.before : suite.after) = text.text;
  }
  if (suite.before.empty() && suite.after.empty())
    row.refuse(fmt::format("suite \"{}\" has neither \"before\" nor \"after\"", name));
  return suite;
}

static std::string language_of(const Row& row) {
  const std::string name = row.text_or_empty("language");
  if (name.empty()) return "python";
  const Language* language = language_named(name);
  if (!language)
    row.refuse(fmt::format("\"language\" is \"{}\"; programs can be judged in {}", name,
                           language_names()));
  return language->name;
}

static OutputRule rule_of(const Row& row) {
  OutputRule rule;
  if (const std::string name = row.text_or_empty("compare"); !name.empty()) {
    const auto compare = compare_named(name);
    if (!compare) row.refuse("\"compare\" is none of \"tokens\", \"lines\" and \"exact\"");
    rule.compare = *compare;
  }
  rule.tolerance = row.amount_or("tolerance", 0);
  if (row.has("unordered")) {
    const Value& unordered = row.value("unordered");
    if (unordered.kind != Kind::boolean) row.refuse("\"unordered\" is neither true nor false");
    rule.unordered = unordered.integer != 0;
  }
  if (rule.compare == OutputRule::Compare::exact && (rule.tolerance > 0 || rule.unordered))
    row.refuse("\"compare\": \"exact\" leaves nothing to \"tolerance\" and \"unordered\"");
  return rule;
}

/// "checker": a text, or {"language": .., "source": ..}.
static OutputChecker checker_of(const Row& row) {
  OutputChecker checker;
  if (!row.has("checker")) return checker;
  for (const char* key : {"compare", "tolerance", "unordered"})
    if (row.has(key)) row.refuse(fmt::format("\"checker\" leaves nothing to \"{}\"", key));
  const Value& value = row.value("checker");
  const Value* source = value.kind == Kind::dict ? member(value, "source") : &value;
  const Value* language = value.kind == Kind::dict ? member(value, "language") : nullptr;
  if (!source || source->kind != Kind::str || source->text.empty())
    row.refuse("\"checker\" is neither a program nor {\"language\": .., \"source\": ..}");
  checker.source = source->text;
  if (language) checker.language = language->text;
  if (checker.language != "python")
    row.refuse("\"checker\": a checker is a Python program (\"language\": \"python\") so far");
  return checker;
}

static Problem read_stdio(const Row& row) {
  static const std::set<std::string> known = {"task_id",   "prompt",  "suites",    "language",
                                              "checker",   "compare", "reference", "tolerance",
                                              "unordered", "comment"};
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!known.contains(key))
      row.refuse(
          fmt::format("unknown key \"{}\"; the keys of a problem without \"entry_point\" are {}",
                      key, fmt::join(known, ", ")));
  }
  Problem problem;
  problem.task_id = row.name("task_id");
  problem.prompt = row.text_or_empty("prompt");
  problem.reference = row.text_or_empty("reference");
  problem.official_reference = problem.reference;
  problem.language = language_of(row);
  const OutputRule rule = rule_of(row);
  const OutputChecker checker = checker_of(row);
  const Value& suites = row.value("suites");
  if (suites.kind != Kind::dict || suites.items.empty())
    row.refuse("\"suites\" is not an object of suites by name");
  for (std::size_t i = 0; i < suites.items.size(); i += 2) {
    const std::string& name = suites.items[i].text;
    if (!is_suite_name(name)) row.refuse(fmt::format("\"suites\": {}", no_suite_name(name)));
    if (find_suite(problem, name)) row.refuse(fmt::format("suite \"{}\" is given twice", name));
    const Value& tests = suites.items[i + 1];
    if (tests.kind == Kind::dict) {
      put_suite(problem, {name, appended_suite(row, name, tests)});
    } else {
      put_suite(problem, {name, stdio_suite(row, name, tests, rule, checker)});
    }
  }
  return problem;
}

/// APPS: "public" examples of the text, and "tests" that decide.
static Problem read_apps(const Row& row) {
  Problem problem;
  problem.task_id = row.name("task_id");
  problem.prompt = row.text_or_empty("prompt");
  for (const auto& [key, name] : {std::pair{"public", "public"}, std::pair{"tests", "hidden"}})
    put_suite(problem, {name, stdio_suite(row, key, row.value(key), {})});
  return problem;
}

const Form& stdio_form() {
  static const Form form{"assay's own, of standard input and output", {"suites"}, read_stdio};
  return form;
}

const Form& apps_form() {
  static const Form form{"APPS's", {"difficulty", "public", "tests"}, read_apps};
  return form;
}

}  // namespace assay::datasets
