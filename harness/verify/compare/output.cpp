#include "harness/verify/compare/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "harness/base/numbers.h"

namespace assay::verify {
namespace {

using Compare = OutputRule::Compare;
using Lines = std::vector<std::string_view>;

bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// What stands between white space.
Lines tokens_of(std::string_view text) {
  Lines out;
  for (std::size_t at = 0; at < text.size();) {
    if (is_white(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !is_white(text[end])) ++end;
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string_view without_end(std::string_view line) {
  while (!line.empty() && is_white(line.back())) line.remove_suffix(1);
  return line;
}

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(without_end(text.substr(0, end)));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

/// A number written as one that is not whole. What a problem counts has no tolerance.
bool is_real(std::string_view token) { return token.find_first_of(".eEnN") != token.npos; }

std::optional<double> number_of(std::string_view token) {
  return number_in<double>(token.starts_with('+') ? token.substr(1) : token);
}

bool same_token(const OutputRule& rule, std::string_view right, std::string_view written) {
  if (right == written) return true;
  if (rule.tolerance <= 0 || (!is_real(right) && !is_real(written))) return false;
  const auto a = number_of(right), b = number_of(written);
  return a && b && std::abs(*a - *b) <= rule.tolerance * std::max(1.0, std::abs(*a));
}

bool same_tokens(const OutputRule& rule, const Lines& right, const Lines& written) {
  return std::equal(right.begin(), right.end(), written.begin(), written.end(),
                    [&](std::string_view a, std::string_view b) { return same_token(rule, a, b); });
}

/// A line as `rule` looks at it.
bool same_line(const OutputRule& rule, std::string_view right, std::string_view written) {
  if (rule.compare == Compare::lines && rule.tolerance <= 0) return right == written;
  return right == written || same_tokens(rule, tokens_of(right), tokens_of(written));
}

/// The lines that count, in the order in which they are compared.
Lines compared_lines(const OutputRule& rule, std::string_view text) {
  Lines out = lines_of(text);
  if (rule.compare == Compare::tokens) std::erase(out, std::string_view());
  if (rule.unordered) std::ranges::sort(out);
  return out;
}

}  // namespace

bool accepts(const OutputRule& rule, std::string_view right, std::string_view written) {
  if (rule.compare == Compare::exact || right == written) return right == written;
  if (rule.compare == Compare::tokens && !rule.unordered)
    return same_tokens(rule, tokens_of(right), tokens_of(written));
  const Lines a = compared_lines(rule, right), b = compared_lines(rule, written);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](std::string_view x, std::string_view y) { return same_line(rule, x, y); });
}

std::string difference(const OutputRule& rule, std::string_view right, std::string_view written) {
  constexpr std::size_t kShown = 80;
  const auto shown = [](std::string_view text) {
    return text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "...";
  };
  const Lines a = lines_of(right), b = lines_of(written);
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i) {
    if (i < a.size() && i < b.size() && same_line(rule, a[i], b[i])) continue;
    if (i >= b.size())
      return fmt::format("it ends before line {}, where {} is right", i + 1, shown(a[i]));
    if (i >= a.size()) return fmt::format("line {} is too much: {}", i + 1, shown(b[i]));
    return fmt::format("line {}: {} in place of {}", i + 1, shown(b[i]), shown(a[i]));
  }
  return "it differs in white space alone";
}

}  // namespace assay::verify
