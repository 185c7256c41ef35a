// Which part of the samples is one machine's: programs are dealt out by what they are, so that equal
// programs meet in one shard, whoever wrote them and for whichever problem. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay::samples {

struct Shard {
  std::int64_t number = 1, shards = 1;  ///< 1 <= number <= shards
  bool whole() const { return shards == 1; }
};

/// The number of the shard that a program belongs to, of so many: by the SHA-256 of its text.
std::int64_t shard_of(std::string_view program, std::int64_t shards);

}  // namespace assay::samples
