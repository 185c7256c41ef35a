#include "harness/verify/compare/equal.h"

#include <openssl/bn.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <limits>
#include <memory>
#include <vector>

#include "harness/base/value/encoded.h"
#include "harness/base/value/parts.h"

namespace assay::verify {

// ---- numbers

static bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::big_integer || kind == Kind::boolean ||
         kind == Kind::real || kind == Kind::complex || kind == Kind::fraction ||
         kind == Kind::decimal;
}

/// A Fraction or Decimal whose head was taken: its parts become those of head.scalar.
static bool take_exact(std::string_view& bytes, Head& head) {
  Value number;
  number.kind = head.kind;
  for (std::uint64_t i = 0; i < head.items; ++i) {
    Head part;
    if (!take_head(bytes, part)) return false;
    if (part.kind == Kind::str) number.text = part.text;
    if (head.kind == Kind::fraction) number.items.push_back(std::move(part.scalar));
  }
  head.scalar = std::move(number);
  head.items = 0;
  return true;
}

/// Of an array whose head was taken: whether it has no axes; then only its element is left.
static bool take_to_element(std::string_view& bytes) {
  std::string_view ahead = bytes;
  Head dtype, shape, list;
  if (!take_head(ahead, dtype) || !take_head(ahead, shape) || shape.items > 0) return false;
  bytes = ahead;
  return take_head(bytes, list) && list.items == 1;
}

bool take_plain_head(std::string_view& bytes, Head& head) {
  if (!take_head(bytes, head)) return false;
  Head passed;
  switch (head.kind) {
    case Kind::numpy_scalar:
      return take_head(bytes, passed) && take_plain_head(bytes, head);
    case Kind::enum_of_data:
      return take_head(bytes, passed) && take_head(bytes, passed) && take_plain_head(bytes, head);
    case Kind::numpy_array:
      // What it holds may be no scalar where the bytes lie; then it is compared as what it is.
      return !take_to_element(bytes) || take_head(bytes, head);
    case Kind::bytearray:
      return take_head(bytes, head);
    case Kind::fraction:
    case Kind::decimal:
      return take_exact(bytes, head);
    default:
      return true;
  }
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

using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

/// The integer in the one form that Value has for it.
static Value value_of(const BIGNUM* number) {
  Value value;
  if (BN_num_bits(number) < 64) {
    const auto magnitude = static_cast<std::int64_t>(BN_get_word(number));
    return Value::of_int(BN_is_negative(number) ? -magnitude : magnitude);
  }
  value.kind = Kind::big_integer;
  value.negative = BN_is_negative(number) != 0;
  value.text.resize(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(value.text.data()),
                 static_cast<int>(value.text.size()));
  if (value.negative && value.text == std::string(7, '\0') + '\x80')
    return Value::of_int(INT64_MIN);
  return value;
}

static Value fraction_of(Value numerator, Value denominator) {
  Value value;
  value.kind = Kind::fraction;
  value.items.push_back(std::move(numerator));
  value.items.push_back(std::move(denominator));
  return value;
}

static BigNumber power_of_ten(std::int64_t exponent) {
  BIGNUM* power = nullptr;
  BN_dec2bn(&power, ("1" + std::string(static_cast<std::size_t>(exponent), '0')).c_str());
  return {power, &BN_free};
}

static Value normal(const Value& number);

/// A finite Decimal: an integer or a Fraction in lowest terms; one of too many places stays itself.
static Value normal_decimal(const Decimal& decimal) {
  const auto digits = static_cast<std::int64_t>(decimal.digits.size());
  if (digits == 0) return Value::of_int(0);
  if (std::llabs(decimal.exponent) > kDecimalDigitsMax || digits > kDecimalDigitsMax) {
    Value value;
    value.kind = Kind::decimal;
    value.negative = decimal.negative;
    value.integer = decimal.exponent;
    value.text = decimal.digits;
    return value;
  }
  const std::string zeros(static_cast<std::size_t>(std::max<std::int64_t>(decimal.exponent, 0)),
                          '0');
  BIGNUM* parsed = nullptr;
  BN_dec2bn(&parsed, (decimal.digits + zeros).c_str());
  const BigNumber coefficient(parsed, &BN_free);
  BN_set_negative(coefficient.get(), decimal.negative);
  if (decimal.exponent >= 0) return value_of(coefficient.get());
  const BigNumber denominator = power_of_ten(-decimal.exponent);
  // The coefficient does not end in 0: it shares with a power of ten either twos or fives.
  for (std::int64_t i = 0; i < -decimal.exponent && !BN_is_odd(coefficient.get()); ++i) {
    BN_rshift1(coefficient.get(), coefficient.get());
    BN_rshift1(denominator.get(), denominator.get());
  }
  for (std::int64_t i = 0; i < -decimal.exponent && BN_mod_word(coefficient.get(), 5) == 0; ++i) {
    BN_div_word(coefficient.get(), 5);
    BN_div_word(denominator.get(), 5);
  }
  return normal(fraction_of(value_of(coefficient.get()), value_of(denominator.get())));
}

/// The exponent of a power of two, as a denominator; nullopt where it is none, or beyond a double's.
static std::optional<int> power_of_two(const Value& denominator) {
  if (denominator.kind == Kind::integer) {
    const auto bits = static_cast<std::uint64_t>(denominator.integer);
    return std::has_single_bit(bits) ? std::optional(std::countr_zero(bits)) : std::nullopt;
  }
  const std::string& bytes = denominator.text;
  const auto last = static_cast<unsigned char>(bytes.back());
  if (bytes.size() > 136 || !std::has_single_bit(last) ||
      bytes.find_first_not_of('\0') != bytes.size() - 1) {
    return std::nullopt;
  }
  return static_cast<int>(8 * (bytes.size() - 1)) + std::countr_zero(last);
}

/// A Fraction that an int or a float is equal to becomes that one.
static Value normal_fraction(const Value& fraction) {
  const Value &numerator = fraction.items[0], &denominator = fraction.items[1];
  if (denominator.kind == Kind::integer && denominator.integer == 1) return numerator;
  const auto exponent = power_of_two(denominator);
  if (!exponent || numerator.kind != Kind::integer || numerator.integer % 2 == 0) return fraction;
  const auto whole = static_cast<double>(numerator.integer);
  const double quotient = std::ldexp(whole, -*exponent);
  const bool exact = std::fabs(whole) <= 0x1p53 && std::ldexp(quotient, *exponent) == whole;
  return exact ? Value::of_real(quotient) : fraction;
}

/// Numbers that are equal in Python become the same Value.
static Value normal(const Value& number) {
  if (number.kind == Kind::boolean) return Value::of_int(number.integer);
  if (number.kind == Kind::fraction) return normal_fraction(number);
  if (number.kind == Kind::decimal) {
    const auto decimal = parse_decimal(number.text);
    if (!decimal || decimal->form == Decimal::Form::nan) return Value::of_real(NAN);
    if (decimal->form == Decimal::Form::infinite) {
      return Value::of_real(decimal->negative ? -INFINITY : INFINITY);
    }
    return normal_decimal(*decimal);
  }
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
          (std::isnan(number.real) || std::isnan(number.imaginary))) ||
         (number.kind == Kind::decimal &&
          parse_decimal(number.text).value_or(Decimal{}).form == Decimal::Form::nan);
}

