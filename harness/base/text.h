// What of a text may be shown. Names, programs, answers and messages are other people's: this is the
// one place that knows which characters move a cursor, hide, or turn the direction of writing. The
// doors that use it: harness/cli/output.h (terminal, JSON, CSV) and reports/text.h (the page).
// Pure; never throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

struct Character {
  char32_t point = 0xFFFD;
  std::size_t bytes = 1;
  bool malformed = true;  ///< a byte that starts no UTF-8 character
};
/// The character that `text` begins with. REQUIRES: `text` is not empty.
Character first_character(std::string_view text);

/// Whether a character acts or hides where it is shown: controls, marks and overrides of direction, line
/// separators, and what takes no room at all. Line ends and tabs are controls too.
bool is_unprintable(char32_t point);

bool is_utf8(std::string_view text);
/// How many bytes of a byte order mark a text begins with: 3 or 0. Python drops one from a file.
inline std::size_t byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

/// UTF-8 in any case: every malformed byte becomes U+FFFD.
std::string well_formed(std::string_view text);

/// Well-formed UTF-8 without anything that acts or hides: C0 controls, DEL and malformed bytes become
/// "\x1b", all other controls and invisible characters (C1, marks of direction, zero widths, line
/// separators) "\u202e". Line ends and tabs stay.
std::string visible(std::string_view text);
/// `visible`, with line ends and tabs escaped too: one line, whatever a name holds.
std::string visible_line(std::string_view text);

/// At most `bytes_max` bytes from the front, cut between characters.
std::string_view head(std::string_view text, std::size_t bytes_max);
/// `head`, the cut being said: "... (12,345 bytes)", with an ellipsis of one character.
std::string cut(std::string_view text, std::size_t bytes_max);

/// "12,410".
std::string grouped(std::int64_t n);

}  // namespace assay
