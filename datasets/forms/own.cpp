// assay's own form, key by key: datasets/README.md.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "datasets/forms/form.h"
#include "datasets/test_text.h"
#include "harness/base/value/json_value.h"
#include "harness/base/value/names.h"
#include "harness/base/words.h"

namespace assay::datasets {

/// Each is looked up by its name among the others.
static constexpr std::size_t kSuitesMax = 100;

static void refuse_unknown_keys(const Row& row) {
  static const std::set<std::string> known = {
      "task_id", "prompt",  "entry_point", "reference", "official_reference",
      "base",    "plus",    "setup",       "tests",     "suites",
      "atol",    "comment", "comparison",  "compared",  "operations",
      "contract"};
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!known.contains(key))
      row.refuse(fmt::format("unknown key \"{}\"; the keys are {}", key, fmt::join(known, ", ")));
  }
}

bool is_suite_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 64 && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

std::string no_suite_name(std::string_view name) {
  return fmt::format(
      "\"{}\" is no name for a suite: up to 64 letters, digits, '_', '-' and '.' make one, a letter "
      "first",
      name.substr(0, 64));
}

// ---- calls

/// A call is a list of arguments, or an object of such a list and the name of what it raises. Takes
/// the list out of the object.
static std::string take_raises(const Row& row, const std::string& where, Value& call) {
  if (call.kind != Kind::dict) return "";
  for (std::size_t i = 0; i < call.items.size(); i += 2) {
    const std::string& key = call.items[i].text;
    if (key != "args" && key != "raises")
      row.refuse(
          fmt::format("{}: unknown key \"{}\" (a call has \"args\" and \"raises\")", where, key));
  }
  const Value* arguments = member(call, "args");
  const Value* type = member(call, "raises");
  if (!arguments) row.refuse(where + ": the key \"args\" is missing");
  std::string name;
  if (type) {
    if (type->kind != Kind::str || !is_type_name(type->text.data(), type->text.size()))
      row.refuse(where + ": \"raises\" is not the name of an exception");
    name = type->text;
  }
  call = Value(*arguments);
  return name;
}

/// Suite `name`, its calls standing under `key`.
static DifferentialSuite calls_of(const Row& row, const std::string& key, const std::string& name,
                                  Value calls) {
  std::vector<std::string> raises;
  if (calls.kind == Kind::list) {
    for (Value& call : calls.items) {
      const std::string where = fmt::format("\"{}\", input {}", name, raises.size());
      raises.push_back(take_raises(row, where, call));
    }
  }
  DifferentialSuite suite = suite_of(row, key, calls, "");
  const auto names = [](const std::string& type) { return !type.empty(); };
  if (std::any_of(raises.begin(), raises.end(), names)) suite.raises = std::move(raises);
  return suite;
}

static bool is_list_of(const Value& value, Kind kind) {
  return value.kind == Kind::list &&
         std::all_of(value.items.begin(), value.items.end(),
                     [&](const Value& item) { return item.kind == kind; });
}

/// An input of operations: ["Stack", "push", "pop"], [[], [1], []].
static void check_operations(const Row& row, const Problem& problem) {
  for (const Suite& suite : problem.suites) {
    const auto* calls = std::get_if<DifferentialSuite>(&suite.tests);
    for (std::size_t i = 0; calls && i < calls->inputs.size(); ++i) {
      Value input;
      decode_whole(calls->inputs[i], input);
      const bool good = input.items.size() == 2 && is_list_of(input.items[0], Kind::str) &&
                        is_list_of(input.items[1], Kind::list) && !input.items[0].items.empty() &&
                        input.items[0].items.size() == input.items[1].items.size() &&
                        input.items[0].items[0].text == problem.entry_point;
      if (!good) {
        row.refuse(fmt::format(
            "\"{}\", input {}: operations are a list of names, \"{}\" first, and a list of as many "
            "lists of arguments",
            suite.name, i, problem.entry_point));
      }
    }
  }
}

/// "compared": what counts of a call; the result alone where it is missing.
static Calling calling_of(const Row& row) {
  Calling calling;
  if (row.has("operations")) {
    const Value& operations = row.value("operations");
    if (operations.kind != Kind::boolean) row.refuse("\"operations\" is neither true nor false");
    calling.operations = operations.integer != 0;
  }
  if (!row.has("compared")) return calling;
  const Value& compared = row.value("compared");
  if (!is_list_of(compared, Kind::str) || compared.items.empty())
    row.refuse("\"compared\" is not a list of \"result\", \"stdout\" and \"arguments\"");
  calling.result = false;
  for (const Value& what : compared.items) {
    if (what.text == "result") {
      calling.result = true;
    } else if (what.text == "stdout") {
      calling.printed = true;
    } else if (what.text == "arguments") {
      calling.arguments = true;
    } else {
      row.refuse(fmt::format(
          "\"compared\": \"{}\" is none of \"result\", \"stdout\" and \"arguments\"", what.text));
    }
  }
  return calling;
}

/// A function or a class by its name, or a method as "Class.method".
static void check_entry_point(const Row& row, const Problem& problem) {
  const std::string_view name = problem.entry_point;
  const std::size_t dot = name.find('.');
  const auto is_word = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_word_char);
  };
  if (!is_word(name.substr(0, dot)) || (dot != name.npos && !is_word(name.substr(dot + 1))))
    row.refuse("\"entry_point\" is neither a name nor a method as \"Class.method\"");
  if (problem.calling.operations && dot != name.npos)
    row.refuse("\"operations\" are those of a class: \"entry_point\" is a method");
}

// ---- suites

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
    if (!is_suite_name(name)) row.refuse(fmt::format("\"suites\": {}", no_suite_name(name)));
    if (find_suite(problem, name)) row.refuse(fmt::format("suite \"{}\" is given twice", name));
    const Value& tests = suites.items[i + 1];
    if (tests.kind == Kind::str) {
      put_suite(problem, {name, CheckerSuite{problem.official_reference, runnable(tests.text)}});
    } else {
      put_suite(problem, {name, calls_of(row, "suites", name, tests)});
    }
  }
}

static void add_suites(const Row& row, Problem& problem) {
  for (const char* name : {"base", "plus"}) {
    if (row.has(name)) put_suite(problem, {name, calls_of(row, name, name, row.value(name))});
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
  problem.calling = calling_of(row);
  add_suites(row, problem);
  const bool plain =
      std::all_of(problem.suites.begin(), problem.suites.end(), [&](const Suite& suite) {
        const auto* calls = std::get_if<DifferentialSuite>(&suite.tests);
        return !calls || is_plain(problem, *calls);
      });
  if (!plain || problem.entry_point.find('.') != problem.entry_point.npos)
    check_entry_point(row, problem);
  if (problem.calling.operations) check_operations(row, problem);
  const bool contract = !row.text_or_empty("contract").empty();
  if (contract &&
      (problem.calling.operations || problem.entry_point.find('.') != std::string::npos))
    row.refuse("\"contract\" is that of a function: \"entry_point\" is none");
  return problem;
}

const Form& own_form() {
  static const Form form{"assay's own", {"entry_point", "reference"}, read_own};
  return form;
}

}  // namespace assay::datasets
