// Small questions about texts that come from strangers: where a character ends, which words a text
// holds, whether it may serve as a name. Also base64. Pure functions; thread-safe. What of a text
// may be shown is text.h's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Whether `c` is a later byte of a UTF-8 character.
inline bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
/// Where the character that begins at `at` ends: the next byte that continues none. Steps over
/// broken UTF-8 too. `at` must lie in the text.
std::size_t end_of_character(std::string_view text, std::size_t at);

/// A letter, digit or underscore of ASCII, or a byte of any other character: what an identifier is
/// made of, as far as bytes can tell.
inline bool is_word_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (c & 0x80) != 0;
}
/// The first word (the longest run of word characters) at or after `at`; removes nothing. Empty, and
/// at the text's end, where there is none.
std::string_view next_word(std::string_view text, std::size_t at = 0);
/// Whether `word` stands in `text` as a whole word. Linear in the text, whatever the word.
bool has_word(std::string_view text, std::string_view word);

/// The parts of `text` between the marks; those of the empty text are none, not one empty part.
std::vector<std::string> split(std::string_view text, char mark);

bool contains(const std::vector<std::string>& names, std::string_view name);

/// A name (of a model, a sample, a problem) may have this many bytes: it is printed in every table.
inline constexpr std::size_t kNameBytesMax = 1024;
/// Why `name` is no name to take in: it is no UTF-8, holds a control character (which a terminal or
/// a table would obey), or is too long. Nothing where it is a good one, or empty.
std::optional<std::string> trouble_of_name(std::string_view name);

std::string base64(std::string_view bytes);
/// Nothing where `text` is not base64 with its padding.
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace assay
