// repr() of plain values, as Python prints them. One implementation, on encodings: what a program
// answered is printed without being built first.
#include <fmt/format.h>
#include <openssl/bn.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "harness/base/text.h"
#include "harness/base/value/encoded.h"
#include "harness/base/value/names.h"

namespace assay {

/// More than any integer that a file may hold (json_value.cpp): 10,000 digits.
static constexpr std::size_t kIntegerBytesMax = 4200;

using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

static std::string decimal_of(const Value& value) {
  const BigNumber number(BN_lebin2bn(reinterpret_cast<const unsigned char*>(value.text.data()),
                                     static_cast<int>(value.text.size()), nullptr),
                         &BN_free);
  BN_set_negative(number.get(), value.negative);
  char* decimal = BN_bn2dec(number.get());
  std::string text = decimal;
  OPENSSL_free(decimal);
  return text;
}

static std::string repr_real(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", d);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

static std::string repr_complex_part(double d) {
  std::string text = repr_real(d);
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

/// The character that a str goes on with. A lone surrogate, which Python's str may hold and UTF-8 may
/// not, comes as its point.
static Character character_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 3 && byte(0) == 0xED && byte(1) >= 0xA0 && byte(1) < 0xC0) {
    return {0xD000u | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3, true};
  }
  return first_character(text);
}

/// As Python writes what is not printable.
static std::string escape_of(std::uint32_t point) {
  if (point == '\n') return "\\n";
  if (point == '\t') return "\\t";
  if (point == '\r') return "\\r";
  if (point < 0x100) return fmt::format("\\x{:02x}", point);
  return point < 0x10000 ? fmt::format("\\u{:04x}", point) : fmt::format("\\U{:08x}", point);
}

static void repr_quoted(std::string_view text, bool is_bytes, std::string& out,
                        std::size_t length_max) {
  const bool has_single = text.find('\'') != text.npos;
  const bool has_double = text.find('"') != text.npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  if (is_bytes) out += 'b';
  out += quote;
  for (std::string_view rest = text; !rest.empty();) {
    if (out.size() > length_max) {
      out += fmt::format("... ({} bytes)", text.size());
      return;
    }
    const auto byte = static_cast<unsigned char>(rest[0]);
    const Character c = is_bytes ? Character{byte, 1, byte >= 0x80} : character_of(rest);
    if (c.malformed || is_unprintable(c.point)) {
      out += escape_of(static_cast<std::uint32_t>(c.point));
    } else {
      if (rest[0] == quote || rest[0] == '\\') out += '\\';
      out += rest.substr(0, c.bytes);
    }
    rest.remove_prefix(c.bytes);
  }
  out += quote;
}

/// A name of Python as it is; whatever else stands in its place in quotes, so that it cannot pass
/// for code. The decoder lets only names through, but a Value may be made by hand.
static void repr_name(std::string_view name, std::string& out) {
  if (is_type_name(name.data(), name.size())) {
    out += name;
  } else {
    repr_quoted(name, false, out, SIZE_MAX);
  }
}

namespace {

struct Brackets {
  const char *open, *close;
};

Brackets brackets_of(Kind kind, bool empty) {
  switch (kind) {
    case Kind::tuple:
      return {"(", ")"};
    case Kind::set:
      return empty ? Brackets{"set(", ")"} : Brackets{"{", "}"};
    case Kind::frozenset:
      return empty ? Brackets{"frozenset(", ")"} : Brackets{"frozenset({", "})"};
    case Kind::deque:
      return {"deque([", "])"};
    case Kind::dict:
      return {"{", "}"};
    case Kind::ordered_dict:
      return {"OrderedDict({", "})"};
    case Kind::default_dict:
      return {"defaultdict(..., {", "})"};
    case Kind::counter:
      return {"Counter({", "})"};
    case Kind::range:
      return {"range(", ")"};
    case Kind::fraction:
      return {"Fraction(", ")"};
    case Kind::decimal:
      return {"Decimal(", ")"};
    case Kind::bytearray:
      return {"bytearray(", ")"};
    case Kind::keys_view:
      return {"dict_keys([", "])"};
    case Kind::values_view:
      return {"dict_values([", "])"};
    case Kind::items_view:
      return {"dict_items([", "])"};
    case Kind::iterator:
      return {"<iterator over [", "]>"};
    case Kind::numpy_scalar:
      return {"<numpy ", ">"};
    case Kind::numpy_array:
      return {"<numpy array ", ">"};
    default:
      return {"[", "]"};
  }
}

/// Prints one value after the other until the text is long enough.
class Printer {
 public:
  Printer(std::string& out, std::size_t length_max) : out_(out), length_max_(length_max) {}

