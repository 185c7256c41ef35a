#include "harness/base/text.h"

#include <fmt/format.h>

namespace assay {

static bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, false};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t point = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return {};
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return {};
  return {point, length, false};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.malformed) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

std::string well_formed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    out += c.malformed ? "\uFFFD" : text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  return out;
}

/// C1 controls, marks and overrides of direction, line separators, and what takes no room at all.
static bool hides(char32_t point) {
  return (point >= 0x80 && point < 0xA0) || point == 0xAD || point == 0x61C || point == 0x180E ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xE0000 && point <= 0xE0FFF);
}

static std::string escaped(const Character& c, char byte) {
  if (c.malformed || c.point < 0x80) {
    return fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  const auto point = static_cast<std::uint32_t>(c.point);
  return point > 0xFFFF ? fmt::format("\\U{:08x}", point) : fmt::format("\\u{:04x}", point);
}

static std::string shown(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool stays = lines && (c.point == '\n' || c.point == '\t');
    const bool acts = c.malformed || c.point < 0x20 || c.point == 0x7F || hides(c.point);
    if (acts && !stays) {
      out += escaped(c, text[0]);
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string visible(std::string_view text) { return shown(text, true); }
std::string visible_line(std::string_view text) { return shown(text, false); }

std::string_view head(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && continues(text[end])) --end;
  return text.substr(0, end);
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  return fmt::format("{}\u2026 ({} bytes)", head(text, bytes_max),
                     grouped(static_cast<std::int64_t>(text.size())));
}

std::string grouped(std::int64_t n) {
  std::string digits = std::to_string(n < 0 ? -n : n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return n < 0 ? "-" + digits : digits;
}

}  // namespace assay
