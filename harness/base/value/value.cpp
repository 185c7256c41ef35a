#include "harness/base/value/value.h"

#include <fmt/format.h>
#include <openssl/bn.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/value/names.h"
#include "harness/base/value/parts.h"
#include "harness/base/value/varint.h"

namespace assay {

Value Value::of_bool(bool b) {
  Value v;
  v.kind = Kind::boolean;
  v.integer = b;
  return v;
}
Value Value::of_int(std::int64_t i) {
  Value v;
  v.kind = Kind::integer;
  v.integer = i;
  return v;
}
Value Value::of_real(double d) {
  Value v;
  v.kind = Kind::real;
  v.real = d;
  return v;
}
Value Value::of_complex(double re, double im) {
  Value v;
  v.kind = Kind::complex;
  v.real = re;
  v.imaginary = im;
  return v;
}
Value Value::of_str(std::string s) {
  Value v;
  v.kind = Kind::str;
  v.text = std::move(s);
  return v;
}
Value Value::sequence(Kind kind, std::vector<Value> items) {
  Value v;
  v.kind = kind;
  v.items = std::move(items);
  return v;
}

// ---- encoding

static void put_double(double d, std::string& out) {
  char bytes[sizeof d];
  std::memcpy(bytes, &d, sizeof d);
  out.append(bytes, sizeof d);
}

static void put_text(char tag, const std::string& text, std::string& out) {
  out += tag;
  put_varint(text.size(), out);
  out += text;
}

void encode(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::none:
      out += 'N';
      return;
    case Kind::boolean:
      out += value.integer ? 'T' : 'F';
      return;
    case Kind::integer: {
      out += 'i';
      const auto bits = static_cast<std::uint64_t>(value.integer);
      put_varint((bits << 1) ^ (value.integer < 0 ? ~std::uint64_t{0} : 0), out);
      return;
    }
    case Kind::big_integer:
      out += 'I';
      out += static_cast<char>(value.negative);
      put_varint(value.text.size(), out);
      out += value.text;
      return;
    case Kind::real:
      out += 'd';
      put_double(value.real, out);
      return;
    case Kind::complex:
      out += 'c';
      put_double(value.real, out);
      put_double(value.imaginary, out);
      return;
    case Kind::str:
      put_text('s', value.text, out);
      return;
    case Kind::bytes:
      put_text('b', value.text, out);
      return;
    case Kind::builtin:
      put_text('B', value.text, out);
      return;
    case Kind::opaque:
      put_text('o', value.text, out);
      return;
    default:
      out += tag_of(value.kind);
      put_varint(value.is_mapping() ? value.items.size() / 2 : value.items.size(), out);
      for (const Value& item : value.items) encode(item, out);
  }
}

std::string encode(const Value& value) {
  std::string out;
  encode(value, out);
  return out;
}

// ---- decoding

static bool take_double(std::string_view& bytes, double& d) {
  if (bytes.size() < sizeof d) return false;
  std::memcpy(&d, bytes.data(), sizeof d);
  bytes.remove_prefix(sizeof d);
  return true;
}

static bool take_text(std::string_view& bytes, std::string& text) {
  std::uint64_t size;
  if (!take_varint(bytes, size) || size > bytes.size()) return false;
  text.assign(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return true;
}

/// How long the UTF-8 sequence is that `byte` begins; 0 where none begins so.
static std::size_t utf8_length(unsigned char byte) {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 0;
}

bool is_str_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = utf8_length(first);
    if (length == 0 || length > text.size() - at) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
    }
    const auto second = static_cast<unsigned char>(length > 1 ? text[at + 1] : 0);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90) ||
        (first == 0xf4 && second > 0x8f)) {
      return false;
    }
    at += length;
  }
  return true;
}

static bool take_str(std::string_view& bytes, Value& value) {
  value.kind = Kind::str;
  return take_text(bytes, value.text) && is_str_text(value.text);
}

static bool take_name(std::string_view& bytes, Value& value, Kind kind) {
  value.kind = kind;
  if (!take_text(bytes, value.text)) return false;
  const std::string& name = value.text;
  return kind == Kind::builtin ? is_builtin_name(name.data(), name.size())
                               : is_type_name(name.data(), name.size());
}

