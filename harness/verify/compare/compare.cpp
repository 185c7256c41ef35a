#include "harness/verify/compare/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "harness/base/value/encoded.h"
#include "harness/verify/compare/all_close.h"
#include "harness/verify/compare/equal.h"
#include "harness/verify/compare/rules.h"

namespace assay::verify {

using datasets::Rule;

const char* name_of(Mode mode) { return mode == Mode::strict ? "strict" : "evalplus"; }
std::optional<Mode> mode_named(std::string_view name) {
  if (name == "strict") return Mode::strict;
  if (name == "evalplus") return Mode::evalplus;
  return std::nullopt;
}

static constexpr double kFloatAtol = 1e-6;  ///< EvalPlus's, where the dataset has none
static constexpr double kRtol = 1e-7;       ///< numpy.testing.assert_allclose's default

/// Whether one encoding equals itself: no opaque object in it, and no NaN, Decimal that may be one,
/// or what Python compares by identity where that counts.
static bool equals_itself(std::string_view encoding, bool nan_is_nan) {
  Head head;
  while (!encoding.empty()) {
    if (!take_head(encoding, head) || head.kind == Kind::opaque) return false;
    if (!nan_is_nan && head.kind >= Kind::range) return false;  // equal() looks closer
    const bool inexact = head.kind == Kind::real || head.kind == Kind::complex;
    if (inexact && !nan_is_nan &&
        (std::isnan(head.scalar.real) || std::isnan(head.scalar.imaginary))) {
      return false;
    }
  }
  return true;
}

static bool holds(std::string_view encoding, char byte) {
  return std::memchr(encoding.data(), byte, encoding.size()) != nullptr;
}

/// EvalPlus's is_floats: a float, or a non-empty list or tuple of floats alone.
static bool is_floats(std::string_view bytes) {
  Head head;
  if (!take_head(bytes, head)) return false;
  if (head.kind == Kind::real) return true;
  if ((head.kind != Kind::list && head.kind != Kind::tuple) || head.items == 0) return false;
  for (std::uint64_t i = 0, items = head.items; i < items; ++i) {
    if (!take_head(bytes, head) || head.kind != Kind::real) return false;
  }
  return true;
}

Comparer::Comparer(Rule rule, Mode mode, double atol)
    : rule_(&functions_of(rule)), mode_(mode), atol_(atol) {}

/// Nearly every answer is the expected one byte for byte; then a look for what is not equal to
/// itself is enough, and mostly a look for the bytes that could stand for that.
bool Comparer::surely_equal(const Answer& answer) const {
  const std::string_view expected = answer.expected;
  if (expected != answer.actual || expected.empty()) return false;
  const bool strict = mode_ == Mode::strict;
  return (strict && !holds(expected, 'o')) || equals_itself(expected, strict);
}

void Comparer::note_floats(std::string_view expected) {
  if (atol_ == 0 && is_floats(expected)) atol_ = kFloatAtol;
}

bool Comparer::strict_accepts(const Answer& answer) const {
  if (surely_equal(answer)) return true;
  const Equality how{.nan_is_nan = true,
                     .contents = true,
                     .tolerance = Tolerance{atol_ > 0 ? atol_ : kFloatAtol, kRtol, atol_ > 0}};
  if (equal(answer.expected, answer.actual, how)) return true;
  return rule_->rule != Rule::equal && is_encoding(answer.actual) && rule_->strict(answer, how);
}

bool Comparer::evalplus_accepts(const Answer& answer) {
  if (rule_->rule == Rule::equal && surely_equal(answer)) {
    note_floats(answer.expected);
    return true;
  }
  if (!is_encoding(answer.actual)) return false;
  const Finding finding = rule_->evalplus(answer, atol_);
  if (finding == Finding::right || finding == Finding::wrong) return finding == Finding::right;
  note_floats(answer.expected);
  if (finding == Finding::equal || atol_ == 0) return finding == Finding::equal;
  std::string_view expected = answer.expected, actual = answer.actual;
  Head e, a;
  return take_head(expected, e) && take_head(actual, a) && e.kind == a.kind && e.items == a.items &&
         all_close(answer.expected, answer.actual, {atol_, kRtol});
}

bool Comparer::accepts(std::string_view input, std::string_view expected, std::string_view actual) {
  const Answer answer{input, expected, actual};
  return mode_ == Mode::strict ? strict_accepts(answer) : evalplus_accepts(answer);
}

std::optional<std::string> incomparable(std::string_view answer) {
  Head head;
  while (take_head(answer, head)) {
    if (head.kind == Kind::opaque) return std::string(head.text);
  }
  return std::nullopt;
}

}  // namespace assay::verify
