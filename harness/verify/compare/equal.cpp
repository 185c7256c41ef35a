#include "harness/verify/compare/equal.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include "harness/base/value/encoded.h"

namespace assay::verify {

// ---- numbers

static bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::big_integer || kind == Kind::boolean ||
         kind == Kind::real || kind == Kind::complex;
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

namespace {

void put_count(std::uint64_t count, std::string& out) {
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
}

/// Appends canonical texts and notes whether any of the values is NaN.
class Canonical {
 public:
  bool take(std::string_view& bytes, std::string& out, int depth) {
    Head head;
    if (depth > kDepthMax || !take_head(bytes, head)) return false;
    switch (head.kind) {
      case Kind::boolean:
      case Kind::integer:
      case Kind::big_integer:
      case Kind::real:
      case Kind::complex:
        put_number(head.scalar, out);
        return true;
      case Kind::none:
        out += 'N';
        return true;
      case Kind::str:
      case Kind::bytes:
      case Kind::builtin:
        out += head.kind == Kind::str ? 's' : head.kind == Kind::bytes ? 'b' : 'B';
        put_count(head.text.size(), out);
        out += head.text;
        return true;
      case Kind::tuple:
        out += 't';
        put_count(head.items, out);
        for (std::uint64_t i = 0; i < head.items; ++i) {
          if (!take(bytes, out, depth + 1)) return false;
        }
        return true;
      case Kind::frozenset:
        return take_members(bytes, head.items, out, depth);
      default:
        return false;
    }
  }

  bool nan = false;

 private:
  void put_number(const Value& number, std::string& out) {
    if (has_nan(number)) {
      nan = true;
      out += "nan";
    } else {
      encode(normal(number), out);
    }
  }

  bool take_members(std::string_view& bytes, std::uint64_t count, std::string& out, int depth) {
    std::vector<std::string> members;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!take(bytes, members.emplace_back(), depth + 1)) return false;
    }
    std::sort(members.begin(), members.end());
    out += 'Z';
    put_count(count, out);
    for (const std::string& member : members) out += member;
    return true;
  }
};

}  // namespace

bool take_canonical(std::string_view& bytes, std::string& out) {
  return Canonical().take(bytes, out, 0);
}

// ---- containers

namespace {

struct Entry {
  std::string key;         // canonical
  bool nan = false;        // the key is or holds NaN
  std::string_view value;  // what belongs to the key; of a set's member, itself
};
using Keyed = std::vector<Entry>;

/// Takes the items of a set or mapping, sorted by key. False where a key is unhashable.
bool take_keyed(std::string_view& bytes, const Head& container, int depth, Keyed& out) {
  const bool mapping = container.is_mapping();
  for (std::uint64_t i = 0; i < container.items; i += mapping ? 2 : 1) {
    Entry& entry = out.emplace_back();
    std::string_view begin = bytes;
    Canonical canonical;
    if (!canonical.take(bytes, entry.key, depth + 1)) return false;
    entry.nan = canonical.nan;
    if (mapping) {
      begin = bytes;
      if (!skip_value(bytes)) return false;
    }
    entry.value = begin.substr(0, begin.size() - bytes.size());
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return true;
}

/// Two values at the fronts of two texts; both are removed where the values are equal.
class Comparison {
 public:
  explicit Comparison(const Equality& how) : how_(how) {}

  bool equal(std::string_view& expected, std::string_view& actual, int depth) const {
    Head e, a;
    if (depth > kDepthMax || !take_head(expected, e) || !take_head(actual, a)) return false;
    if (is_number(e.kind)) return is_number(a.kind) && equal_numbers(e.scalar, a.scalar);
    if (e.is_mapping()) return a.is_mapping() && equal_mappings(e, expected, a, actual, depth);
    switch (e.kind) {
      case Kind::none:
        return a.kind == Kind::none;
      case Kind::str:
      case Kind::bytes:
      case Kind::builtin:
        return a.kind == e.kind && a.text == e.text;
      case Kind::list:
      case Kind::tuple:
      case Kind::deque:
        return a.kind == e.kind && a.items == e.items &&
               equal_items(e.items, expected, actual, depth);
      case Kind::set:
      case Kind::frozenset:
        return (a.kind == Kind::set || a.kind == Kind::frozenset) && a.items == e.items &&
               equal_sets(e, expected, a, actual, depth);
      default:
        return false;  // opaque
    }
  }

 private:
  const Equality& how_;

  bool whole_equal(std::string_view expected, std::string_view actual, int depth) const {
    return equal(expected, actual, depth);
  }

  bool equal_numbers(const Value& expected, const Value& actual) const {
    if (has_nan(expected) || has_nan(actual)) {
      return how_.nan_is_nan && has_nan(expected) && has_nan(actual);
    }
    return exactly_equal(expected, actual) ||
           (how_.tolerance && within(*how_.tolerance, expected, actual));
  }

  bool equal_items(std::uint64_t count, std::string_view& expected, std::string_view& actual,
                   int depth) const {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!equal(expected, actual, depth + 1)) return false;
    }
    return true;
  }

