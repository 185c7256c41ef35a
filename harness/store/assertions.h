// Suites of assertions that a model wrote: their texts and weights. Which of them a program fails is
// with its verdict, and whether the reference keeps them with the suite's reference run.
// Throws assay::Error as the database does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/store/database.h"

namespace assay::store {

/// REQUIRES: the suite is new, or has these texts already; then their weights are replaced.
void put_assertions(Database& database, std::int64_t suite_id,
                    const std::vector<datasets::Assertion>& assertions);

/// The suites of this name of a dataset are no longer current: another file takes their place.
void retire_assertions(Database& database, std::int64_t dataset_id, const std::string& suite);
/// Whether a suite of another kind is called so, in any dataset.
bool is_other_suite(Database& database, const std::string& name);

struct StoredAssertion {
  std::string text;
  double weight = 1;
};
struct StoredAssertions {
  std::string task_id, suite_hash;
  std::vector<StoredAssertion> assertions;  ///< by their number in the suite
};
/// Of all problems of a dataset that have a current suite of this name, in their order; empty where
/// no suite of assertions is called so.
std::vector<StoredAssertions> assertions_of(Database& database, std::int64_t dataset_id,
                                            const std::string& suite);

}  // namespace assay::store
