// What of a program's output has to be equal to a right one. Plain data; harness/verify/compare/output.h
// compares.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::datasets {

struct OutputRule {
  enum class Compare : std::uint8_t {
    tokens,  ///< what stands between white space, in order
    lines,   ///< lines, but for white space at their ends and for empty lines at the text's end
    exact,   ///< every byte
  };
  Compare compare = Compare::tokens;
  /// Above 0: two tokens that are numbers, and not both whole, are equal where they differ by at most this,
  /// or by this share of the right one. Not with `exact`.
  double tolerance = 0;
  bool unordered = false;  ///< lines may come in any order; not with `exact`
};
/// "tokens", "lines", "exact".
const char* name_of(OutputRule::Compare compare);
/// Nothing for a name that is none's.
std::optional<OutputRule::Compare> compare_named(std::string_view name);

}  // namespace assay::datasets
