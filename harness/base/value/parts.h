// The containers of the codec (value.h) and their tags, in one table; and what the parts of those
// types must be that are made of parts. Pure functions; thread-safe; nothing throws on hostile
// input.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/base/value/value.h"

namespace assay {

/// What holds other values.
std::optional<Kind> container_of(char tag);
/// 0 where the kind is no container.
char tag_of(Kind kind);

/// Whether `count` values at the front of `bytes` can be what a value of this kind is made of. Of a
/// list's or a mapping's items nothing is said here. Reads no further than it must.
bool are_parts_of(Kind kind, std::uint64_t count, std::string_view bytes);

/// Whether a set may hold it, as far as its kind tells.
bool is_hashable(Kind kind);

/// A Decimal's str, taken apart: sign, coefficient without zeros at either end (empty: zero), and
/// the exponent of its last digit.
struct Decimal {
  enum class Form { finite, infinite, nan } form = Form::finite;
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};
/// nullopt where the text is none.
std::optional<Decimal> parse_decimal(std::string_view text);

}  // namespace assay