static bool same_number(const Value& x, const Value& y) {
  return x.kind == y.kind && x.integer == y.integer && x.negative == y.negative &&
         x.text == y.text && x.real == y.real && x.imaginary == y.imaginary &&
         std::equal(x.items.begin(), x.items.end(), y.items.begin(), y.items.end(), same_number);
}

static bool exactly_equal(const Value& a, const Value& b) {
  if (a.kind == b.kind && a.kind == Kind::real) return a.real == b.real;
  if (a.kind == b.kind && a.kind == Kind::integer) return a.integer == b.integer;
  // Fractions are equal part by part, before either is looked at as another number.
  if (a.kind == b.kind && a.kind == Kind::fraction) return same_number(a, b);
  return same_number(normal(a), normal(b));
}

std::optional<double> as_double(const Value& value) {
  if (value.kind == Kind::real) return value.real;
  if (value.kind == Kind::integer || value.kind == Kind::boolean) {
    return static_cast<double>(value.integer);
  }
  if (value.kind == Kind::fraction) return *as_double(value.items[0]) / *as_double(value.items[1]);
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
  if (!a || !e) return false;  // a Decimal is exact, and has no difference from a float in Python
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

/// Days from 1970 to a date of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
/// algorithms").
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// Takes the parts of a moment and appends a text that equal ones share: its kind, whether it has a
/// zone, and the microseconds since the epoch, since midnight, or of the difference.
bool take_moment(std::string_view& bytes, std::uint64_t items, std::string& out) {
  Head head;
  if (!take_head(bytes, head)) return false;
  const std::string_view kind = head.text;
  std::vector<std::int64_t> part;
  bool zoned = false;
  for (std::uint64_t i = 1; i < items; ++i) {
    if (!take_head(bytes, head)) return false;
    zoned = head.kind == Kind::integer;  // of the last part, where that is a zone
    part.push_back(zoned ? head.scalar.integer : 0);
  }
  const bool has_time = kind == "time" || kind == "datetime";
  zoned = zoned && has_time;
  constexpr std::int64_t kSecond = 1'000'000, kDay = 86400 * kSecond;
  // 999,999,999 days are 8.64e19 microseconds: beyond 64 bits.
  __int128 microseconds = 0;
  std::size_t at = 0;
  if (kind == "timedelta") {
    microseconds = static_cast<__int128>(part[0]) * kDay + part[1] * kSecond + part[2];
  } else if (kind != "time") {
    microseconds = static_cast<__int128>(days_from_civil(part[0], part[1], part[2])) * kDay;
    at = 3;
  }
  if (has_time) {
    microseconds += ((part[at] * 60 + part[at + 1]) * 60 + part[at + 2]) * kSecond + part[at + 3];
    microseconds -= part[at + 4];
  }
  out += 'w';
  out += kind;
  out += zoned ? '+' : ' ';
  out.append(reinterpret_cast<const char*>(&microseconds), sizeof microseconds);
  return true;
}

BigNumber big_number(const Value& integer) {
  BIGNUM* number = BN_new();
  if (integer.kind == Kind::integer) {
    const auto bits = static_cast<std::uint64_t>(integer.integer);
    BN_set_word(number, integer.integer < 0 ? 0 - bits : bits);
    BN_set_negative(number, integer.integer < 0);
  } else {
    BN_lebin2bn(reinterpret_cast<const unsigned char*>(integer.text.data()),
                static_cast<int>(integer.text.size()), number);
    BN_set_negative(number, integer.negative);
  }
  return {number, &BN_free};
}

/// How many numbers a range gives, or nullopt: its numbers are so long that dividing them, which
/// takes the square of their length, would be felt.
std::optional<Value> length_of(const Value& start, const Value& stop, const Value& step) {
  constexpr std::size_t kBytesMax = 4096;
  for (const Value* value : {&start, &stop, &step}) {
    if (value->text.size() > kBytesMax) return std::nullopt;
  }
  const BigNumber span = big_number(stop), from = big_number(start), by = big_number(step);
  BN_sub(span.get(), span.get(), from.get());
  if (BN_is_zero(span.get()) || BN_is_negative(span.get()) != BN_is_negative(by.get())) {
    return Value::of_int(0);
  }
  BN_set_negative(span.get(), 0);
  BN_set_negative(by.get(), 0);
  // The span divided by the step, rounded up.
  BN_sub_word(span.get(), 1);
  const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_new(), &BN_CTX_free);
  BN_div(span.get(), nullptr, span.get(), by.get(), context.get());
  BN_add_word(span.get(), 1);
  return value_of(span.get());
}

