// Which runs are shards of one work, and which of its shards are there (`run --shard`, `merge`).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/store/database.h"

namespace assay::store {

struct ShardRow {
  std::int64_t run_id = 0;
  std::int64_t number = 1, shards = 1;  ///< counted from 1
  std::string work;                     ///< hash of what all shards have in common
  std::int64_t samples = 0;             ///< of all shards
};
void put_shard(Database& database, const ShardRow& row);

/// A work that was done in shards, and where each of them stands. Every number from 1 to `shards` is
/// in one of the three lists, ascending.
struct ShardedWork {
  std::string dataset, work;
  std::int64_t shards = 1, samples = 0;
  std::vector<std::int64_t> ended;
  std::vector<std::int64_t> unended;  ///< begun, and interrupted or still going
  std::vector<std::int64_t> absent;
  bool complete() const { return unended.empty() && absent.empty(); }
};
/// By dataset, then in the order in which their runs came. Throws Error where a number cannot be.
std::vector<ShardedWork> sharded_works(Database& database);

/// More shards of one work are nobody's.
inline constexpr std::int64_t kShardsMax = 1'000'000;

}  // namespace assay::store
