// What is known of the verifier's own error: how often a pass by these suites is wrong by gold, in the
// verdicts that a database holds, with intervals; and which problems wrong programs are known to pass.
// Read once, when the service starts.
//
// Errors: assay::Error where the database cannot be read. Immutable once made; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/service/catalog.h"
#include "harness/store/database.h"

namespace assay::service {

class KnownErrors {
 public:
  /// Knows nothing.
  KnownErrors() = default;
  /// For every served dataset, of each of its suites, and of those that judge by default together.
  KnownErrors(store::Database& database, const Catalog& catalog,
              const std::vector<std::string>& default_suites);

  bool any() const { return !known_.empty(); }
  /// Every record, in the order of datasets.
  nlohmann::json all() const;
  /// One for each record with an fdr, for people.
  std::vector<std::string> sentences() const;
  /// {"dataset", "suites", "gold", "models", "problems", "samples", "tp", "fp", "fn", "tn", "fdr",
  /// "fdr_interval", "fpr", "fpr_interval", "by_model"}, or null where nothing is known of these suites.
  nlohmann::json of(const Target& target, const std::vector<std::size_t>& suites) const;
  /// How many stored samples pass these suites on the problem though gold rejects them.
  std::int64_t wrong_passes(const Target& target, const std::vector<std::size_t>& suites) const;

 private:
  struct Known {
    nlohmann::json record;
    std::map<std::string, std::int64_t> wrong;  ///< samples, by task id
  };
  using Key = std::pair<std::string, std::vector<std::string>>;  ///< dataset, names in its order
  static Key key_of(const Target& target, const std::vector<std::size_t>& suites);
  const Known* find(const Target& target, const std::vector<std::size_t>& suites) const;
  static Known learn(store::Database& database, const Key& key);

  std::map<Key, Known> known_;
};

}  // namespace assay::service