/// Takes the parts of a range and appends a text that equal ones share: its length, its first number
/// and its step, as far as it has them.
bool take_range(std::string_view& bytes, std::string& out) {
  Head start, stop, step;
  if (!take_head(bytes, start) || !take_head(bytes, stop) || !take_head(bytes, step)) return false;
  const auto length = length_of(start.scalar, stop.scalar, step.scalar);
  out += length ? 'r' : 'R';
  encode(length ? *length : stop.scalar, out);
  const bool empty = length && length->kind == Kind::integer && length->integer == 0;
  const bool single = length && length->kind == Kind::integer && length->integer == 1;
  if (!empty) encode(start.scalar, out);
  if (!empty && !single) encode(step.scalar, out);
  return true;
}

/// Appends canonical texts and notes whether any of the values is NaN.
class Canonical {
 public:
  bool take(std::string_view& bytes, std::string& out, int depth) {
    Head head;
    if (depth > kDepthMax || !take_plain_head(bytes, head)) return false;
    if (is_number(head.kind)) {
      put_number(head.scalar, out);
      return true;
    }
    switch (head.kind) {
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
      case Kind::named_tuple:
        return drop_names(bytes, head) && take_items(bytes, 't', head.items, out, depth);
      case Kind::tuple:
        return take_items(bytes, 't', head.items, out, depth);
      case Kind::enum_member:
      case Kind::data_class:
        return take_items(bytes, head.kind == Kind::enum_member ? 'E' : 'G', head.items, out,
                          depth);
      case Kind::frozenset:
        return take_members(bytes, head.items, out, depth);
      case Kind::range:
        return take_range(bytes, out);
      case Kind::moment:
        return take_moment(bytes, head.items, out);
      default:
        return false;
    }
  }

