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

std::string count(std::int64_t n) { return grouped(n); }

std::string count(std::int64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", count(n), noun, n == 1 ? "" : "s");
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

}  // namespace assay::reports
