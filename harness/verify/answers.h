// What a reference answered on a suite's inputs: the expected outputs. Kept compressed, because
// some are large (one MBPP+ output is 261 MB); unpacked whole where that is cheap, else chunk by
// chunk. Immutable once built; shared between threads through Cursors of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/store/judging.h"

namespace assay::verify {

/// Collects answers in order into compressed chunks of about a mebibyte.
class AnswersBuilder {
 public:
  void add(std::string_view encoded);
  std::vector<store::ReferenceRun::Chunk> finish();

 private:
  void close_chunk();
  std::string raw_;
  std::int64_t count_ = 0;
  std::vector<store::ReferenceRun::Chunk> chunks_;
};

/// Answers that are True, False or None, as bools: what a reference says of assertions.
std::vector<std::optional<bool>> truths(std::vector<store::ReferenceRun::Chunk> chunks);

class Answers {
 public:
  /// Throws Error where a chunk is damaged.
  explicit Answers(std::vector<store::ReferenceRun::Chunk> chunks);

  /// Reads answers by index; cheapest in ascending order. One thread at a time.
  class Cursor {
   public:
    explicit Cursor(const Answers& answers) : answers_(answers) {}
    /// Codec bytes of the index-th answer; valid until the next call.
    std::string_view at(std::size_t index);

   private:
    const Answers& answers_;
    std::size_t chunk_ = SIZE_MAX;
    std::string unpacked_;
    std::vector<std::string_view> views_;
  };

 private:
  std::size_t chunk_of(std::size_t index) const;
  std::vector<store::ReferenceRun::Chunk> chunks_;
  std::vector<std::size_t> first_;       ///< per chunk: index of its first answer
  std::vector<std::string> unpacked_;    ///< per chunk, where all together are small
  std::vector<std::string_view> views_;  ///< then: every answer
};

}  // namespace assay::verify
