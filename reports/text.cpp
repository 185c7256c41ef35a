#include "reports/text.h"

#include <fmt/format.h>

#include <cmath>

namespace assay::reports {

namespace {

std::string percent_digits(double share) {
  const double value = 100 * share;
  if (value != 0 && std::abs(value) < 0.1) return fmt::format("{:.2g}", value);
  const std::string text = fmt::format("{:.1f}", value);
  return text == "-0.0" ? "0.0" : text;
}

struct Character {
  std::uint32_t point = 0xFFFD;
  std::size_t bytes = 1;
};

// One character from the front; malformed bytes one at a time, as U+FFFD.
Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return {};
  std::uint32_t point = byte(0) & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return {};
  return {point, length};
}

bool hides(std::uint32_t point) {
  return (point >= 0x80 && point < 0xA0) || point == 0xAD || point == 0x61C || point == 0x180E ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xE0000 && point <= 0xE0FFF);
}

}  // namespace

std::string percent(std::optional<double> share) {
  return share ? percent_digits(*share) + "%" : kDash;
}

std::string percent_interval(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return fmt::format("[{}, {}]", percent_digits(interval->lo), percent_digits(interval->hi));
}

std::string percent(const Estimate& estimate) {
  std::string text = percent(estimate.value);
  if (estimate.value && estimate.interval) text += " " + percent_interval(estimate.interval);
  return text;
}

std::string decimal(std::optional<double> value) {
  if (!value) return kDash;
  const std::string text = fmt::format("{:.3f}", *value);
  return text == "-0.000" ? "0.000" : text;
}

std::string decimal(const Estimate& estimate) {
  std::string text = decimal(estimate.value);
  if (estimate.value && estimate.interval)
    text +=
        fmt::format(" [{}, {}]", decimal(estimate.interval->lo), decimal(estimate.interval->hi));
  return text;
}

std::string count(std::int64_t n) {
  std::string digits = std::to_string(n < 0 ? -n : n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return n < 0 ? "-" + digits : digits;
}

std::string count(std::int64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", count(n), noun, n == 1 ? "" : "s");
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = next_character(text);
    if (c.point == 0xFFFD) {
      out += "\uFFFD";
    } else if (c.point < 0x20 && c.point != '\n' && c.point != '\t') {
      out += {'\xE2', '\x90', static_cast<char>(0x80 + c.point)};  // U+2400 + control
    } else if (c.point == 0x7F) {
      out += "\u2421";
    } else if (hides(c.point)) {
      out +=
          c.point > 0xFFFF ? fmt::format("\\U{:08x}", c.point) : fmt::format("\\u{:04x}", c.point);
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    if (c == '\n' || c == '\t') {
      out += ' ';
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+!|~@$>").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}\u2026 ({} bytes)", text.substr(0, end),
                     count(static_cast<std::int64_t>(text.size())));
}

}  // namespace assay::reports
