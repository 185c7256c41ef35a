#include "harness/verify/compare/rules.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/value/encoded.h"
#include "harness/base/words.h"

namespace assay::verify {

using datasets::Rule;

namespace {

// ---- what the rules look at

Head head_of(std::string_view encoding) {
  Head head;
  if (!take_plain_head(encoding, head)) head = {};
  return head;
}

/// A bool, int or float as a double.
std::optional<double> double_of(std::string_view encoding) {
  const Head head = head_of(encoding);
  return head.kind == head.scalar.kind ? as_double(head.scalar) : std::nullopt;
}

/// The argument `index` of a call; nullopt where there is none. Inputs are the benchmark's own, so
/// they are small enough to be built.
std::optional<Value> argument(const Answer& answer, std::size_t index) {
  Value arguments;
  if (!decode_whole(answer.input, arguments) || index >= arguments.items.size()) {
    return std::nullopt;
  }
  return std::move(arguments.items[index]);
}

bool is_integer(std::string_view encoding, std::int64_t integer) {
  return equal(encode(Value::of_int(integer)), encoding);
}

Finding found(bool accepted) { return accepted ? Finding::equal : Finding::unequal; }
Finding decided(bool accepted) { return accepted ? Finding::right : Finding::wrong; }

// ---- equal

bool nothing_more(const Answer&, const Equality&) { return false; }

Finding plain(const Answer& answer, double) { return found(equal(answer.expected, answer.actual)); }

// ---- root_of_polynomial

/// |p(x)| of HumanEval/32, which wants it to be zero: coefficients times powers of x.
std::optional<double> distance_from_root(const Answer& answer) {
  const auto coefficients = argument(answer, 0);
  const auto at = double_of(answer.actual);
  if (!coefficients || !at) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 0; i < coefficients->items.size(); ++i) {
    const auto coefficient = as_double(coefficients->items[i]);
    if (!coefficient) return std::nullopt;
    sum += *coefficient * std::pow(*at, static_cast<double>(i));
  }
  return std::fabs(sum);
}

bool root_strict(const Answer& answer, const Equality& how) {
  if (head_of(answer.actual).kind == Kind::boolean) return false;
  const auto distance = distance_from_root(answer);
  return distance && *distance <= how.tolerance->absolute;
}

Finding root_evalplus(const Answer& answer, double atol) {
  const auto distance = distance_from_root(answer);
  return decided(distance && *distance <= atol);
}

// ---- same_set

/// Calls `take` with each member of Python's set(value) in canonical form, some of them many times.
/// False where Python would raise.
template <typename Take>
bool for_each_member(std::string_view encoding, const Take& take) {
  Head head;
  if (!take_head(encoding, head)) return false;
  std::string member;
  const auto give = [&](std::string_view one) {
    member.clear();
    return take_canonical(one, member) && (take(member), true);
  };
  if (head.kind == Kind::str) {
    for (std::size_t i = 0; i < head.text.size();) {
      const std::size_t end = end_of_character(head.text, i);
      give(encode(Value::of_str(std::string(head.text.substr(i, end - i)))));
      i = end;
    }
    return true;
  }
  if (head.kind == Kind::bytes) {
    for (const unsigned char byte : head.text) give(encode(Value::of_int(byte)));
    return true;
  }
  const bool iterable =
      head.kind == Kind::list || head.kind == Kind::tuple || head.kind == Kind::set ||
      head.kind == Kind::frozenset || head.kind == Kind::deque || head.kind == Kind::keys_view ||
      head.kind == Kind::values_view || head.kind == Kind::iterator || head.is_mapping();
  if (!iterable) return false;
  for (std::uint64_t i = 0; i < head.items; i += head.is_mapping() ? 2 : 1) {
    member.clear();
    if (!take_canonical(encoding, member)) return false;
    take(member);
    if (head.is_mapping() && !skip_value(encoding)) return false;
  }
  return true;
}

/// Whether both are the same set; nullopt where Python would raise. Of the answer only the members
/// that are expected are remembered.
std::optional<bool> same_sets(const Answer& answer) {
  std::unordered_map<std::string, bool> wanted;  // whether the answer has it too
  if (!for_each_member(answer.expected, [&](const std::string& m) { wanted.emplace(m, false); })) {
    return std::nullopt;
  }
  std::size_t met = 0;
  bool others = false;
  const bool iterable = for_each_member(answer.actual, [&](const std::string& member) {
    const auto place = wanted.find(member);
    if (place == wanted.end()) {
      others = true;
    } else if (!std::exchange(place->second, true)) {
      ++met;
    }
  });
  if (!iterable) return std::nullopt;
  return !others && met == wanted.size();
}

bool set_strict(const Answer& answer, const Equality&) { return same_sets(answer).value_or(false); }

bool holds_nan(std::string_view encoding) {
  Head head;
  const auto is_nan = [&] {
    return (head.kind == Kind::real || head.kind == Kind::complex) &&
           (std::isnan(head.scalar.real) || std::isnan(head.scalar.imaginary));
  };
  while (take_head(encoding, head)) {
    if (is_nan()) return true;
  }
  return false;
}

Finding set_evalplus(const Answer& answer, double) {
  const auto same = same_sets(answer);
  if (!same) return Finding::wrong;
  return found(*same && !holds_nan(answer.expected));
}

// ---- unchecked: the right answer is one of two, and which of them the reference does not know

bool unchecked_strict(const Answer& answer, const Equality&) {
  return head_of(answer.actual).kind == Kind::boolean;
}

Finding unchecked_evalplus(const Answer&, double) { return Finding::equal; }

// ---- or_zero: 1 has no proper divisor; the reference answers 1

bool zero_strict(const Answer& answer, const Equality&) {
  const auto number = argument(answer, 0);
  return number && is_integer(encode(*number), 1) && is_integer(answer.actual, 0);
}

Finding zero_evalplus(const Answer& answer, double) {
  return found(equal(answer.expected, answer.actual) || is_integer(answer.actual, 0));
}

// ---- or_slant_from_height

/// b^2 + 2 b sqrt((b/2)^2 + h^2): Mbpp/581 with the second argument read as the perpendicular
/// height.
std::optional<double> surface_from_height(const Answer& answer) {
  const auto base = argument(answer, 0), height = argument(answer, 1);
  if (!base || !height) return std::nullopt;
  const auto b = as_double(*base), h = as_double(*height);
  if (!b || !h) return std::nullopt;
  return *b * *b + 4 * (*b * std::sqrt(*b / 2 * (*b / 2) + *h * *h)) / 2;
}

bool slant_strict(const Answer& answer, const Equality& how) {
  const auto surface = surface_from_height(answer);
  return surface && (equal(encode(Value::of_real(*surface)), answer.actual, how) ||
                     equal(encode(Value::of_real(std::nearbyint(*surface))), answer.actual, how));
}

Finding slant_evalplus(const Answer& answer, double atol) {
  if (equal(answer.expected, answer.actual)) return Finding::equal;
  const auto surface = surface_from_height(answer), given = double_of(answer.actual);
  if (!surface || !given) return Finding::wrong;  // there Python raises
  return found(std::fabs(*given - std::nearbyint(*surface)) <= atol);
}

// ---- or_padded_digits

/// Mbpp/558 with the shorter number padded by zeros on the left. Only for numbers without a sign.
std::optional<std::int64_t> padded_digit_distance(const Answer& answer) {
  const auto first = argument(answer, 0), second = argument(answer, 1);
  if (!first || !second || first->kind == Kind::boolean || second->kind == Kind::boolean) {
    return std::nullopt;
  }
  std::string a = repr(*first), b = repr(*second);
  const std::size_t width = std::max(a.size(), b.size());
  a.insert(0, width - a.size(), '0');
  b.insert(0, width - b.size(), '0');
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (a[i] < '0' || a[i] > '9' || b[i] < '0' || b[i] > '9') return std::nullopt;
    sum += std::abs(a[i] - b[i]);
  }
  return sum;
}

