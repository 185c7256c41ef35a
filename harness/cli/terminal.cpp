#include "harness/cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace assay::cli {

/// Columns a UTF-8 text takes; model names and dashes are the only non-ASCII we print.
static std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string printable(std::string_view text, bool lines) {
  std::string out;
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned byte = at(i);
    if (lines && (byte == '\n' || byte == '\t')) {
      out += text[i];
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && at(i + 1) >= 0x80 && at(i + 1) < 0xa0) {
      out += fmt::format("\\x{:02x}", at(++i));
    } else if (byte == 0xe2 && ((at(i + 1) == 0x80 && at(i + 2) >= 0xaa && at(i + 2) <= 0xae) ||
                                (at(i + 1) == 0x81 && at(i + 2) >= 0xa6 && at(i + 2) <= 0xa9))) {
      out += fmt::format("\\u{:04x}", 0x2000 + ((at(i + 1) & 0x3f) << 6) + (at(i + 2) & 0x3f));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = printable(cell, false);
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string pad(widths[c] - width(row[c]), ' ');
      const bool left = std::find(left_.begin(), left_.end(), c) != left_.end();
      line += (c ? "  " : "") + (left ? row[c] + pad : pad + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string cut_text(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  std::size_t end = length;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return fmt::format("{}... ({} bytes)", text.substr(0, end), text.size());
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "–";
}

std::string with_interval(const stats::Estimate& estimate) {
  if (!estimate.value) return "–";
  if (!estimate.interval) return number(estimate.value);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", *estimate.value, estimate.interval->lo,
                     estimate.interval->hi);
}

ProgressBar::ProgressBar(bool quiet) : on_(!quiet && isatty(STDERR_FILENO)) {}
ProgressBar::~ProgressBar() { clear(); }

static std::string duration(double seconds) {
  const auto s = static_cast<std::int64_t>(seconds + 0.5);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

void ProgressBar::show(const std::string& what, std::int64_t done, std::int64_t total) {
  if (!on_) return;
  const auto now = std::chrono::steady_clock::now();
  if (what != what_) {
    what_ = what;
    start_ = now;
    done_at_start_ = done - 1;
    last_ = {};
  }
  if (now - last_ < std::chrono::milliseconds(100) && done < total) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - done_at_start_) / seconds : 0;
  static constexpr int kWidth = 30;
  const int filled = total > 0 ? static_cast<int>(kWidth * done / total) : kWidth;
  const std::string left =
      rate > 0 ? ", " + duration(static_cast<double>(total - done) / rate) + " left" : "";
  const std::string line = fmt::format("\r{} [{}{}] {}/{} ({:.0f}/s{})\x1b[K", what,
                                       std::string(static_cast<std::size_t>(filled), '='),
                                       std::string(static_cast<std::size_t>(kWidth - filled), ' '),
                                       done, total, rate, left);
  std::fputs(line.c_str(), stderr);
  shown_ = true;
}

void ProgressBar::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

std::string notes_text(const std::set<std::string>& notes) {
  static constexpr std::size_t kNotesMax = 12;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& note : notes) {
    if (++shown > kNotesMax) break;
    text += printable(note, false) + "\n";
  }
  if (notes.size() > kNotesMax) {
    text += fmt::format("... and {} more notes (--json)\n", notes.size() - kNotesMax);
  }
  return text;
}

void remark(bool quiet, const std::string& text) {
  if (!quiet) std::fprintf(stderr, "%s\n", printable(text, true).c_str());
}

}  // namespace assay::cli
