#include "harness/samples/shard.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace assay;

TEST_CASE("a program belongs to one shard, and shards are alike in size") {
  // 20,000 programs over 7 shards: a count is 2,857 with a deviation of 49.
  std::map<std::int64_t, int> counts;
  for (int i = 0; i < 20'000; ++i) ++counts[samples::shard_of("program " + std::to_string(i), 7)];
  REQUIRE(counts.size() == 7);
  CHECK(counts.begin()->first == 1);
  for (const auto& [shard, count] : counts) CHECK(std::abs(count - 2857) < 250);
  CHECK(samples::shard_of("x", 1) == 1);
}

TEST_CASE("shards are dealt out in the same way for ever") {
  // Shards of two versions could otherwise not be laid together. SHA-256 of "abc" begins ba7816bf8f01cfe.
  CHECK(samples::shard_of("abc", 1'000'000) == 0xba7816bf8f01cfe % 1'000'000 + 1);
}