bool digits_strict(const Answer& answer, const Equality&) {
  const auto distance = padded_digit_distance(answer);
  return distance && is_integer(answer.actual, *distance);
}

Finding digits_evalplus(const Answer& answer, double) {
  if (equal(answer.expected, answer.actual)) return Finding::equal;
  const auto distance = padded_digit_distance(answer);
  if (!distance) return Finding::wrong;
  return found(is_integer(answer.actual, *distance));
}

// ---- match_or_none

/// As the prompts' own tests use it: assert f(x), assert not f(x).
bool match_strict(const Answer& answer, const Equality&) {
  const Head actual = head_of(answer.actual);
  const bool plain_value = actual.kind != Kind::opaque && actual.kind != Kind::builtin;
  const bool match_object = actual.kind == Kind::opaque && actual.text == "re.Match";
  return (plain_value || match_object) && is_true(head_of(answer.expected)) == is_true(actual);
}

/// What EvalPlus expects is a bool: no tolerance.
Finding match_evalplus(const Answer& answer, double) {
  const bool matches = head_of(answer.expected).kind != Kind::none;
  const Head actual = head_of(answer.actual);
  return decided(matches == (actual.kind == Kind::boolean ? actual.scalar.integer != 0
                                                          : actual.kind != Kind::none));
}

// ---- as_json, as_json_or_item: JSON knows no tuple, and files in APPS's form put an answer into a list

/// The encoding with every tuple a list.
std::string with_lists(std::string_view encoding) {
  std::string out(encoding);
  Head head;
  for (std::string_view rest = encoding; !rest.empty();) {
    const std::size_t at = encoding.size() - rest.size();
    if (!take_head(rest, head)) break;
    if (head.kind == Kind::tuple) out[at] = 'l';
  }
  return out;
}

bool json_strict(const Answer& answer, const Equality& how) {
  return equal(answer.expected, with_lists(answer.actual), how);
}

bool json_item_strict(const Answer& answer, const Equality& how) {
  if (json_strict(answer, how)) return true;
  std::string_view item = answer.expected;
  Head list;
  if (!take_head(item, list) || list.kind != Kind::list || list.items != 1) return false;
  return equal(item, answer.actual, how) || json_strict({answer.input, item, answer.actual}, how);
}

Finding json_evalplus(const Answer& answer, double) { return found(json_strict(answer, {})); }

Finding json_item_evalplus(const Answer& answer, double) {
  return found(json_item_strict(answer, {}));
}

constexpr RuleFunctions kRules[] = {
    {Rule::equal, nothing_more, plain},
    {Rule::root_of_polynomial, root_strict, root_evalplus},
    {Rule::same_set, set_strict, set_evalplus},
    {Rule::unchecked, unchecked_strict, unchecked_evalplus},
    {Rule::or_zero, zero_strict, zero_evalplus},
    {Rule::or_slant_from_height, slant_strict, slant_evalplus},
    {Rule::or_padded_digits, digits_strict, digits_evalplus},
    {Rule::match_or_none, match_strict, match_evalplus},
    {Rule::as_json, json_strict, json_evalplus},
    {Rule::as_json_or_item, json_item_strict, json_item_evalplus},
};

}  // namespace

const RuleFunctions& functions_of(Rule rule) {
  const auto row = std::find_if(std::begin(kRules), std::end(kRules),
                                [rule](const RuleFunctions& one) { return one.rule == rule; });
  ASSAY_INVARIANT(row != std::end(kRules));
  return *row;
}

}  // namespace assay::verify
