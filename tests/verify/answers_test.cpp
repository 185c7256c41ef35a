#include "harness/verify/answers.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"

using namespace assay;
using verify::Answers;
using verify::AnswersBuilder;

static std::string answer(std::size_t index, std::size_t length) {
  return std::string(length, static_cast<char>('a' + index % 26)) + std::to_string(index);
}

/// `length` bytes each: small ones stay unpacked as a whole, large ones are read chunk by chunk.
static void check_round_trip(std::size_t count, std::size_t length) {
  AnswersBuilder builder;
  for (std::size_t i = 0; i < count; ++i) builder.add(answer(i, length));
  auto chunks = builder.finish();
  const bool many_chunks = count * length > (1 << 20);
  CHECK((chunks.size() > 1) == many_chunks);
  const Answers answers(std::move(chunks));
  Answers::Cursor cursor(answers);
  for (std::size_t i = 0; i < count; ++i) CHECK(cursor.at(i) == answer(i, length));
  CHECK(cursor.at(0) == answer(0, length));  // backwards works too
}

TEST_CASE("answers come back by index, small or large") {
  check_round_trip(1000, 3);
  check_round_trip(100, 300 << 10);
  check_round_trip(3, 9 << 20);
}

TEST_CASE("a damaged chunk is an error, never an answer") {
  AnswersBuilder builder;
  builder.add("abc");
  auto chunks = builder.finish();
  chunks.front().compressed.back() ^= 1;
  chunks.front().compressed.resize(chunks.front().compressed.size() - 1);
  CHECK_THROWS_AS(Answers{chunks}, Error);
  AnswersBuilder other;
  other.add("abc");
  auto short_chunk = other.finish();
  short_chunk.front().raw_bytes += 5;
  CHECK_THROWS_AS(Answers{short_chunk}, Error);
}
