// Whether what a program wrote to standard output is a right output, as judges of competitions compare.
// Pure; thread-safe; in time that grows with the two texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::verify {

/// What of two texts has to be equal.
struct OutputRule {
  enum class Compare : std::uint8_t {
    tokens,  ///< what stands between white space, in order
    lines,   ///< lines, but for white space at their ends and for empty lines at the text's end
    exact,   ///< every byte
  };
  Compare compare = Compare::tokens;
  /// Above 0: two tokens that are numbers are equal where they differ by at most this, or by this share of
  /// the right one. Not with `exact`.
  double tolerance = 0;
  bool unordered = false;  ///< lines may come in any order; not with `exact`
};
/// "tokens", "lines", "exact".
const char* name_of(OutputRule::Compare compare);

/// Whether `written` is as `right` demands.
bool accepts(const OutputRule& rule, std::string_view right, std::string_view written);

/// Where they first part, for people to read: "line 3: 7 in place of 8". REQUIRES: not accepted.
std::string difference(const OutputRule& rule, std::string_view right, std::string_view written);

}  // namespace assay::verify
