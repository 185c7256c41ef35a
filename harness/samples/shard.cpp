#include "harness/samples/shard.h"

#include <charconv>

#include "harness/base/hash.h"

namespace assay::samples {

std::int64_t shard_of(std::string_view program, std::int64_t shards) {
  const std::string hash = sha256(program);
  std::uint64_t begin = 0;
  std::from_chars(hash.data(), hash.data() + 15, begin, 16);
  return static_cast<std::int64_t>(begin % static_cast<std::uint64_t>(shards)) + 1;
}

}  // namespace assay::samples
