#include "harness/base/value/parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "harness/base/value/encoded.h"
#include "harness/base/value/names.h"

namespace assay {

namespace {

struct Row {
  Kind kind;
  char tag;
};
constexpr Row kContainers[] = {
    {Kind::list, 'l'},         {Kind::tuple, 't'},        {Kind::set, 'S'},
    {Kind::frozenset, 'Z'},    {Kind::deque, 'q'},        {Kind::dict, 'm'},
    {Kind::ordered_dict, 'O'}, {Kind::default_dict, 'D'}, {Kind::counter, 'C'},
    {Kind::range, 'r'},        {Kind::fraction, 'f'},     {Kind::decimal, 'e'},
    {Kind::bytearray, 'j'},    {Kind::keys_view, 'k'},    {Kind::values_view, 'v'},
    {Kind::items_view, 'y'},   {Kind::iterator, 'g'},     {Kind::moment, 'w'},
    {Kind::named_tuple, 'n'},  {Kind::data_class, 'G'},   {Kind::enum_of_data, 'u'},
    {Kind::enum_member, 'E'},  {Kind::numpy_scalar, 'x'}, {Kind::numpy_array, 'a'},
};

}  // namespace

std::optional<Kind> container_of(char tag) {
  for (const Row& row : kContainers) {
    if (row.tag == tag) return row.kind;
  }
  return std::nullopt;
}

char tag_of(Kind kind) {
  for (const Row& row : kContainers) {
    if (row.kind == kind) return row.tag;
  }
  return 0;
}

bool is_hashable(Kind kind) {
  switch (kind) {
    case Kind::list:
    case Kind::set:
    case Kind::deque:
    case Kind::dict:
    case Kind::ordered_dict:
    case Kind::default_dict:
    case Kind::counter:
    case Kind::bytearray:
    case Kind::keys_view:
    case Kind::items_view:
    case Kind::numpy_array:
      return false;
    default:
      return true;
  }
}

// ---- decimals

/// Exponents of CPython's Decimal have at most 18 digits.
static constexpr std::size_t kExponentDigitsMax = 19;

static std::size_t count_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

static bool starts_without_case(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

/// "E+12" or nothing, to the end of the text.
static bool take_exponent(std::string_view text, std::int64_t& exponent) {
  exponent = 0;
  if (text.empty()) return true;
  if (text[0] != 'E' && text[0] != 'e') return false;
  text.remove_prefix(text.size() > 1 && text[1] == '+' ? 2 : 1);
  if (text.size() > kExponentDigitsMax) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  if (starts_without_case(text, "infinity")) {
    decimal.form = Decimal::Form::infinite;
    return text.size() == 8 ? std::optional(decimal) : std::nullopt;
  }
  const std::string_view quiet = text.substr(starts_without_case(text, "snan") ? 1 : 0);
  if (starts_without_case(quiet, "nan")) {
    decimal.form = Decimal::Form::nan;
    return count_digits(quiet.substr(3)) == quiet.size() - 3 ? std::optional(decimal)
                                                             : std::nullopt;
  }
  const std::size_t whole = count_digits(text);
  decimal.digits = text.substr(0, whole);
  text.remove_prefix(whole);
  std::size_t places = 0;
  if (text.starts_with('.')) {
    places = count_digits(text.substr(1));
    decimal.digits += text.substr(1, places);
    text.remove_prefix(1 + places);
  }
  if (decimal.digits.empty() || !take_exponent(text, decimal.exponent)) return std::nullopt;
  decimal.exponent -= static_cast<std::int64_t>(places);
  decimal.digits.erase(0, std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size()));
  const std::size_t kept = decimal.digits.find_last_not_of('0') + 1;
  decimal.exponent += static_cast<std::int64_t>(decimal.digits.size() - kept);
  decimal.digits.resize(kept);
  if (decimal.digits.empty()) decimal.exponent = 0;
  return decimal;
}

// ---- parts

namespace {

/// Takes parts one by one from the front of an encoding.
class Parts {
 public:
  explicit Parts(std::string_view bytes) : bytes_(bytes) {}

  bool text(Kind kind) { return take() && head_.kind == kind; }
  bool name() { return text(Kind::str) && is_type_name(head_.text.data(), head_.text.size()); }
  bool integer() {
    return take() && (head_.kind == Kind::integer || head_.kind == Kind::big_integer);
  }
  bool integer_within(std::int64_t low, std::int64_t high) {
    return take() && head_.kind == Kind::integer && head_.scalar.integer >= low &&
           head_.scalar.integer <= high;
  }
  bool zone() {
    constexpr std::int64_t kDay = 86'400'000'000;
    if (bytes_.starts_with('N')) return take();
    return integer_within(-kDay + 1, kDay - 1);
  }
  bool container(Kind kind) { return take() && head_.kind == kind; }
  bool scalar() { return take() && tag_of(head_.kind) == 0; }
  const Head& head() const { return head_; }

