#include "harness/analysis/offered_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/analysis/python_literal.h"

namespace assay::analysis {

namespace {

using datasets::Rule;

constexpr std::size_t kTestBytesMax = 4000;  // longer values make a test nobody reads
// As strict comparison has them: harness/verify/compare/compare.h.
constexpr double kFloatAtol = 1e-6;
constexpr double kRtol = 1e-7;

/// What compares with a tolerance inside containers; only where a test needs it.
constexpr const char* kClose = R"py(
    def close(actual, expected, atol, numbers):
        if isinstance(expected, (int, float, complex)):
            exact = isinstance(expected, bool) or isinstance(actual, bool)
            return actual == expected or (
                not exact and isinstance(expected, numbers)
                and isinstance(actual, (int, float, complex))
                and abs(actual - expected) <= atol + 1e-07 * abs(expected))
        if isinstance(expected, (list, tuple)):
            return (isinstance(actual, list if isinstance(expected, list) else tuple)
                    and len(actual) == len(expected)
                    and all(close(a, e, atol, numbers) for a, e in zip(actual, expected)))
        if isinstance(expected, dict):
            return (isinstance(actual, dict) and actual.keys() == expected.keys()
                    and all(close(actual[k], e, atol, numbers) for k, e in expected.items()))
        return actual == expected

)py";

bool is_inexact(const Value& value) {
  return value.kind == Kind::real || value.kind == Kind::complex;
}
bool is_integer(const Value& value) {
  return value.kind == Kind::integer || value.kind == Kind::big_integer;
}

template <typename Predicate>
bool any_inside(const Value& value, const Predicate& predicate) {
  return predicate(value) ||
         std::any_of(value.items.begin(), value.items.end(),
                     [&](const Value& item) { return any_inside(item, predicate); });
}

/// Whether strict comparison lets some number of `expected` be off by a little.
bool has_tolerance(const StoredTest& test) {
  return any_inside(test.expected, is_inexact) ||
         (test.atol > 0 && any_inside(test.expected, is_integer));
}

double atol_of(const StoredTest& test) { return test.atol > 0 ? test.atol : kFloatAtol; }

std::string assert_equal(const StoredTest& test, const std::string& call,
                         const std::string& expected) {
  if (!has_tolerance(test)) return fmt::format("    assert {} == {}\n", call, expected);
  if (test.expected.kind == Kind::real || test.expected.kind == Kind::integer) {
    const bool is_real = test.expected.kind == Kind::real;
    const double value = is_real ? test.expected.real : static_cast<double>(test.expected.integer);
    return fmt::format("    assert abs({} - {}) <= {}\n", call,
                       value < 0 ? "(" + expected + ")" : expected,
                       atol_of(test) + kRtol * std::fabs(value));
  }
  return fmt::format("    assert close({}, {}, {}, {})\n", call, expected, atol_of(test),
                     test.atol > 0 ? "(int, float, complex)" : "(float, complex)");
}

/// Equal as sets, where everything in it can be in a set and is compared exactly.
std::optional<std::string> assert_same_set(const StoredTest& test, const std::string& call,
                                           const std::string& expected) {
  const auto cannot = [](const Value& value) {
    return value.kind == Kind::list || value.kind == Kind::set || value.kind == Kind::dict;
  };
  const auto& items = test.expected.items;
  const bool is_sequence = test.expected.kind == Kind::list || test.expected.kind == Kind::tuple ||
                           test.expected.kind == Kind::set;
  if (has_tolerance(test) || !is_sequence ||
      std::any_of(items.begin(), items.end(),
                  [&](const Value& item) { return any_inside(item, cannot); }))
    return std::nullopt;
  return fmt::format("    assert set({}) == set({})\n", call, expected);
}

/// A root is right wherever it lies (HumanEval/32): the polynomial's coefficients are the argument.
std::optional<std::string> assert_root(const StoredTest& test, const std::string& call) {
  if (test.arguments.items.size() != 1) return std::nullopt;
  const auto coefficients = python_literal(test.arguments.items.front(), kTestBytesMax);
  if (!coefficients) return std::nullopt;
  return fmt::format(
      "    root = {}\n    assert abs(sum(c * root ** i for i, c in enumerate({}))) <= {}\n", call,
      *coefficients, atol_of(test));
}

/// A match object or a bool that says the same: only whether it is true counts.
std::string assert_match(const StoredTest& test, const std::string& call) {
  const bool matches = test.expected.kind == Kind::boolean ? test.expected.integer != 0
                                                           : test.expected.kind != Kind::none;
  return fmt::format("    assert {}{}\n", matches ? "" : "not ", call);
}

/// The sum of the proper divisors of 1 may be said to be 0.
std::string assert_or_zero(const StoredTest& test, const std::string& call,
                           const std::string& expected) {
  const bool is_one = !test.arguments.items.empty() &&
                      test.arguments.items.front().kind == Kind::integer &&
                      test.arguments.items.front().integer == 1;
  return is_one ? fmt::format("    assert {} in ({}, 0)\n", call, expected)
                : fmt::format("    assert {} == {}\n", call, expected);
}

}  // namespace

std::optional<std::string> offered_test(const StoredTest& test) {
  const auto arguments = python_arguments(test.arguments, kTestBytesMax);
  if (!arguments) return std::nullopt;
  const std::string call = fmt::format("candidate({})", *arguments);
  if (test.rule == Rule::match_or_none) return assert_match(test, call);
  if (test.rule == Rule::root_of_polynomial) return assert_root(test, call);
  const auto expected = python_literal(test.expected, kTestBytesMax);
  if (!expected) return std::nullopt;
  switch (test.rule) {
    case Rule::equal:
      return assert_equal(test, call, *expected);
    case Rule::same_set:
      return assert_same_set(test, call, *expected);
    case Rule::or_zero:
      return assert_or_zero(test, call, *expected);
    default:  // the reference is wrong, or what is right besides takes a program to say
      return std::nullopt;
  }
}

std::string check_function(const std::vector<StoredTest>& tests) {
  std::string body;
  for (const StoredTest& test : tests) body += offered_test(test).value_or("");
  if (body.empty()) return body;
  const bool needs_close = body.find("    assert close(") != std::string::npos;
  return fmt::format("def check(candidate):\n{}{}", needs_close ? kClose + 1 : "", body);
}

}  // namespace assay::analysis
