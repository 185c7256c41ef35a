#include "harness/base/value/encoded.h"

#include <doctest/doctest.h>

#include <random>

#include "harness/base/value/json_value.h"

using namespace assay;

TEST_CASE("an encoding is told from what is none exactly as decoding it tells") {
  const std::string good = encode(parse_json(
      R"([1, "two", {"three": [4.5, null, {"$set": [true]}]}, {"$tuple": []}, 123456789012345678901])"));
  CHECK(is_encoding(good));
  std::mt19937 random(11);
  std::size_t broken_ones = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (unsigned n = random() % 3 + 1; n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    Value value;
    const bool decodes = decode_whole(bytes, value);
    broken_ones += !decodes;
    CHECK(is_encoding(bytes) == decodes);
  }
  CHECK(broken_ones > 1000);
}

TEST_CASE("nesting is capped where decoding caps it, and counts that lie are refused") {
  const auto nested = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += "l\x01";
    return bytes + "N";
  };
  for (const int depth : {kDepthMax - 1, kDepthMax, kDepthMax + 1, 5'000'000}) {
    Value value;
    CHECK(is_encoding(nested(depth)) == (depth <= kDepthMax));
    if (depth < 1000) CHECK(decode_whole(nested(depth), value) == (depth <= kDepthMax));
  }
  CHECK(!is_encoding("l\xff\xff\xff\xff\x0f"));
  CHECK(
      !is_encoding("s\x05"
                   "abc"));
  CHECK(!is_encoding(""));
  CHECK(!is_encoding("NN"));
}

TEST_CASE("a value is printed from its encoding, no further than it is shown") {
  // Printing built the whole value: 16.7 million None took 1.5 GiB for 64 KiB of text (attack 73).
  std::string many = "l";
  for (std::uint64_t n = 16'000'000; n > 0; n >>= 7) {
    many += static_cast<char>((n & 0x7f) | (n >= 0x80 ? 0x80 : 0));
  }
  many.append(16'000'000, 'N');
  CHECK(repr_encoded(many, 20) == "[None, None, None, None, ... (16000000 items)]");
  CHECK(repr_encoded(encode(parse_json("[[[1, 2, 3], 4], 5]")), 5) ==
        "[[[1, ... (3 items)], ... (2 items)], ... (2 items)]");
  CHECK(repr_encoded("l\x02Nx") == "[None, (not decodable)]");
  CHECK(repr_encoded(encode(parse_json(R"({"a": {"$set": []}, "b": {"$tuple": [1]}})"))) ==
        "{'a': set(), 'b': (1,)}");
}

TEST_CASE("an unpaired surrogate is printed as Python prints it") {
  // It stood as raw bytes in the test that the report offers, and became U+FFFD on the page.
  CHECK(repr(Value::of_str("a\xed\xa0\x80z\xc3\xa9")) == "'a\\ud800z\xc3\xa9'");
  CHECK(repr(Value::of_str("\xed")) == "(not decodable)");  // no str holds half a character
}
