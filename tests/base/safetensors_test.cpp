#include "harness/base/safetensors.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "harness/base/error.h"

using namespace assay;

static Tensors sample() {
  Tensors out;
  out.metadata["kind"] = "test";
  out.tensors["b"] = Tensor::of(std::vector<double>{1.5, -0.0, 1e-308, INFINITY});
  out.tensors["a"] = Tensor::of(std::string_view("name \xff with any byte"));
  out.tensors["c"] = Tensor::of(std::vector<std::int64_t>{-1, INT64_MAX});
  out.tensors["d"] = Tensor::of(std::vector<float>{0.1f, -INFINITY, 1e-40f});
  out.tensors["none"] = Tensor::of(std::vector<double>{});
  return out;
}

/// A file with this header and so many bytes of data.
static std::string file(const std::string& header, std::size_t data) {
  const std::uint64_t length = header.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  return out + header + std::string(data, 'x');
}

TEST_CASE("tensors come back to the last bit, and the same tensors make the same bytes") {
  const std::string bytes = encode_tensors(sample());
  const Tensors read = decode_tensors(bytes);
  CHECK(read.metadata == sample().metadata);
  CHECK(read.tensors.at("a").text() == "name \xff with any byte");
  CHECK(read.tensors.at("b").bytes == sample().tensors.at("b").bytes);
  CHECK(read.tensors.at("c").integers() == std::vector<std::int64_t>{-1, INT64_MAX});
  CHECK(read.tensors.at("d").floats() == std::vector<float>{0.1f, -INFINITY, 1e-40f});
  CHECK(read.tensors.at("none").doubles().empty());
  CHECK(encode_tensors(read) == bytes);
  CHECK_THROWS_AS(read.tensors.at("a").doubles(), Error);
  CHECK_THROWS_AS(read.tensors.at("d").doubles(), Error);
}

TEST_CASE("any byte changed, or the end missing, is an error or the same tensors") {
  const std::string bytes = encode_tensors(sample());
  int refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int bit : {0, 3, 5, 7}) {
      std::string other = bytes;
      other[i] = static_cast<char>(other[i] ^ (1 << bit));
      try {
        const std::string again = encode_tensors(decode_tensors(other));
        CHECK(again == bytes);
      } catch (const Error&) {
        ++refused;
      }
    }
  CHECK(refused > 0.9 * 4 * static_cast<double>(bytes.size()));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS(decode_tensors(std::string_view(bytes).substr(0, size)), Error);
  CHECK_THROWS_AS(decode_tensors(bytes + "x"), Error);
}

TEST_CASE("headers made to hurt are refused: sizes that overflow, depth, gaps, overlaps") {
  const char* tensor = R"({{"a":{{"dtype":"F64","shape":{},"data_offsets":{}}}}})";
  for (const auto& [shape, offsets] :
       {std::pair{"[4611686018427387904,4]", "[0,0]"}, std::pair{"[2]", "[0,8]"},
        std::pair{"[1]", "[8,16]"}, std::pair{"[1]", "[18446744073709551608,0]"},
        std::pair{"[-1]", "[0,8]"}, std::pair{"[1.5]", "[0,8]"}, std::pair{"1", "[0,8]"},
        std::pair{"[1]", "8"}})
    CHECK_THROWS_AS(decode_tensors(file(fmt::format(fmt::runtime(tensor), shape, offsets), 8)),
                    Error);
  CHECK_THROWS_AS(decode_tensors(file(std::string(1 << 20, '['), 0)), Error);
  CHECK_THROWS_AS(decode_tensors(file("[]", 0)), Error);
  CHECK_THROWS_AS(decode_tensors(file("{}", 0)), Error);  // no checksum
  CHECK_THROWS_AS(decode_tensors(file(R"({"__metadata__":{"a":1}})", 0)), Error);
  CHECK_THROWS_AS(decode_tensors(file("{\"a\":7}", 0)), Error);
  CHECK_THROWS_AS(decode_tensors(std::string(8, '\xff')), Error);
  CHECK_THROWS_AS(decode_tensors(""), Error);
}
