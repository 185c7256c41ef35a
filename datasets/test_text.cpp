#include "datasets/test_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "datasets/python_text.h"
#include "harness/base/words.h"

extern "C" const char assay_run_tests_py_begin[], assay_run_tests_py_end[];

namespace assay::datasets {

namespace {

/// Between a text and what runs its tests. A blank line ends a line left open by a backslash.
constexpr std::string_view kSeam = "\n\n# assay runs the tests\n";

std::string_view runner() { return {assay_run_tests_py_begin, assay_run_tests_py_end}; }

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

/// The functions and classes that a framework may take for tests, wherever a line begins one.
std::vector<std::string_view> tests_of(std::string_view text) {
  std::vector<std::string_view> tests;
  std::unordered_set<std::string_view> cases;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (const std::string_view rest = after_word(line, "async"); !rest.empty()) line = rest;
    if (const std::string_view rest = after_word(line, "def"); rest.starts_with("test")) {
      tests.push_back(next_word(rest));
    } else if (const std::string_view type = after_word(line, "class"); !type.empty()) {
      const std::string_view name = next_word(type);
      const bool is_case = has_test_case(in_parentheses(type), cases);
      if (is_case) cases.insert(name);
      if (is_case || name.starts_with("Test")) tests.push_back(name);
    } else if (line.starts_with("test") && after_word(line, next_word(line)).starts_with("=")) {
      tests.push_back(next_word(line));  // a functools.partial, perhaps
    }
  }
  return tests;
}

/// The functions that a statement at the margin calls, and does no more.
std::unordered_set<std::string_view> called_at_margin(std::string_view text) {
  std::unordered_set<std::string_view> called;
  for (const std::string_view line : statements_at_margin(text)) {
    const std::string_view name = next_word(line);
    if (line.starts_with(name) && line.substr(name.size()).starts_with("(")) called.insert(name);
  }
  return called;
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
    if (const std::string_view rest = after_word(line, "async"); !rest.empty()) line = rest;
    for (const char* word : {"def", "class"}) {
      const std::string_view rest = after_word(line, word);
      if (!rest.empty()) line = rest.substr(next_word(rest).size());
    }
    called.merge(called_words(line));
  }
  return called;
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
  // What may be called somewhere is told to the runner, which sees what is reached; where a statement
  // calls each of them, there is nothing to run.
  const std::unordered_set<std::string_view> called = called_in(tests);
  const std::unordered_set<std::string_view> surely = called_at_margin(tests);
  std::string names;
  bool any = false;
  for (const std::string_view test : tests_of(tests)) {
    if (called.contains(test)) names += fmt::format("\"{}\", ", test);
    any |= !surely.contains(test);
  }
  if (!any) return tests;
  return fmt::format("{}{}{}_assay_run_tests(({}))\n", tests, kSeam, runner(), names);
}

std::string_view text_as_given(std::string_view tests) {
  return tests.substr(0, tests.find(kSeam));
}

bool imports(std::string_view tests, std::string_view module) {
  for (std::size_t begin = 0; begin < tests.size();) {
    const std::size_t end = std::min(tests.find('\n', begin), tests.size());
    std::string_view line = tests.substr(begin, end - begin);
    begin = end + 1;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    for (const char* word : {"import", "from"}) {
      if (next_word(after_word(line, word)) == module) return true;
    }
  }
  return false;
}

}  // namespace assay::datasets
