#include "datasets/test_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "datasets/python_text.h"
#include "harness/base/words.h"

namespace assay::datasets {

namespace {

/// A test that a framework would run.
struct Test {
  enum class Kind { function, test_case, plain_class } kind = Kind::function;
  std::string_view name;
  std::string_view parameters;  ///< of a function; "?" where the line does not show them all
};

/// The words after `word` at the front of `line`; empty where it does not stand there.
std::string_view after_word(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) return {};
  const std::size_t at = line.find_first_not_of(" \t", word.size());
  return at == line.npos || at == word.size() ? std::string_view{} : line.substr(at);
}

/// What stands between the first pair of parentheses after the name, without blanks around it.
std::string_view in_parentheses(std::string_view rest) {
  const std::size_t open = rest.find('('), close = rest.find(')');
  if (open == rest.npos) return {};
  if (close == rest.npos || close < open) return "?";
  const std::string_view inside = rest.substr(open + 1, close - open - 1);
  const std::size_t first = inside.find_first_not_of(" \t");
  if (first == inside.npos) return {};
  return inside.substr(first, inside.find_last_not_of(" \t") - first + 1);
}

bool has_test_case(std::string_view bases, const std::unordered_set<std::string_view>& known) {
  for (std::size_t at = 0;;) {
    const std::string_view word = next_word(bases, at);
    if (word.empty()) return false;
    if (word.ends_with("TestCase") || known.contains(word)) return true;
    at = static_cast<std::size_t>(word.data() - bases.data()) + word.size();
  }
}

std::vector<Test> tests_of(std::string_view text) {
  std::vector<Test> tests;
  std::unordered_set<std::string_view> cases;
  for (const std::string_view line : statements_at_margin(text)) {
    if (const std::string_view rest = after_word(line, "def"); rest.starts_with("test")) {
      const std::string_view name = next_word(rest);
      tests.push_back({Test::Kind::function, name, in_parentheses(rest)});
    } else if (const std::string_view type = after_word(line, "class"); !type.empty()) {
      const std::string_view name = next_word(type);
      if (has_test_case(in_parentheses(type), cases)) {
        cases.insert(name);
        tests.push_back({Test::Kind::test_case, name, {}});
      } else if (name.starts_with("Test")) {
        tests.push_back({Test::Kind::plain_class, name, {}});
      }
    }
  }
  return tests;
}

/// The words that stand before a parenthesis where Python gets to: not in comments of whole lines,
/// not under `if __name__ == ...:`, and not where they are defined.
std::unordered_set<std::string_view> called_in(std::string_view text) {
  std::unordered_set<std::string_view> called;
  const std::vector<std::string_view> margin = statements_at_margin(text);
  const std::unordered_set<const char*> begins = [&] {
    std::unordered_set<const char*> all;
    for (const std::string_view line : margin) all.insert(line.data());
    return all;
  }();
  bool guarded = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (begins.contains(line.data())) guarded = line.starts_with("if __name__");
    const std::size_t first = line.find_first_not_of(" \t");
    if (guarded || first == line.npos || line[first] == '#') continue;
    line.remove_prefix(first);
    for (const char* word : {"def", "class"}) {
      const std::string_view rest = after_word(line, word);
      if (!rest.empty()) line = rest.substr(next_word(rest).size());
    }
    called.merge(called_words(line));
  }
  return called;
}

bool is_callable(const Test& test) {
  return test.kind == Test::Kind::test_case ||
         (test.kind == Test::Kind::function &&
          (test.parameters.empty() || test.parameters == "candidate"));
}

}  // namespace

bool holds_no_statement(std::string_view tests) {
  for (std::size_t begin = 0; begin < tests.size();) {
    const std::size_t end = std::min(tests.find('\n', begin), tests.size());
    const std::string_view line = tests.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t first = line.find_first_not_of(" \t\r\f");
    if (first != line.npos && line[first] != '#') return false;
  }
  return true;
}

std::string with_test_calls(std::string tests) {
  std::string calls;
  const std::unordered_set<std::string_view> called = called_in(tests);
  for (const Test& test : tests_of(tests)) {
    if (!is_callable(test) || called.contains(test.name)) continue;
    if (test.kind == Test::Kind::function) {
      calls += fmt::format("{}({})\n", test.name, test.parameters);
    } else {
      calls += fmt::format(
          "import unittest\nunittest.defaultTestLoader.loadTestsFromTestCase({}).debug()\n",
          test.name);
    }
  }
  return calls.empty() ? tests : tests + "\n" + calls;
}

std::vector<std::string> never_run(std::string_view tests) {
  std::vector<std::string> names;
  const std::unordered_set<std::string_view> called = called_in(tests);
  for (const Test& test : tests_of(tests)) {
    if (!is_callable(test) && !called.contains(test.name)) names.emplace_back(test.name);
  }
  return names;
}

}  // namespace assay::datasets