/// What a set or a mapping's keys may hold.
static bool is_hashable(const Value& value) {
  const bool by_items = value.kind == Kind::tuple || value.kind == Kind::named_tuple;
  return is_hashable(value.kind) &&
         (!by_items || std::all_of(value.items.begin(), value.items.end(),
                                   [](const Value& item) { return is_hashable(item); }));
}

static bool take_items(std::string_view& bytes, Value& value, Kind kind, int depth);

static bool take(std::string_view& bytes, Value& value, int depth) {
  if (bytes.empty() || depth > kDepthMax) return false;
  const char tag = bytes.front();
  bytes.remove_prefix(1);
  value = Value{};
  switch (tag) {
    case 'N':
      return true;
    case 'T':
    case 'F':
      value = Value::of_bool(tag == 'T');
      return true;
    case 'i': {
      std::uint64_t n;
      if (!take_varint(bytes, n)) return false;
      value = Value::of_int(static_cast<std::int64_t>((n >> 1) ^ (~(n & 1) + 1)));
      return true;
    }
    case 'I':
      if (bytes.empty() || static_cast<unsigned char>(bytes.front()) > 1) return false;
      value.kind = Kind::big_integer;
      value.negative = bytes.front() != 0;
      bytes.remove_prefix(1);
      // At least 8 bytes (a shorter one fits 'i') and minimal: an integer has one encoding.
      return take_text(bytes, value.text) && value.text.size() >= 8 && value.text.back() != 0;
    case 'd':
      value.kind = Kind::real;
      return take_double(bytes, value.real);
    case 'c':
      value.kind = Kind::complex;
      return take_double(bytes, value.real) && take_double(bytes, value.imaginary);
    case 's':
      return take_str(bytes, value);
    case 'b':
      value.kind = Kind::bytes;
      return take_text(bytes, value.text);
    case 'B':
      return take_name(bytes, value, Kind::builtin);
    case 'o':
      return take_name(bytes, value, Kind::opaque);
    default: {
      const std::optional<Kind> container = container_of(tag);
      return container && take_items(bytes, value, *container, depth);
    }
  }
}

static bool take_items(std::string_view& bytes, Value& value, Kind kind, int depth) {
  value.kind = kind;
  std::uint64_t count;
  if (!take_varint(bytes, count)) return false;
  const std::uint64_t width = value.is_mapping() ? 2 : 1;
  // Every item takes a byte at least, so a count beyond what is left is a lie.
  if (count > bytes.size() / width || !are_parts_of(kind, count, bytes)) return false;
  value.items.reserve(std::min<std::uint64_t>(count * width, 1024));
  for (std::uint64_t i = 0; i < count * width; ++i) {
    Value& item = value.items.emplace_back();
    if (!take(bytes, item, depth + 1)) return false;
    const bool is_key = kind == Kind::set || kind == Kind::frozenset || (width == 2 && i % 2 == 0);
    if (is_key && !is_hashable(item)) return false;
  }
  return true;
}

bool decode(std::string_view& bytes, Value& value) { return take(bytes, value, 0); }

bool decode_whole(std::string_view bytes, Value& value) {
  return take(bytes, value, 0) && bytes.empty();
}

// ---- integers of any size

using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

bool integer_from_decimal(std::string_view text, Value& value) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '-') digits.remove_prefix(1);
  if (digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  std::int64_t small;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), small);
  if (error == std::errc{} && end == text.data() + text.size()) {
    value = Value::of_int(small);
    return true;
  }
  BIGNUM* parsed = nullptr;
  const int length = BN_dec2bn(&parsed, std::string(text).c_str());
  const BigNumber number(parsed, &BN_free);
  if (length != static_cast<int>(text.size())) return false;
  value = Value{};
  value.kind = Kind::big_integer;
  value.negative = BN_is_negative(number.get());
  value.text.resize(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2lebinpad(number.get(), reinterpret_cast<unsigned char*>(value.text.data()),
                 static_cast<int>(value.text.size()));
  return true;
}

}  // namespace assay
