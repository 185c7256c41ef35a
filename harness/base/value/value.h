// Plain Python data outside Python, and the byte codec it travels in.
//
// Only values of exact built-in types cross the sandbox's border, and those of the types below that
// are known by their address. Everything else crosses as the *name* of its type (Kind::opaque), so no
// object of a program under test, and none of its methods, ever takes part in its own judging. The same codec is implemented in C inside the interpreter
// (sandbox/runtime/python/codec.c); this file is its definition.
//
// Codec, one value: a tag byte, then
//   N                    None
//   T F                  True, False
//   i  zigzag varint     int that fits 64 bits (always used when it fits)
//   I  sign varint bytes int: sign byte 0 or 1 (1 = negative), length, magnitude little-endian,
//                        no leading (most significant) zero byte
//   d  8 bytes           float, IEEE-754 little-endian
//   c  16 bytes          complex: real, imaginary
//   s  varint bytes      str, UTF-8 with surrogates encoded as Python's "surrogatepass"
//   b  varint bytes      bytes
//   l t S Z q  varint items      list, tuple, set, frozenset, collections.deque
//   m O D C    varint (key value)*  dict, OrderedDict, defaultdict, Counter
//   B  varint bytes      a builtin type or function, by its name in `builtins` ("int", "len")
//   o  varint bytes      anything else: "module.qualname" of its type
// A type with parts is a varint count and so many values, which parts.cpp checks:
//   r  range: start, stop, step          f  Fraction: numerator, denominator (as it holds them)
//   e  Decimal: str of it                j  bytearray: bytes
//   k v y  dict_keys, dict_values, dict_items: the items; of y key, value, key, value ...
//   g  an iterator or generator: what it gave
//   w  "date", y, m, d; "time", h, m, s, us, zone; "datetime", y ... us, zone; "timedelta", days,
//      s, us; a zone is None or its offset in microseconds
//   n  named tuple: class, tuple of field names, values ...
//   G  dataclass: the same, of the fields that its == compares
//   u  member of an Enum that is an int or a str (IntEnum, IntFlag): class, member, int or str
//   E  member of a plain Enum: class, member, value
//   x  numpy scalar: dtype, the Python scalar     a  numpy array: dtype, shape, list of scalars
// The names of B and o are 1 to 255 of the characters that names.h allows, on both sides: nothing
// from inside a jail reads as code. Keys and members of sets are hashable kinds.
// varint: unsigned LEB128, at most 10 bytes. Nesting is capped at kDepthMax on both sides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class Kind : std::uint8_t {
  none,
  boolean,
  integer,      ///< fits 64 bits: `integer`
  big_integer,  ///< does not: `negative` and `text` (magnitude, little-endian)
  real,
  complex,
  str,
  bytes,
  list,
  tuple,
  set,
  frozenset,
  deque,
  dict,
  ordered_dict,
  default_dict,
  counter,
  builtin,
  opaque,
  range,
  fraction,
  decimal,
  bytearray,
  keys_view,
  values_view,
  items_view,
  iterator,
  moment,  ///< datetime.date, time, datetime, timedelta
  named_tuple,
  data_class,
  enum_of_data,  ///< equal to the int or str that it is
  enum_member,
  numpy_scalar,
  numpy_array,
};

/// A Python value. Which members mean something depends on `kind`.
struct Value {
  Kind kind = Kind::none;
  bool negative = false;     ///< big_integer
  std::int64_t integer = 0;  ///< integer; boolean (0 or 1)
  double real = 0;           ///< real; complex
  double imaginary = 0;      ///< complex
  std::string text;          ///< str, bytes, builtin, opaque; big_integer's magnitude
  std::vector<Value> items;  ///< sequences and sets; for mappings key, value, key, value ...
                             ///< the parts of a type that has them

  static Value of_bool(bool b);
  static Value of_int(std::int64_t i);
  static Value of_real(double d);
  static Value of_complex(double re, double im);
  static Value of_str(std::string s);
  static Value sequence(Kind kind, std::vector<Value> items);

  bool is_mapping() const {
    return kind == Kind::dict || kind == Kind::ordered_dict || kind == Kind::default_dict ||
           kind == Kind::counter;
  }
};

inline constexpr int kDepthMax = 200;  ///< deeper data is refused: recursion here must be bounded

/// Appends the encoding of `value` to `out`.
void encode(const Value& value, std::string& out);
std::string encode(const Value& value);

/// Whether `text` is what a Python str holds: UTF-8 as "surrogatepass" reads it, in shortest forms, up
/// to U+10FFFF.
bool is_str_text(std::string_view text);

/// Decodes one value from the front of `bytes` and removes it from there. False where `bytes` is
/// not a well-formed encoding (never throws on hostile input, never allocates more than a small
/// multiple of bytes.size()).
bool decode(std::string_view& bytes, Value& value);
/// Exactly one value and nothing after it.
bool decode_whole(std::string_view bytes, Value& value);

/// Integer from decimal text ("-123", any length). False if it is not one.
bool integer_from_decimal(std::string_view text, Value& value);

/// As Python's repr() would print it; cut after about `length_max` characters, the cut and the
/// whole kind being said ("[1, 2, ... (list of 5000)").
std::string repr(const Value& value, std::size_t length_max = SIZE_MAX);

}  // namespace assay