  /// False where the bytes break off, or nothing more needs to be read.
  bool put(std::string_view& bytes, int depth) {
    Head head;
    if (depth > kDepthMax || !take_head(bytes, head)) {
      out_ += "(not decodable)";
      return false;
    }
    switch (head.kind) {
      case Kind::str:
      case Kind::bytes:
        repr_quoted(head.text, head.kind == Kind::bytes, out_, length_max_);
        return true;
      case Kind::builtin:
        repr_name(head.text, out_);
        return true;
      case Kind::opaque:
        out_ += '<';
        repr_name(head.text, out_);
        out_ += " object>";
        return true;
      case Kind::none:
      case Kind::boolean:
      case Kind::integer:
      case Kind::big_integer:
      case Kind::real:
      case Kind::complex:
        put_scalar(head.scalar);
        return true;
      case Kind::moment:
      case Kind::named_tuple:
      case Kind::data_class:
      case Kind::enum_of_data:
      case Kind::enum_member:
        return put_named(head, bytes, depth);
      default:
        return put_items(head, bytes, depth);
    }
  }

 private:
  /// What begins with the name of its type: Point(x=1, y=2), datetime.date(2024, 2, 29), <Color.RED: 1>.
  bool put_named(const Head& head, std::string_view& bytes, int depth) {
    Head name, fields;
    take_head(bytes, name);
    std::uint64_t left = head.items - 1;
    const bool record = head.kind == Kind::named_tuple || head.kind == Kind::data_class;
    const bool member = head.kind == Kind::enum_of_data || head.kind == Kind::enum_member;
    out_ += member ? "<" : head.kind == Kind::moment ? "datetime." : "";
    repr_name(name.text, out_);
    if (member) {
      take_head(bytes, fields);
      out_ += fmt::format(".{}: ", fields.text);
      const bool whole = put(bytes, depth + 1);
      out_ += '>';
      return whole;
    }
    std::string_view names;
    if (record) {
      take_head(bytes, fields);
      names = bytes;
      for (std::uint64_t i = 0; i < fields.items; ++i) skip_value(bytes);
      --left;
    }
    out_ += '(';
    bool whole = true;
    for (std::uint64_t i = 0; whole && i < left; ++i) {
      if (i > 0) out_ += ", ";
      if (out_.size() > length_max_) {
        out_ += fmt::format("... ({} items)", left);
        whole = false;
        break;
      }
      if (record) {
        take_head(names, name);
        out_ += fmt::format("{}=", name.text);
      }
      whole = put(bytes, depth + 1);
    }
    out_ += ')';
    return whole;
  }

  void put_scalar(const Value& value) {
    switch (value.kind) {
      case Kind::none:
        out_ += "None";
        return;
      case Kind::boolean:
        out_ += value.integer ? "True" : "False";
        return;
      case Kind::integer:
        out_ += fmt::format("{}", value.integer);
        return;
      case Kind::big_integer:
        // 2.41 decimal digits a byte: a number far beyond the cut is not converted at all, nor one
        // whose conversion, which takes the square of its length, would be felt.
        out_ += value.text.size() > std::min(length_max_, kIntegerBytesMax)
                    ? fmt::format("... (int of {} bits)", value.text.size() * 8)
                    : decimal_of(value);
        return;
      case Kind::complex:
        put_complex(value);
        return;
      default:
        out_ += repr_real(value.real);
    }
  }

  void put_complex(const Value& value) {
    const std::string imaginary = repr_complex_part(value.imaginary) + "j";
    if (value.real == 0 && !std::signbit(value.real)) {
      out_ += imaginary;
    } else {
      out_ += fmt::format("({}{}{})", repr_complex_part(value.real),
                          imaginary.front() == '-' ? "" : "+", imaginary);
    }
  }

  bool put_items(const Head& head, std::string_view& bytes, int depth) {
    const Brackets brackets = brackets_of(head.kind, head.items == 0);
    const std::uint64_t width = head.is_mapping() ? 2 : 1;
    out_ += brackets.open;
    bool whole = true;
    for (std::uint64_t i = 0; i < head.items; i += width) {
      if (i > 0) out_ += ", ";
      if (!whole || out_.size() > length_max_) {
        out_ += fmt::format("... ({} items)", head.items / width);
        whole = false;
        break;
      }
      whole = put(bytes, depth + 1) && (width == 1 || put_value(bytes, depth));
    }
    if (head.kind == Kind::tuple && head.items == 1) out_ += ',';
    out_ += brackets.close;
    return whole;
  }

  /// What belongs to the key of a mapping's entry.
  bool put_value(std::string_view& bytes, int depth) {
    out_ += ": ";
    return put(bytes, depth + 1);
  }

  std::string& out_;
  const std::size_t length_max_;
};

}  // namespace

std::string repr_encoded(std::string_view encoding, std::size_t length_max) {
  std::string out;
  Printer(out, length_max).put(encoding, 0);
  return out;
}

std::string repr(const Value& value, std::size_t length_max) {
  return repr_encoded(encode(value), length_max);
}

}  // namespace assay