  /// Keys are compared without tolerance. NaN keys that were never the same object are not equal.
  bool same_keys(const Keyed& expected, const Keyed& actual) const {
    return expected.size() == actual.size() &&
           std::equal(expected.begin(), expected.end(), actual.begin(),
                      [&](const Entry& e, const Entry& a) {
                        return e.key == a.key && (how_.nan_is_nan || !e.nan);
                      });
  }

  bool equal_sets(const Head& e, std::string_view& expected, const Head& a,
                  std::string_view& actual, int depth) const {
    Keyed wanted, given;
    if (!take_keyed(expected, e, depth, wanted) || !take_keyed(actual, a, depth, given)) {
      return false;
    }
    return same_keys(wanted, given) || (how_.tolerance && equal_number_sets(wanted, given));
  }

  struct Member {
    double number = 0;
    std::string_view encoding;
  };
  /// The members of a set of real numbers in ascending order. False where it holds others.
  static bool sorted_numbers(const Keyed& set, std::vector<Member>& out) {
    Value number;
    for (const Entry& entry : set) {
      if (entry.nan || !decode_whole(entry.value, number)) return false;
      const auto real = as_double(number);
      if (!real) return false;
      out.push_back({*real, entry.value});
    }
    std::sort(out.begin(), out.end(),
              [](const Member& x, const Member& y) { return x.number < y.number; });
    return true;
  }

  /// Sets of real numbers, paired in ascending order.
  bool equal_number_sets(const Keyed& expected, const Keyed& actual) const {
    std::vector<Member> e, a;
    return sorted_numbers(expected, e) && sorted_numbers(actual, a) &&
           std::equal(e.begin(), e.end(), a.begin(), a.end(),
                      [this](const Member& x, const Member& y) {
                        return whole_equal(x.encoding, y.encoding, 0);
                      });
  }

  bool equal_mappings(const Head& e, std::string_view& expected, const Head& a,
                      std::string_view& actual, int depth) const {
    const bool counters = e.kind == Kind::counter && a.kind == Kind::counter;
    if (!counters && e.items != a.items) return false;
    const bool ordered = e.kind == Kind::ordered_dict && a.kind == Kind::ordered_dict;
    if (ordered && !same_order(e.items, expected, actual)) return false;
    Keyed wanted, given;
    if (!take_keyed(expected, e, depth, wanted) || !take_keyed(actual, a, depth, given)) {
      return false;
    }
    if (counters) return equal_counters(wanted, given, depth);
    return same_keys(wanted, given) && std::equal(wanted.begin(), wanted.end(), given.begin(),
                                                  [&](const Entry& x, const Entry& y) {
                                                    return whole_equal(x.value, y.value, depth + 1);
                                                  });
  }

  static bool same_order(std::uint64_t items, std::string_view expected, std::string_view actual) {
    for (std::uint64_t i = 0; i < items; i += 2) {
      std::string x, y;
      if (!take_canonical(expected, x) || !take_canonical(actual, y) || x != y) return false;
      if (!skip_value(expected) || !skip_value(actual)) return false;
    }
    return true;
  }

  /// What one counter lacks, it counts 0 times.
  bool equal_counters(const Keyed& e, const Keyed& a, int depth) const {
    static const std::string zero = encode(Value::of_int(0));
    auto x = e.begin(), y = a.begin();
    while (x != e.end() || y != a.end()) {
      const bool never = x != e.end() && x->nan && !how_.nan_is_nan;
      const bool only_expected = y == a.end() || (x != e.end() && (never || x->key < y->key));
      const bool only_actual = x == e.end() || (!only_expected && y->key < x->key);
      if (!whole_equal(only_actual ? std::string_view(zero) : x->value,
                       only_expected ? std::string_view(zero) : y->value, depth + 1)) {
        return false;
      }
      if (!only_actual) ++x;
      if (!only_expected) ++y;
    }
    return true;
  }
};

}  // namespace

bool equal(std::string_view expected, std::string_view actual, const Equality& how) {
  return Comparison(how).equal(expected, actual, 0) && expected.empty() && actual.empty();
}

}  // namespace assay::verify
