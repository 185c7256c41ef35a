#include "harness/analysis/python_literal.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace assay::analysis {

namespace {

constexpr int kNestingMax = 80;  // CPython's parser takes 200 open brackets; a test has some around

/// The character at `at`, and `at` moved behind it: codec texts are UTF-8, surrogates included.
/// Nothing where the bytes are no such text.
std::optional<std::uint32_t> next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const int more = lead < 0x80   ? 0
                   : lead < 0xc2 ? -1
                   : lead < 0xe0 ? 1
                   : lead < 0xf0 ? 2
                   : lead < 0xf5 ? 3
                                 : -1;
  if (more < 0 || at + static_cast<std::size_t>(more) >= text.size()) return std::nullopt;
  std::uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (next & 0x3f);
  }
  at += static_cast<std::size_t>(more) + 1;
  return point;
}

void put_escaped(std::uint32_t point, std::string& out) {
  if (point == '\n') {
    out += "\\n";
  } else if (point == '\t') {
    out += "\\t";
  } else if (point == '\\' || point == '\'') {
    out += '\\';
    out += static_cast<char>(point);
  } else if (point >= 0x20 && point < 0x7f) {
    out += static_cast<char>(point);
  } else if (point < 0x100) {
    out += fmt::format("\\x{:02x}", point);
  } else if (point < 0x10000) {
    out += fmt::format("\\u{:04x}", point);
  } else {
    out += fmt::format("\\U{:08x}", point);
  }
}

/// Writes one value; false where it has no literal or the text becomes too long.
class Literal {
 public:
  explicit Literal(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool put(const Value& value, int depth = 0) {
    if (depth > kNestingMax || text_.size() > bytes_max_) return false;
    switch (value.kind) {
      case Kind::none:
      case Kind::boolean:
      case Kind::integer:
        text_ += repr(value);
        return fits();
      case Kind::big_integer:
        if (value.text.size() > bytes_max_) return false;  // the decimals are longer than the bytes
        text_ += repr(value);
        return fits();
      case Kind::real:
        if (!std::isfinite(value.real)) return false;
        text_ += repr(value);
        return fits();
      case Kind::complex:
        return put_complex(value);
      case Kind::str:
        return put_str(value.text);
      case Kind::bytes:
        return put_bytes(value.text);
      case Kind::list:
        return put_items(value, "[", "]", depth);
      case Kind::tuple:
        return put_items(value, "(", value.items.size() == 1 ? ",)" : ")", depth);
      case Kind::set:
        return value.items.empty() ? put_text("set()") : put_items(value, "{", "}", depth);
      case Kind::frozenset:
        return value.items.empty() ? put_text("frozenset()")
                                   : put_items(value, "frozenset({", "})", depth);
      case Kind::dict:
        return put_items(value, "{", "}", depth);
      default:
        return false;
    }
  }
  bool put_items(const Value& value, const char* open, const char* close, int depth) {
    text_ += open;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) text_ += value.is_mapping() && i % 2 == 1 ? ": " : ", ";
      if (!put(value.items[i], depth + 1)) return false;
    }
    return put_text(close);
  }
  std::string take() { return std::move(text_); }

 private:
  bool fits() const { return text_.size() <= bytes_max_; }
  bool put_text(const char* text) {
    text_ += text;
    return fits();
  }
  bool put_complex(const Value& value) {
    if (!std::isfinite(value.real) || !std::isfinite(value.imaginary)) return false;
    // The sum "a+bj" loses the sign of a zero; the call does not.
    text_ += fmt::format("complex({}, {})", repr(Value::of_real(value.real)),
                         repr(Value::of_real(value.imaginary)));
    return fits();
  }
  bool put_str(std::string_view text) {
    text_ += '\'';
    for (std::size_t at = 0; at < text.size();) {
      const auto point = next_point(text, at);
      if (!point || !fits()) return false;
      put_escaped(*point, text_);
    }
    return put_text("'");
  }
  bool put_bytes(std::string_view bytes) {
    text_ += "b'";
    for (const char c : bytes) {
      if (!fits()) return false;
      put_escaped(static_cast<unsigned char>(c), text_);
    }
    return put_text("'");
  }

  std::size_t bytes_max_;
  std::string text_;
};

}  // namespace

std::optional<std::string> python_literal(const Value& value, std::size_t bytes_max) {
  Literal literal(bytes_max);
  if (!literal.put(value)) return std::nullopt;
  return literal.take();
}

std::optional<std::string> python_arguments(const Value& tuple, std::size_t bytes_max) {
  Literal literal(bytes_max);
  if (tuple.kind != Kind::tuple || !literal.put_items(tuple, "", "", 0)) return std::nullopt;
  return literal.take();
}

}  // namespace assay::analysis
