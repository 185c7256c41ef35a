#include "harness/verify/compare/equal.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <vector>

namespace assay::verify {

// ---- numbers

static bool is_integer(const Value& value) {
  return value.kind == Kind::integer || value.kind == Kind::big_integer ||
         value.kind == Kind::boolean;
}
static bool is_number(const Value& value) {
  return is_integer(value) || value.kind == Kind::real || value.kind == Kind::complex;
}

/// The integer that a finite, whole double is, in the one form Value has for it.
static Value integer_of_whole(double whole) {
  if (whole >= -0x1p63 && whole < 0x1p63) return Value::of_int(static_cast<std::int64_t>(whole));
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(whole), &exponent);
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53;  // at least 11 here
  Value value;
  value.kind = Kind::big_integer;
  value.negative = whole < 0;
  value.text.assign(static_cast<std::size_t>(shift / 8), '\0');
  unsigned __int128 bits = static_cast<unsigned __int128>(mantissa) << (shift % 8);
  for (; bits != 0; bits >>= 8) value.text += static_cast<char>(bits & 0xff);
  return value;
}

/// Numbers that are equal in Python become the same Value.
static Value normal(const Value& number) {
  if (number.kind == Kind::boolean) return Value::of_int(number.integer);
  if (number.kind == Kind::complex) {
    if (number.imaginary == 0) return normal(Value::of_real(number.real));
    // Adding zero makes -0.0 a 0.0.
    return Value::of_complex(number.real + 0.0, number.imaginary);
  }
  if (number.kind != Kind::real) return number;
  if (std::isfinite(number.real) && std::trunc(number.real) == number.real) {
    return integer_of_whole(number.real);
  }
  return number;
}

static bool has_nan(const Value& number) {
  return (number.kind == Kind::real && std::isnan(number.real)) ||
         (number.kind == Kind::complex &&
          (std::isnan(number.real) || std::isnan(number.imaginary)));
}

static bool exactly_equal(const Value& a, const Value& b) {
  if (a.kind == b.kind && a.kind == Kind::real) return a.real == b.real;
  if (a.kind == b.kind && a.kind == Kind::integer) return a.integer == b.integer;
  const Value x = normal(a), y = normal(b);
  return x.kind == y.kind && x.integer == y.integer && x.negative == y.negative &&
         x.text == y.text && x.real == y.real && x.imaginary == y.imaginary;
}

std::optional<double> as_double(const Value& value) {
  if (value.kind == Kind::real) return value.real;
  if (value.kind == Kind::integer || value.kind == Kind::boolean) {
    return static_cast<double>(value.integer);
  }
  if (value.kind != Kind::big_integer) return std::nullopt;
  double magnitude = 0;
  for (auto byte = value.text.rbegin(); byte != value.text.rend(); ++byte) {
    magnitude = magnitude * 256 + static_cast<unsigned char>(*byte);
  }
  return value.negative ? -magnitude : magnitude;
}

static std::optional<std::complex<double>> as_complex(const Value& value) {
  if (value.kind == Kind::complex) return std::complex(value.real, value.imaginary);
  if (const auto real = as_double(value)) return *real;
  return std::nullopt;
}

static bool within(const Tolerance& tolerance, const Value& expected, const Value& actual) {
  const bool inexact = expected.kind == Kind::real || expected.kind == Kind::complex;
  if (!inexact && !tolerance.integers_too) return false;
  if (expected.kind == Kind::boolean || actual.kind == Kind::boolean) return false;
  const auto a = as_complex(actual), e = as_complex(expected);
  const double distance = std::abs(*a - *e);
  // An infinite expectation has no neighbourhood; NaN fails every comparison.
  return std::isfinite(std::abs(*e)) &&
         distance <= tolerance.absolute + tolerance.relative * std::abs(*e);
}

// ---- canonical text of hashable values

static bool put_canonical(const Value& value, std::string& out);

static bool put_members(const Value& set, std::string& out) {
  std::vector<std::string> members(set.items.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!put_canonical(set.items[i], members[i])) return false;
  }
  std::sort(members.begin(), members.end());
  out += 'Z';
  const std::uint64_t count = members.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  for (const std::string& member : members) out += member;
  return true;
}

static bool put_canonical(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::boolean:
    case Kind::integer:
    case Kind::big_integer:
    case Kind::real:
    case Kind::complex:
      if (has_nan(value)) {
        out += "nan";
      } else {
        encode(normal(value), out);
      }
      return true;
    case Kind::none:
    case Kind::str:
    case Kind::bytes:
    case Kind::builtin:
      encode(value, out);
      return true;
    case Kind::frozenset:
      return put_members(value, out);
    case Kind::tuple: {
      out += 't';
      const std::uint64_t count = value.items.size();
      out.append(reinterpret_cast<const char*>(&count), sizeof count);
      return std::all_of(value.items.begin(), value.items.end(),
                         [&](const Value& item) { return put_canonical(item, out); });
    }
    default:
      return false;
  }
}

std::optional<std::string> canonical(const Value& value) {
  std::string out;
  if (!put_canonical(value, out)) return std::nullopt;
  return out;
}

// ---- containers

