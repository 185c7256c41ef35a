// Exact fractions, and arithmetic expressions of them.
#pragma once

#include <compare>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"

namespace assay::tasks {

/// In lowest terms, the denominator above 0. The numbers of a game are small: nothing overflows.
class Rational {
 public:
  explicit Rational(std::int64_t value = 0) : top_(value) {}
  Rational(std::int64_t top, std::int64_t bottom) : top_(top), bottom_(bottom) {
    ASSAY_INVARIANT(bottom != 0);
    const std::int64_t divisor = std::gcd(top, bottom) * (bottom < 0 ? -1 : 1);
    top_ /= divisor;
    bottom_ /= divisor;
  }
  bool zero() const { return top_ == 0; }
  bool whole() const { return bottom_ == 1; }
  bool negative() const { return top_ < 0; }
  std::string text() const {
    return std::to_string(top_) + (whole() ? "" : "/" + std::to_string(bottom_));
  }

  friend Rational operator+(const Rational& a, const Rational& b) {
    return {a.top_ * b.bottom_ + b.top_ * a.bottom_, a.bottom_ * b.bottom_};
  }
  friend Rational operator-(const Rational& a, const Rational& b) {
    return {a.top_ * b.bottom_ - b.top_ * a.bottom_, a.bottom_ * b.bottom_};
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    return {a.top_ * b.top_, a.bottom_ * b.bottom_};
  }
  friend Rational operator/(const Rational& a, const Rational& b) {
    return {a.top_ * b.bottom_, a.bottom_ * b.top_};
  }
  friend bool operator==(const Rational&, const Rational&) = default;
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    return a.top_ * b.bottom_ <=> b.top_ * a.bottom_;
  }

 private:
  std::int64_t top_ = 0, bottom_ = 1;
};

/// The value of whole numbers below 1,000 joined by + - * / and parentheses, at most 64 characters and
/// four numbers; none where the text is nothing of the kind or divides by 0. `used` gets the numbers.
std::optional<Rational> evaluated(std::string_view text, std::vector<Rational>* used);

}  // namespace assay::tasks
