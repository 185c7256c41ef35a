#include "datasets/forms/answered.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/value/json_value.h"
#include "harness/base/words.h"

namespace assay::datasets {

/// What programs for LeetCode may use without importing it; the builtins last, so that no module
/// hides one of them.
static constexpr const char* kImports =
    "import bisect, collections, copy, functools, heapq, itertools, math, operator, random, re, "
    "string, sys; from typing import *; from bisect import *; from collections import *; from copy "
    "import *; from functools import *; from heapq import *; from itertools import *; from math "
    "import *; from operator import *; from re import *; from string import *; from builtins import "
    "*";

static Value parsed(const Row& row, const std::string& where, std::string_view text) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    row.refuse(fmt::format("{}: {}", where, error.what()));
  }
}

Value json_in(const Row& row, const std::string& where, const Value& value) {
  return value.kind == Kind::str ? parsed(row, where, value.text) : value;
}

static std::string text_of_lines(const Row& row, const std::string& where, const Value& value) {
  if (value.kind == Kind::str) return value.text;
  const auto is_text = [](const Value& line) { return line.kind == Kind::str; };
  if (value.kind != Kind::list || !std::ranges::all_of(value.items, is_text))
    row.refuse(where + " is neither a text nor a list of lines");
  std::string text;
  for (const Value& line : value.items) text += line.text + "\n";
  return text;
}

StdioTest script_test(const Row& row, const std::string& where, const Value& input,
                      const Value& output) {
  return {text_of_lines(row, where + ": its input", input),
          {text_of_lines(row, where + ": its output", output)}};
}

/// One JSON value a line.
static Value arguments_in(const Row& row, const std::string& where, const Value& input) {
  if (input.kind == Kind::list) return input;
  if (input.kind != Kind::str) row.refuse(where + ": its input is neither a text nor a list");
  Value arguments;
  arguments.kind = Kind::list;
  for (const std::string& line : split(input.text, '\n')) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    arguments.items.push_back(
        parsed(row, fmt::format("{}: its argument {}", where, arguments.items.size()), line));
  }
  return arguments;
}

void add_call(const Row& row, const std::string& where, const Value& input, const Value& output,
              DifferentialSuite& calls) {
  Value arguments = arguments_in(row, where, input);
  arguments.kind = Kind::tuple;
  calls.inputs.push_back(encode(arguments));
  // A text is JSON where the input is one, too: ["a", "b"] may be answered by the text "a" itself.
  const bool json = input.kind == Kind::str;
  calls.expected.push_back(encode(json ? json_in(row, where + ": its output", output) : output));
}

void expect_calls(const Row& row, const std::string& where, const std::string& name,
                  const std::string& says, Rule rule, Problem& problem) {
  if (name.empty() || !std::ranges::all_of(name, is_word_char))
    row.refuse(fmt::format("{} is not the name of a function", where));
  problem.entry_point = (says.find("class Solution") == says.npos ? "" : "Solution.") + name;
  problem.prelude = kImports;
  problem.rule = rule;
}

/// The list under `key`.
static const Value& list_in(const Row& row, const std::string& where, const Value& pairs,
                            const char* key) {
  const Value* found = pairs.kind == Kind::dict ? member(pairs, key) : nullptr;
  if (!found || found->kind != Kind::list)
    row.refuse(fmt::format("{} has no list \"{}\"", where, key));
  return *found;
}

void put_pairs(const Row& row, const std::string& where, const Value& pairs,
               const std::string& says, const std::string& name, Problem& problem) {
  const Value& inputs = list_in(row, where, pairs, "inputs");
  const Value& outputs = list_in(row, where, pairs, "outputs");
  if (inputs.items.size() != outputs.items.size())
    row.refuse(fmt::format("{} has {} inputs and {} outputs", where, inputs.items.size(),
                           outputs.items.size()));
  if (inputs.items.empty()) row.refuse(where + " has no test");
  const Value* function = member(pairs, "fn_name");
  const bool called = function && function->kind != Kind::none;
  if (called)
    expect_calls(row, where + ": \"fn_name\"", function->text, says, Rule::as_json_or_item,
                 problem);
  DifferentialSuite calls;
  StdioSuite scripts;
  for (std::size_t i = 0; i < inputs.items.size(); ++i) {
    const std::string test = fmt::format("{}, test {}", where, i);
    if (called) {
      add_call(row, test, inputs.items[i], outputs.items[i], calls);
    } else {
      scripts.tests.push_back(script_test(row, test, inputs.items[i], outputs.items[i]));
    }
  }
  if (called) {
    put_suite(problem, {name, std::move(calls)});
  } else {
    put_suite(problem, {name, std::move(scripts)});
  }
}

}  // namespace assay::datasets
