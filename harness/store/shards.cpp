#include "harness/store/shards.h"

#include <utility>

#include "harness/store/statements.h"

namespace assay::store {

void put_shard(Database& database, const ShardRow& row) {
  database.use(sql::kPutShard)
      .bind(row.run_id)
      .bind(row.number)
      .bind(row.shards)
      .bind(row.work)
      .bind(row.samples)
      .run();
}

std::vector<ShardedWork> sharded_works(Database& database) {
  std::vector<ShardedWork> works;
  std::int64_t condition = 0, next = 1;
  const auto absent_until = [&](std::int64_t number) {
    for (; next < number; ++next) works.back().absent.push_back(next);
  };
  Statement rows = database.use(sql::kShards);
  while (rows.step()) {
    ShardedWork work{rows.text("dataset"), rows.text("work"), rows.integer("shards"),
                     rows.integer("samples")};
    const std::int64_t under = rows.integer("condition_id"), number = rows.integer("number");
    if (work.shards < 1 || work.shards > kShardsMax || number < 1 || number > work.shards)
      refuse_damaged(database, "a shard has a number that cannot be");
    const bool same = !works.empty() && works.back().dataset == work.dataset &&
                      works.back().work == work.work && works.back().shards == work.shards &&
                      condition == under;
    if (!same) {
      if (!works.empty()) absent_until(works.back().shards + 1);
      works.push_back(std::move(work));
      condition = under;
      next = 1;
    }
    absent_until(number);
    (rows.integer("ended") != 0 ? works.back().ended : works.back().unended).push_back(number);
    next = number + 1;
  }
  if (!works.empty()) absent_until(works.back().shards + 1);
  return works;
}

}  // namespace assay::store