namespace {

struct Entry {
  std::string key;     // canonical
  bool nan = false;    // the key is or holds NaN
  const Value* value;  // what belongs to the key; of a set's member, itself
};
using Keyed = std::vector<Entry>;

bool holds_nan(const Value& value) {
  return has_nan(value) || std::any_of(value.items.begin(), value.items.end(), holds_nan);
}

/// Sorted by key. False where an item is unhashable.
bool keyed(const Value& container, Keyed& out) {
  const std::size_t width = container.is_mapping() ? 2 : 1;
  for (std::size_t i = 0; i < container.items.size(); i += width) {
    auto key = canonical(container.items[i]);
    if (!key) return false;
    out.push_back(
        {std::move(*key), holds_nan(container.items[i]), &container.items[i + width - 1]});
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return true;
}

class Comparison {
 public:
  explicit Comparison(const Equality& how) : how_(how) {}

  bool equal(const Value& expected, const Value& actual) const {
    if (is_number(expected)) return is_number(actual) && equal_numbers(expected, actual);
    if (expected.is_mapping()) return actual.is_mapping() && equal_mappings(expected, actual);
    switch (expected.kind) {
      case Kind::none:
        return actual.kind == Kind::none;
      case Kind::str:
      case Kind::bytes:
      case Kind::builtin:
        return actual.kind == expected.kind && actual.text == expected.text;
      case Kind::list:
      case Kind::tuple:
      case Kind::deque:
        return actual.kind == expected.kind && equal_items(expected, actual);
      case Kind::set:
      case Kind::frozenset:
        return (actual.kind == Kind::set || actual.kind == Kind::frozenset) &&
               equal_sets(expected, actual);
      default:
        return false;  // opaque
    }
  }

 private:
  const Equality& how_;

  bool equal_numbers(const Value& expected, const Value& actual) const {
    if (has_nan(expected) || has_nan(actual)) {
      return how_.nan_is_nan && has_nan(expected) && has_nan(actual);
    }
    return exactly_equal(expected, actual) ||
           (how_.tolerance && within(*how_.tolerance, expected, actual));
  }

  bool equal_items(const Value& expected, const Value& actual) const {
    return expected.items.size() == actual.items.size() &&
           std::equal(expected.items.begin(), expected.items.end(), actual.items.begin(),
                      [this](const Value& e, const Value& a) { return equal(e, a); });
  }

  /// Keys are compared without tolerance. NaN keys that were never the same object are not equal.
  bool same_keys(const Keyed& expected, const Keyed& actual) const {
    return expected.size() == actual.size() &&
           std::equal(expected.begin(), expected.end(), actual.begin(),
                      [&](const Entry& e, const Entry& a) {
                        return e.key == a.key && (how_.nan_is_nan || !e.nan);
                      });
  }

  bool equal_sets(const Value& expected, const Value& actual) const {
    if (expected.items.size() != actual.items.size()) return false;
    Keyed e, a;
    if (!keyed(expected, e) || !keyed(actual, a)) return false;
    return same_keys(e, a) || (how_.tolerance && equal_number_sets(expected, actual));
  }

  /// Sets of real numbers, paired in ascending order.
  bool equal_number_sets(const Value& expected, const Value& actual) const {
    const auto sorted = [](const Value& set, std::vector<const Value*>& out) {
      for (const Value& item : set.items) {
        if (!as_double(item) || has_nan(item)) return false;
        out.push_back(&item);
      }
      std::sort(out.begin(), out.end(),
                [](const Value* x, const Value* y) { return *as_double(*x) < *as_double(*y); });
      return true;
    };
    std::vector<const Value*> e, a;
    return sorted(expected, e) && sorted(actual, a) &&
           std::equal(e.begin(), e.end(), a.begin(),
                      [this](const Value* x, const Value* y) { return equal_numbers(*x, *y); });
  }

  bool equal_mappings(const Value& expected, const Value& actual) const {
    if (expected.kind == Kind::counter && actual.kind == Kind::counter) {
      return equal_counters(expected, actual);
    }
    if (expected.items.size() != actual.items.size()) return false;
    Keyed e, a;
    if (!keyed(expected, e) || !keyed(actual, a) || !same_keys(e, a)) return false;
    const bool ordered = expected.kind == Kind::ordered_dict && actual.kind == Kind::ordered_dict;
    if (ordered && !same_order(expected, actual)) return false;
    return std::equal(e.begin(), e.end(), a.begin(),
                      [this](const Entry& x, const Entry& y) { return equal(*x.value, *y.value); });
  }

  static bool same_order(const Value& expected, const Value& actual) {
    for (std::size_t i = 0; i < expected.items.size(); i += 2) {
      if (canonical(expected.items[i]) != canonical(actual.items[i])) return false;
    }
    return true;
  }

  /// What one counter lacks, it counts 0 times.
  bool equal_counters(const Value& expected, const Value& actual) const {
    static const Value zero = Value::of_int(0);
    Keyed e, a;
    if (!keyed(expected, e) || !keyed(actual, a)) return false;
    auto x = e.begin(), y = a.begin();
    while (x != e.end() || y != a.end()) {
      const bool never = x != e.end() && x->nan && !how_.nan_is_nan;
      const bool only_expected = y == a.end() || (x != e.end() && (never || x->key < y->key));
      const bool only_actual = x == e.end() || (!only_expected && y->key < x->key);
      if (!equal(only_actual ? zero : *x->value, only_expected ? zero : *y->value)) return false;
      if (!only_actual) ++x;
      if (!only_expected) ++y;
    }
    return true;
  }
};

}  // namespace

bool equal(const Value& expected, const Value& actual, const Equality& how) {
  return Comparison(how).equal(expected, actual);
}

}  // namespace assay::verify
