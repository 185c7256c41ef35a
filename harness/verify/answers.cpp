#include "harness/verify/answers.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/value/value.h"

namespace assay::verify {

static constexpr std::size_t kChunkBytes = 1 << 20;
static constexpr int kCompressionLevel = 6;  // beyond it files shrink little
/// A suite's answers up to this size stay unpacked; there are a few suites in flight at a time.
static constexpr std::int64_t kUnpackedBytesMax = 16 << 20;

void AnswersBuilder::add(std::string_view encoded) {
  const std::uint64_t size = encoded.size();
  raw_.append(reinterpret_cast<const char*>(&size), sizeof size).append(encoded);
  ++count_;
  if (raw_.size() >= kChunkBytes) close_chunk();
}

void AnswersBuilder::close_chunk() {
  std::string compressed(ZSTD_compressBound(raw_.size()), '\0');
  const std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), raw_.data(),
                                         raw_.size(), kCompressionLevel);
  ASSAY_INVARIANT(!ZSTD_isError(size));
  compressed.resize(size);
  compressed.shrink_to_fit();
  chunks_.push_back({count_, static_cast<std::int64_t>(raw_.size()), std::move(compressed)});
  raw_.clear();
  raw_.shrink_to_fit();
  count_ = 0;
}

std::vector<store::ReferenceRun::Chunk> AnswersBuilder::finish() {
  if (count_ > 0) close_chunk();
  return std::move(chunks_);
}

static std::string unpack(const store::ReferenceRun::Chunk& chunk) {
  std::string raw(static_cast<std::size_t>(chunk.raw_bytes), '\0');
  const std::size_t size =
      ZSTD_decompress(raw.data(), raw.size(), chunk.compressed.data(), chunk.compressed.size());
  if (size != raw.size()) {  // an error code is larger than any size
    throw Error("the database is damaged: expected outputs cannot be unpacked");
  }
  return raw;
}

static void split(std::string_view raw, std::vector<std::string_view>& views) {
  while (raw.size() >= sizeof(std::uint64_t)) {
    std::uint64_t size;
    std::memcpy(&size, raw.data(), sizeof size);
    raw.remove_prefix(sizeof size);
    if (size > raw.size()) throw Error("the database is damaged: expected outputs are cut");
    views.push_back(raw.substr(0, size));
    raw.remove_prefix(size);
  }
}

Answers::Answers(std::vector<store::ReferenceRun::Chunk> chunks) : chunks_(std::move(chunks)) {
  std::size_t first = 0;
  std::int64_t raw_bytes = 0;
  for (const auto& chunk : chunks_) {
    first_.push_back(first);
    first += static_cast<std::size_t>(chunk.count);
    raw_bytes += chunk.raw_bytes;
  }
  if (raw_bytes > kUnpackedBytesMax) return;
  for (auto& chunk : chunks_) {
    unpacked_.push_back(unpack(chunk));
    chunk.compressed = {};
  }
  for (const std::string& raw : unpacked_) split(raw, views_);
}

std::size_t Answers::chunk_of(std::size_t index) const {
  return static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), index) -
                                  first_.begin()) -
         1;
}

std::string_view Answers::Cursor::at(std::size_t index) {
  if (!answers_.views_.empty()) return answers_.views_.at(index);
  const std::size_t chunk = answers_.chunk_of(index);
  if (chunk != chunk_) {
    views_.clear();
    unpacked_ = unpack(answers_.chunks_.at(chunk));
    split(unpacked_, views_);
    chunk_ = chunk;
  }
  return views_.at(index - answers_.first_[chunk]);
}

std::vector<std::optional<bool>> truths(std::vector<store::ReferenceRun::Chunk> chunks) {
  std::size_t count = 0;
  for (const store::ReferenceRun::Chunk& chunk : chunks)
    count += static_cast<std::size_t>(chunk.count);
  const Answers answers(std::move(chunks));
  Answers::Cursor cursor(answers);
  std::vector<std::optional<bool>> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    Value value;
    if (decode_whole(cursor.at(i), value) && value.kind == Kind::boolean)
      out[i] = value.integer != 0;
  }
  return out;
}

}  // namespace assay::verify
