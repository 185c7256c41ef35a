// What commands print: tables, numbers and the progress bar. NO_COLOR and a stream that is no terminal
// are respected. How it leaves: output.h.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/cli/output.h"
#include "harness/stats/bootstrap.h"

namespace assay::cli {

/// An aligned text table; the first column is left-aligned, the others right-aligned.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  /// Cells are shown on one line each, whatever they hold.
  void add(std::vector<std::string> row);
  void left_align(std::size_t column) { left_.push_back(column); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> left_ = {0};
};

/// Three digits, a thin dash where undefined.
std::string number(const std::optional<double>& value);
/// "0.123 [0.100, 0.145]".
std::string with_interval(const stats::Estimate& estimate);

/// One line that is written over, with rate and time left; where standard error is no terminal, a line
/// of its own every half minute; nothing where `quiet`.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet, const Clock& clock = kSteadyClock);
  ~ProgressBar();
  /// `figures` stand behind `what` and may change; where `what` changes, something else has begun, and
  /// rate and time left are its own.
  void show(const std::string& what, std::int64_t done, std::int64_t total,
            const std::string& figures = "");
  bool on() const { return on_; }
  void clear();

 private:
  bool on_;
  bool shown_ = false;
  std::string what_;
  std::int64_t done_at_start_ = 0;
  const Clock& clock_;
  Clock::Time start_, last_;
};

/// A line each; of many (one for each model, say) the first dozen, so that they bury no table.
std::string notes_text(const std::set<std::string>& notes);

}  // namespace assay::cli
