// Measures the style of the programs that passed a suite, at the end of a run. style.py reads the
// texts in a jail of its own kind, a few in one process: they are parsed there, never executed, so
// that no text can speak for another; and after one that gave trouble, each of the rest is read in
// a process of its own, so that it cannot silence another either. Where the interpreter has no
// pycodestyle or mccabe, their numbers are absent with the reason.
//
// Nothing here touches a verdict, and nothing here throws for trouble of its own: it says it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/options.h"
#include "harness/store/style.h"
#include "sandbox/sandbox.h"

namespace assay::run {

/// Reads texts in a jail with pycodestyle and mccabe, or with what there is of them.
class StyleReader {
 public:
  /// Throws Error where no jail can be had.
  explicit StyleReader(const sandbox::Config& config, const Launch& launch = launch_worker);
  /// "Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0".
  const std::string& measured_by() const { return measured_by_; }
  /// One for each text; nullopt: an internal error, to be tried again another time.
  std::vector<std::optional<store::Style>> read(const std::vector<std::string>& texts);
  void interrupt() { worker_->interrupt(); }

 private:
  std::optional<store::Style> read_alone(const std::string& text);
  std::unique_ptr<sandbox::Executor> worker_;
  std::string measured_by_;
};

struct StyleSummary {
  std::int64_t measured = 0, left = 0;
  std::string trouble;  ///< one sentence; empty: none
};
StyleSummary measure_style(
    store::Database& database, std::int64_t dataset_id, const std::vector<std::int64_t>& model_ids,
    const sandbox::Config& config, const Launch& launch, std::size_t jobs,
    const std::function<void(std::int64_t done, std::int64_t total)>& progress,
    const std::atomic<bool>& stop);

}  // namespace assay::run
