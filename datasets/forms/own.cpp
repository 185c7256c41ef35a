// assay's own form, key by key: datasets/README.md.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/forms/form.h"
#include "datasets/test_text.h"

namespace assay::datasets {

/// Each is looked up by its name among the others.
static constexpr std::size_t kSuitesMax = 100;

static void refuse_unknown_keys(const Row& row) {
  static const std::set<std::string> known = {
      "task_id",    "prompt", "entry_point", "reference", "official_reference",
      "base",       "plus",   "setup",       "tests",     "suites",
      "comparison", "atol",   "comment"};
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!known.contains(key)) row.refuse(fmt::format("unknown key \"{}\"", key));
  }
}

/// Names that need no quoting in `--proxy a,b`, `--gold a|b` or `NAME>=x`.
static bool is_suite_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 64 && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

/// A test text with the calls that people leave to a framework.
static std::string runnable(std::string tests) {
  return with_test_calls(with_call(std::move(tests)));
}

/// "suites": {name: a list of argument lists, or a test text}.
static void add_named_suites(const Row& row, Problem& problem) {
  const Value& suites = row.value("suites");
  if (suites.kind != Kind::dict) row.refuse("\"suites\" is not an object of suites by name");
  if (suites.items.size() / 2 > kSuitesMax) {
    row.refuse(fmt::format("\"suites\" has more than {} suites", kSuitesMax));
  }
  for (std::size_t i = 0; i < suites.items.size(); i += 2) {
    const std::string& name = suites.items[i].text;
    if (!is_suite_name(name)) {
      row.refuse(fmt::format(
          "\"suites\": \"{}\" is no name for a suite: up to 64 letters, digits, '_', '-' and '.' "
          "make one, a letter first",
          name.substr(0, 64)));
    }
    if (find_suite(problem, name)) row.refuse(fmt::format("suite \"{}\" is given twice", name));
    const Value& tests = suites.items[i + 1];
    if (tests.kind == Kind::str) {
      put_suite(problem, {name, CheckerSuite{problem.official_reference, runnable(tests.text)}});
    } else {
      put_suite(problem, {name, suite_of(row, "suites", tests, "")});
    }
  }
}

static void add_suites(const Row& row, Problem& problem) {
  for (const char* name : {"base", "plus"}) {
    if (row.has(name)) put_suite(problem, {name, suite_of(row, name, row.value(name), "")});
  }
  if (row.has("tests")) {
    std::string setup = row.text_or_empty("setup");
    if (setup.empty()) setup = problem.official_reference;
    put_suite(problem, {"official", CheckerSuite{std::move(setup), runnable(row.text("tests"))}});
  }
  if (row.has("suites")) add_named_suites(row, problem);
  if (problem.suites.empty()) {
    row.refuse("the problem has no suite (\"base\", \"plus\", \"tests\" or \"suites\")");
  }
}

static Problem read_own(const Row& row) {
  refuse_unknown_keys(row);
  Problem problem;
  problem.task_id = row.name("task_id");
  problem.prompt = row.text_or_empty("prompt");
  problem.entry_point = row.name("entry_point");
  problem.reference = row.text("reference");
  problem.official_reference = row.text_or_empty("official_reference");
  if (problem.official_reference.empty()) problem.official_reference = problem.reference;
  problem.atol = row.amount_or("atol", 0);
  if (const std::string name = row.text_or_empty("comparison"); !name.empty()) {
    const auto rule = rule_named(name);
    if (!rule) row.refuse(fmt::format("unknown \"comparison\" \"{}\"", name));
    problem.rule = *rule;
  }
  add_suites(row, problem);
  return problem;
}

const Form& own_form() {
  static const Form form{"assay's own", {"entry_point", "reference"}, read_own};
  return form;
}

}  // namespace assay::datasets
