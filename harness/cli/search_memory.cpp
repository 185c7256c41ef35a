#include "harness/cli/search_memory.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "harness/analysis/searches.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/words.h"

namespace assay::cli {

namespace {

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

/// What may be files in a name such as "x+y.json", "gpt:FILE+noise=1" or "llama2c:FILE,TOKENIZER":
/// whatever may be one, since names of files hold the same characters. Beside a module lies its tokens.
std::set<std::string> paths_in(const std::string& name) {
  std::set<std::string> out;
  const auto add = [&](const std::string& path) {
    out.insert(path);
    out.insert(path + ".json");
    for (const std::string& part : split(path, ',')) out.insert(part);
  };
  for (std::size_t end = name.find('+');; end = name.find('+', end + 1)) {
    const std::string part = name.substr(0, end);
    add(part);
    if (const std::size_t colon = part.find(':'); colon != part.npos) add(part.substr(colon + 1));
    if (end == name.npos) return out;
  }
}

}  // namespace

std::string identity_of(const std::string& options, const std::vector<std::string>& names) {
  Hasher hasher;
  hasher.add(std::to_string(kVersion)).add(options);
  for (const std::string& name : names) {
    hasher.add(name);
    for (const std::string& path : paths_in(name)) {
      std::error_code error;
      if (std::filesystem::is_regular_file(path, error)) hasher.add(path).add(hash_of_file(path));
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

bool SearchMemory::recall(explore::Answer& cell) {
  const auto found = answers_.find({task_.problems[cell.problem].task_id,
                                    plan_.strategies[cell.strategy].name, cell.n, cell.replicate});
  if (found == answers_.end()) return false;
  analysis::read_answer(*database_, found->second, cell);
  ++recalled_;
  return true;
}

void SearchMemory::keep(const std::vector<explore::Answer>& answers) {
  store::Transaction transaction(*database_);
  for (const explore::Answer& one : answers) {
    store::put_search_answer(*database_, id_,
                             analysis::to_row(one, task_.problems[one.problem].task_id,
                                              plan_.strategies[one.strategy].name));
  }
  transaction.commit();
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
  store::Transaction transaction(*database_);
  for (std::size_t k = 0; k < samples.size(); ++k) {
    store::put_search_sample(*database_, id_,
                             analysis::to_row(samples[k], task_.problems[problem].task_id,
                                              static_cast<std::int64_t>(k)));
  }
  transaction.commit();
}

}  // namespace assay::cli
