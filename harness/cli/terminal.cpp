#include "harness/cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace assay::cli {

/// Columns a UTF-8 text takes; model names and dashes are the only non-ASCII we print.
static std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = visible_line(cell);
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

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "–";
}

std::string with_interval(const stats::Estimate& estimate) {
  if (!estimate.value) return "–";
  if (!estimate.interval) return number(estimate.value);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", *estimate.value, estimate.interval->lo,
                     estimate.interval->hi);
}

/// A log keeps every line; a bar is written over.
static constexpr std::chrono::milliseconds kBarEvery{100}, kLineEvery{30'000};

ProgressBar::ProgressBar(bool quiet, const Clock& clock)
    : on_(!quiet && isatty(STDERR_FILENO)),
      clock_(clock),
      last_(quiet ? Clock::Time::max() : clock.now()) {}  // quiet: nothing is ever due
ProgressBar::~ProgressBar() { clear(); }

static std::string duration(double seconds) {
  const auto s = static_cast<std::int64_t>(seconds + 0.5);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

void ProgressBar::show(const std::string& what, std::int64_t done, std::int64_t total,
                       const std::string& figures) {
  const auto now = clock_.now();
  if (what != what_) {
    what_ = what;
    start_ = now;
    done_at_start_ = done;
    if (on_) last_ = {};
  }
  const bool ends = on_ && done >= total;
  if (now - last_ < (on_ ? kBarEvery : kLineEvery) && !ends) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - done_at_start_) / seconds : 0;
  static constexpr int kWidth = 30;
  static constexpr std::size_t kNameBytesMax = 60;  // a line that wraps is not written over
  const std::string text = figures.empty() ? what : what + ", " + figures;
  const int filled = total > 0 ? static_cast<int>(kWidth * done / total) : kWidth;
  const std::string left =
      rate > 0 ? ", " + duration(static_cast<double>(total - done) / rate) + " left" : "";
  if (!on_) {
    return remark(false, fmt::format("{}: {} of {} ({:.0f}/s{})", text, done, total, rate, left));
  }
  const std::string line = fmt::format(
      "{} [{}{}] {}/{} ({:.0f}/s{})", head(visible_line(text), kNameBytesMax),
      std::string(static_cast<std::size_t>(filled), '='),
      std::string(static_cast<std::size_t>(kWidth - filled), ' '), done, total, rate, left);
  messages().write_over(line);
  shown_ = true;
}

void ProgressBar::clear() {
  if (shown_) messages().write_over("");
  shown_ = false;
}

std::string notes_text(const std::set<std::string>& notes) {
  static constexpr std::size_t kNotesMax = 12;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& note : notes) {
    if (++shown > kNotesMax) break;
    text += visible_line(note) + "\n";
  }
  if (notes.size() > kNotesMax) {
    text += fmt::format("... and {} more notes (--json)\n", notes.size() - kNotesMax);
  }
  return text;
}

}  // namespace assay::cli