  /// A named tuple whose head was taken becomes a tuple.
  static bool drop_names(std::string_view& bytes, Head& head) {
    Head name;
    if (!take_head(bytes, name) || !skip_value(bytes)) return false;
    head.kind = Kind::tuple;
    head.items -= 2;
    return true;
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

  bool take_items(std::string_view& bytes, char tag, std::uint64_t count, std::string& out,
                  int depth) {
    out += tag;
    put_count(count, out);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!take(bytes, out, depth + 1)) return false;
    }
    return true;
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

bool is_set_like(Kind kind) {
  return kind == Kind::set || kind == Kind::frozenset || kind == Kind::keys_view ||
         kind == Kind::items_view;
}

/// Takes the items of a set or mapping, sorted by key. False where a key is unhashable. `pairs`: an
/// entry's key is key and value together, as the members of dict_items are among those of a set.
bool take_keyed(std::string_view& bytes, const Head& container, int depth, Keyed& out,
                bool pairs = false) {
  const bool two = container.is_mapping() || container.kind == Kind::items_view;
  for (std::uint64_t i = 0; i < container.items; i += two ? 2 : 1) {
    Entry& entry = out.emplace_back();
    std::string_view begin = bytes;
    Canonical canonical;
    if (two && pairs) {
      entry.key = "t";
      put_count(2, entry.key);
    }
    if (!canonical.take(bytes, entry.key, depth + 1)) return false;
    if (two) {
      if (!pairs) begin = bytes;
      if (!(pairs ? canonical.take(bytes, entry.key, depth + 1) : skip_value(bytes))) return false;
    }
    entry.nan = canonical.nan;
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
    if (depth > kDepthMax || !take_plain_head(expected, e) || !take_plain_head(actual, a)) {
      return false;
    }
    if (is_number(e.kind)) return is_number(a.kind) && equal_numbers(e.scalar, a.scalar);
    if (e.is_mapping()) return a.is_mapping() && equal_mappings(e, expected, a, actual, depth);
    if (is_set_like(e.kind))
      return is_set_like(a.kind) && equal_sets(e, expected, a, actual, depth);
    if (e.kind == Kind::named_tuple && !Canonical::drop_names(expected, e)) return false;
    if (a.kind == Kind::named_tuple && !Canonical::drop_names(actual, a)) return false;
    if (a.kind != e.kind) return false;
    switch (e.kind) {
      case Kind::none:
        return true;
      case Kind::str:
      case Kind::bytes:
      case Kind::builtin:
        return a.text == e.text;
      case Kind::iterator:
      case Kind::values_view:
        if (!how_.contents) return false;
        [[fallthrough]];
      case Kind::list:
      case Kind::tuple:
      case Kind::deque:
      case Kind::enum_member:
      case Kind::data_class:
        return a.items == e.items && equal_items(e.items, expected, actual, depth);
      case Kind::numpy_array:
        // The dtype is none of the value.
        return take_head(expected, e) && take_head(actual, a) &&
               equal_items(2, expected, actual, depth);
      case Kind::range:
      case Kind::moment:
        return equal_texts(e, expected, a, actual);
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

  static bool equal_texts(const Head& e, std::string_view& expected, const Head& a,
                          std::string_view& actual) {
    std::string x, y;
    const bool range = e.kind == Kind::range;
    return (range ? take_range(expected, x) : take_moment(expected, e.items, x)) &&
           (range ? take_range(actual, y) : take_moment(actual, a.items, y)) && x == y;
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
    if (e.kind == Kind::items_view && a.kind == e.kind) {
      return equal_mappings(e, expected, a, actual, depth);
    }
    const auto size = [](const Head& set) {
      return set.kind == Kind::items_view ? set.items / 2 : set.items;
    };
    Keyed wanted, given;
    if (size(e) != size(a) || !take_keyed(expected, e, depth, wanted, true) ||
        !take_keyed(actual, a, depth, given, true)) {
      return false;
    }
    if (same_keys(wanted, given)) return true;
    const bool pairs = e.kind == Kind::items_view || a.kind == Kind::items_view;
    return how_.tolerance && !pairs && equal_number_sets(wanted, given);
  }

  struct Member {
    double number = 0;
    std::string_view encoding;
  };
  /// The members of a set of real numbers in ascending order. False where it holds others.
  static bool sorted_numbers(const Keyed& set, std::vector<Member>& out) {
    for (const Entry& entry : set) {
      std::string_view bytes = entry.value;
      Head head;
      if (entry.nan || !take_plain_head(bytes, head) || !is_number(head.kind)) return false;
      const auto real = as_double(head.scalar);
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

bool is_true(const Head& value) {
  switch (value.kind) {
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
    case Kind::real:
    case Kind::complex:
    case Kind::fraction:
    case Kind::decimal:
      return !exactly_equal(value.scalar, Value::of_int(0));
    case Kind::str:
    case Kind::bytes:
      return !value.text.empty();
    case Kind::list:
    case Kind::tuple:
    case Kind::set:
    case Kind::frozenset:
    case Kind::deque:
    case Kind::dict:
    case Kind::ordered_dict:
    case Kind::default_dict:
    case Kind::counter:
    case Kind::keys_view:
    case Kind::items_view:
      return value.items > 0;
    default:
      return true;
  }
}

}  // namespace assay::verify
