#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

namespace assay::reports {

namespace {

std::string percent_digits(double share) {
  const double value = 100 * share;
  if (std::abs(value) < 1e-3) return "0.0";  // no sample here tells such shares from nothing
  if (std::abs(value) < 0.1) return with_sign(fmt::format("{:.2g}", value));
  return with_sign(fmt::format("{:.1f}", value));
}

std::string point_digits(double difference) {
  return with_sign(fmt::format("{:+.1f}", 100 * difference));
}

/// Whether this character of a Markdown text would mean something there.
bool acts(std::string_view text, std::size_t at) {
  const char c = text[at];
  const auto is_word = [&](std::size_t i) {
    return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
                               static_cast<unsigned char>(text[i]) >= 0x80);
  };
  const bool ends_word = at + 1 == text.size() || text[at + 1] == ' ';
  const bool after_word = at > 0 && is_word(at - 1), before_word = is_word(at + 1);
  switch (c) {
    case '\\':
    case '`':
    case '*':
    case '|':
    case '~':
    case '$':
      return true;
    case '_':
      return !(after_word && before_word);
    case '@':  // a mention
      return !after_word && before_word;
    case ']':  // the end of a link's words
      return at + 1 < text.size() &&
             std::string_view("([:").find(text[at + 1]) != std::string_view::npos;
    case '#':
    case '=':
    case '>':
      return at == 0;
    case '+':
    case '-':  // a list, a line
      return at == 0 && (ends_word || text[1] == c);
    case '.':
    case ')':  // "1. " begins a list
      return at > 0 && ends_word &&
             text.substr(0, at).find_first_not_of("0123456789") == std::string_view::npos;
    default:
      return false;
  }
}

}  // namespace

std::string with_sign(std::string digits) {
  if (digits.find_first_of("123456789") == std::string::npos && !digits.empty() &&
      (digits.front() == '-' || digits.front() == '+'))
    return digits.substr(1);
  return digits.starts_with('-') ? "\u2212" + digits.substr(1) : digits;
}

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
  return with_sign(fmt::format("{:.3f}", *value));
}

std::string decimal(const Estimate& estimate) {
  std::string text = decimal(estimate.value);
  if (estimate.value && estimate.interval)
    text +=
        fmt::format(" [{}, {}]", decimal(estimate.interval->lo), decimal(estimate.interval->hi));
  return text;
}

std::string points(std::optional<double> difference) {
  return difference ? point_digits(*difference) + " pp" : kDash;
}

std::string points_interval(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return fmt::format("[{}, {}]", point_digits(interval->lo), point_digits(interval->hi));
}

std::string count(std::int64_t n) { return grouped(n); }

std::string count(std::int64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", count(n), noun, n == 1 ? "" : "s");
}

std::string list_in_words(const std::vector<std::string>& items, std::size_t shown) {
  const std::size_t named = items.size() > shown + 1 ? shown : items.size();
  std::string out;
  for (std::size_t i = 0; i < named; ++i) {
    const bool is_last = i + 1 == items.size();
    out += (i == 0 ? "" : is_last ? " and " : ", ") + items[i];
  }
  if (named < items.size()) out += fmt::format(" and {} more", items.size() - named);
  return out;
}

std::string kind_in_words(const std::string& status) {
  static const std::map<std::string, std::string> words = {
      {"pass", "passed"},
      {"fail", "wrong value"},
      {"error", "exception"},
      {"timeout", "too slow"},
      {"memory", "too much memory"},
      {"output", "too much output"},
      {"crash", "crash"},
      {"syntax", "syntax error"},
      {"no_entry_point", "no entry point"},
      {"no_program", "no program"},
      {"tampered", "tampered with its judging"},
      {"missing", "internal error"}};
  const auto found = words.find(status);
  return found == words.end() ? status : found->second;
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
  std::string shown = visible(text);
  for (char& c : shown)
    if (c == '\n' || c == '\t') c = ' ';
  shown.erase(0, std::min(shown.size(), shown.find_first_not_of(' ')));  // or it would be code
  std::string out;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (acts(shown, i)) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace assay::reports
