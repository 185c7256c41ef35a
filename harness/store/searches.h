// What strategies of search answered, kept so that a search goes on where it was ended and a report
// can be made of it. Call inside a Transaction when there are many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/database.h"

namespace assay::store {

struct SearchRow {
  std::string identity;                ///< of all that its answers rest on
  std::string task, policy, verifier;  ///< as they were named
  std::string options;                 ///< JSON
};
/// Finds the row of that identity or makes it.
std::int64_t put_search(Database& database, const SearchRow& row);

struct StoredSearch {
  std::int64_t id = 0;
  SearchRow row;
  std::string began;
};
/// As they were begun.
std::vector<StoredSearch> stored_searches(Database& database);

struct SearchAnswer {
  std::string task_id, strategy;
  std::int64_t n = 0, replicate = 0;
  std::optional<std::string> answer;  ///< none: it abstained
  double truth = 0;
  bool spent = false;
  std::optional<bool> accepted;  ///< none: not judged
  std::int64_t generations = 0, tokens = 0, tokens_read = 0, calls = 0;
  std::optional<double> log_z;
  std::string trace;  ///< JSON
};
/// Replaces what stands there for the same problem, strategy, n and replicate.
void put_search_answer(Database& database, std::int64_t search_id, const SearchAnswer& answer);
/// By problem, strategy, n and replicate, ascending.
std::vector<SearchAnswer> search_answers(Database& database, std::int64_t search_id);

struct SearchSample {
  std::string task_id;
  std::int64_t number = 0;
  double truth = 0;
  std::string scores;  ///< JSON
};
void put_search_sample(Database& database, std::int64_t search_id, const SearchSample& sample);
/// By problem and number.
std::vector<SearchSample> search_samples(Database& database, std::int64_t search_id);

}  // namespace assay::store