 private:
  /// A part that is looked into is a scalar, a tuple or a list: those of others would be looked into
  /// in turn, as deep as a stranger nests them.
  bool take() {
    if (bytes_.empty()) return false;
    const auto container = container_of(bytes_.front());
    return (!container || *container == Kind::tuple || *container == Kind::list) &&
           take_head(bytes_, head_);
  }

  std::string_view bytes_;
  Head head_;
};

bool is_moment(Parts parts, std::uint64_t count) {
  if (!parts.text(Kind::str)) return false;
  const std::string_view kind = parts.head().text;
  const auto day = [&] {
    return parts.integer_within(1, 9999) && parts.integer_within(1, 12) &&
           parts.integer_within(1, 31);
  };
  const auto clock = [&] {
    return parts.integer_within(0, 23) && parts.integer_within(0, 59) &&
           parts.integer_within(0, 59) && parts.integer_within(0, 999'999) && parts.zone();
  };
  if (kind == "date") return count == 4 && day();
  if (kind == "time") return count == 6 && clock();
  if (kind == "datetime") return count == 9 && day() && clock();
  return kind == "timedelta" && count == 4 && parts.integer_within(-999'999'999, 999'999'999) &&
         parts.integer_within(0, 86'399) && parts.integer_within(0, 999'999);
}

/// A class's name, a tuple of field names, and a value for each.
bool is_record(Parts parts, std::uint64_t count) {
  if (!parts.name() || !parts.container(Kind::tuple) || parts.head().items + 2 != count) {
    return false;
  }
  for (std::uint64_t i = 2; i < count; ++i) {
    if (!parts.text(Kind::str) ||
        !is_builtin_name(parts.head().text.data(), parts.head().text.size())) {
      return false;
    }
  }
  return true;
}

bool is_enum(Parts parts, std::uint64_t count, bool of_data) {
  if (count != 3 || !parts.name() || !parts.text(Kind::str) ||
      !is_enum_member_name(parts.head().text.data(), parts.head().text.size())) {
    return false;
  }
  return !of_data || (parts.scalar() &&
                      (parts.head().kind == Kind::integer ||
                       parts.head().kind == Kind::big_integer || parts.head().kind == Kind::str));
}

/// "<i8": the byte order, the kind, and how many bytes or characters.
bool is_dtype(std::string_view text) {
  return text.size() >= 3 && text.size() <= 12 &&
         std::string_view("<>|=").find(text[0]) != std::string_view::npos &&
         std::string_view("biufcSU").find(text[1]) != std::string_view::npos &&
         count_digits(text.substr(2)) == text.size() - 2;
}

bool is_numpy_scalar(Parts parts, std::uint64_t count) {
  return count == 2 && parts.text(Kind::str) && is_dtype(parts.head().text) && parts.scalar() &&
         parts.head().kind != Kind::opaque && parts.head().kind != Kind::builtin;
}

bool is_numpy_array(Parts parts, std::uint64_t count) {
  if (count != 3 || !parts.text(Kind::str) || !is_dtype(parts.head().text) ||
      !parts.container(Kind::tuple)) {
    return false;
  }
  std::uint64_t elements = 1;
  for (std::uint64_t i = 0, axes = parts.head().items; i < axes; ++i) {
    if (!parts.integer_within(0, INT32_MAX)) return false;
    const auto size = static_cast<std::uint64_t>(parts.head().scalar.integer);
    if (__builtin_mul_overflow(elements, size, &elements)) return false;
  }
  return parts.container(Kind::list) && parts.head().items == elements;
}

bool is_range(Parts parts, std::uint64_t count) {
  return count == 3 && parts.integer() && parts.integer() && parts.integer() &&
         (parts.head().kind == Kind::big_integer || parts.head().scalar.integer != 0);
}

bool is_fraction(Parts parts, std::uint64_t count) {
  return count == 2 && parts.integer() && parts.integer() &&
         (parts.head().kind == Kind::big_integer ? !parts.head().scalar.negative
                                                 : parts.head().scalar.integer > 0);
}

}  // namespace

bool are_parts_of(Kind kind, std::uint64_t count, std::string_view bytes) {
  Parts parts(bytes);
  switch (kind) {
    case Kind::range:
      return is_range(parts, count);
    case Kind::fraction:
      return is_fraction(parts, count);
    case Kind::decimal:
      return count == 1 && parts.text(Kind::str) && parse_decimal(parts.head().text).has_value();
    case Kind::bytearray:
      return count == 1 && parts.text(Kind::bytes);
    case Kind::items_view:
      return count % 2 == 0;
    case Kind::moment:
      return is_moment(parts, count);
    case Kind::named_tuple:
    case Kind::data_class:
      return is_record(parts, count);
    case Kind::enum_of_data:
    case Kind::enum_member:
      return is_enum(parts, count, kind == Kind::enum_of_data);
    case Kind::numpy_scalar:
      return is_numpy_scalar(parts, count);
    case Kind::numpy_array:
      return is_numpy_array(parts, count);
    default:
      return true;
  }
}

}  // namespace assay
