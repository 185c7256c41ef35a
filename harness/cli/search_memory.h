// A search's answers in the database: the same command goes on where it was ended. What is kept is
// committed at once: a problem takes far longer, and other commands wait for the database.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "harness/explore/experiment.h"
#include "harness/store/facts.h"
#include "harness/store/searches.h"

namespace assay::cli {

class SearchMemory : public explore::Memory {
 public:
  /// Opens or makes the database. `row.identity` tells searches apart; see identity_of().
  SearchMemory(const std::string& path, const store::SearchRow& row, const explore::Task& task,
               const explore::Plan& plan);

  bool recall(explore::Answer& cell) override;
  void keep(const std::vector<explore::Answer>& answers) override;
  std::vector<explore::Sampled> recall_samples(std::size_t problem, int samples) override;
  void keep_samples(std::size_t problem, std::span<const explore::Sampled> samples) override;
  /// Recalls none of them any more: they are drawn anew, with their text, which is not kept.
  void forget_samples() { samples_.clear(); }
  std::int64_t recalled() const { return recalled_; }

 private:
  const explore::Task& task_;
  const explore::Plan& plan_;
  std::unique_ptr<store::Database> database_;
  std::int64_t id_ = 0, recalled_ = 0;
  /// Nothing but what was answered before this search.
  std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, store::SearchAnswer>
      answers_;
  std::map<std::string, std::vector<store::SearchSample>> samples_;
};

/// Of everything that an answer rests on. Names of files ("gpt:FILE", "FILE.json") count by what is
/// in them.
std::string identity_of(const std::string& options, const std::vector<std::string>& names);

}  // namespace assay::cli
