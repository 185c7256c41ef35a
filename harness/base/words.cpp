#include "harness/base/words.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <climits>

#include "harness/base/text.h"

namespace assay {

std::size_t end_of_character(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && continues_character(text[end])) ++end;
  return end;
}

/// C0, DEL and C1, of well-formed UTF-8.
static bool has_control(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.point < 0x20 || (c.point >= 0x7f && c.point < 0xa0)) return true;
    text.remove_prefix(c.bytes);
  }
  return false;
}

std::string_view next_word(std::string_view text, std::size_t at) {
  const auto begin =
      std::find_if(text.begin() + std::min(at, text.size()), text.end(), is_word_char);
  const auto end = std::find_if_not(begin, text.end(), is_word_char);
  return text.substr(static_cast<std::size_t>(begin - text.begin()),
                     static_cast<std::size_t>(end - begin));
}

bool has_word(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = 0;;) {
    const std::string_view found = next_word(text, at);
    if (found.empty()) return false;
    if (found == word) return true;
    at = static_cast<std::size_t>(found.data() - text.data()) + found.size();
  }
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (;;) {
    const std::size_t end = text.find(mark);
    parts.emplace_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> trouble_of_name(std::string_view name) {
  if (name.size() > kNameBytesMax) {
    return fmt::format("is longer than {} bytes", kNameBytesMax);
  }
  if (!is_utf8(name)) return "is not UTF-8";
  if (has_control(name)) return "holds a control character";
  return std::nullopt;
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> bytes_of_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > INT_MAX) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  if (static_cast<std::size_t>(size) < padding) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace assay
