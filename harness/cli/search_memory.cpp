#include "harness/cli/search_memory.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "harness/analysis/searches.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/words.h"

namespace assay::cli {

namespace {

constexpr auto kBetweenCommits = std::chrono::milliseconds(500);
/// Raised where the same search would answer otherwise than before.
constexpr int kVersion = 1;

std::string hash_of_file(const std::string& path) {
  Digest digest;
  std::ifstream file(path, std::ios::binary);
  for (std::vector<char> piece(1 << 20); file.read(piece.data(), 1 << 20), file.gcount() > 0;)
    digest.take({piece.data(), static_cast<std::size_t>(file.gcount())});
  if (!file.eof()) throw Error(fmt::format("{} cannot be read", path));
  return digest.hex();
}

}  // namespace

std::string identity_of(const store::SearchRow& row) {
  Hasher hasher;
  hasher.add(std::to_string(kVersion)).add(row.options);
  for (const std::string& name : {row.task, row.policy, row.verifier}) {
    hasher.add(name);
    for (const std::string& part : split(name, '+')) {
      // "FILE.json", "gpt:FILE", "llama2c:FILE,TOKENIZER"
      const std::size_t colon = part.find(':');
      for (const std::string& path : split(part.substr(colon == part.npos ? 0 : colon + 1), ',')) {
        std::error_code error;
        if (std::filesystem::is_regular_file(path, error)) hasher.add(hash_of_file(path));
      }
    }
  }
  return hasher.hex();
}

SearchMemory::SearchMemory(const std::string& path, const store::SearchRow& row,
                           const explore::Task& task, const explore::Plan& plan)
    : task_(task), plan_(plan), database_(store::open(path, true)) {
  id_ = store::put_search(*database_, row);
  for (store::SearchAnswer& one : store::search_answers(*database_, id_)) {
    auto key = std::tuple(one.task_id, one.strategy, one.n, one.replicate);
    answers_.emplace(std::move(key), std::move(one));
  }
  for (store::SearchSample& one : store::search_samples(*database_, id_))
    samples_[one.task_id].push_back(std::move(one));
}

SearchMemory::~SearchMemory() {
  try {
    commit();
  } catch (const Error&) {  // the search itself has failed, and says why
  }
}

void SearchMemory::commit() {
  if (!open_) return;
  open_->commit();
  open_.reset();
  committed_ = std::chrono::steady_clock::now();
}

void SearchMemory::commit_at_times() {
  if (std::chrono::steady_clock::now() - committed_ > kBetweenCommits) commit();
}

bool SearchMemory::recall(explore::Answer& cell) {
  const auto found = answers_.find({task_.problems[cell.problem].task_id,
                                    plan_.strategies[cell.strategy].name, cell.n, cell.replicate});
  if (found == answers_.end()) return false;
  analysis::read_answer(*database_, found->second, cell);
  ++recalled_;
  return true;
}

void SearchMemory::keep(const std::vector<explore::Answer>& answers) {
  if (!open_) open_.emplace(*database_);
  for (const explore::Answer& one : answers) {
    store::put_search_answer(*database_, id_,
                             analysis::to_row(one, task_.problems[one.problem].task_id,
                                              plan_.strategies[one.strategy].name));
  }
  commit_at_times();
}

std::vector<explore::Sampled> SearchMemory::recall_samples(std::size_t problem, int samples) {
  const auto found = samples_.find(task_.problems[problem].task_id);
  if (found == samples_.end() || found->second.size() < static_cast<std::size_t>(samples))
    return {};
  std::vector<explore::Sampled> out;
  for (int k = 0; k < samples; ++k)
    out.push_back(
        analysis::to_sampled(*database_, found->second[static_cast<std::size_t>(k)], problem));
  return out;
}

void SearchMemory::keep_samples(std::size_t problem, std::span<const explore::Sampled> samples) {
  if (!open_) open_.emplace(*database_);
  for (std::size_t k = 0; k < samples.size(); ++k) {
    store::put_search_sample(*database_, id_,
                             analysis::to_row(samples[k], task_.problems[problem].task_id,
                                              static_cast<std::int64_t>(k)));
  }
  commit_at_times();
}

}  // namespace assay::cli
