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

static Value made(Kind kind, std::vector<Value> parts) {
  return Value::sequence(kind, std::move(parts));
}

/// A value of each type that is made of parts, and how it prints.
static std::vector<std::pair<Value, std::string>> typed_values() {
  const auto i = [](std::int64_t n) { return Value::of_int(n); };
  const auto s = [](const char* text) { return Value::of_str(text); };
  Value bytes = s("a");
  bytes.kind = Kind::bytes;
  const Value fields = made(Kind::tuple, {s("x"), s("y")});
  return {
      {made(Kind::range, {i(0), i(5), i(2)}), "range(0, 5, 2)"},
      {made(Kind::fraction, {i(1), i(2)}), "Fraction(1, 2)"},
      {made(Kind::decimal, {s("-1.50E+7")}), "Decimal('-1.50E+7')"},
      {made(Kind::bytearray, {bytes}), "bytearray(b'a')"},
      {made(Kind::keys_view, {i(1), i(2)}), "dict_keys([1, 2])"},
      {made(Kind::iterator, {i(1)}), "<iterator over [1]>"},
      {made(Kind::moment, {s("date"), i(2024), i(2), i(29)}), "datetime.date(2024, 2, 29)"},
      {made(Kind::moment, {s("time"), i(1), i(2), i(3), i(4), Value{}}),
       "datetime.time(1, 2, 3, 4, None)"},
      {made(Kind::named_tuple, {s("P"), fields, i(1), i(2)}), "P(x=1, y=2)"},
      {made(Kind::data_class, {s("f.<locals>.P"), fields, i(1), s("a")}),
       "f.<locals>.P(x=1, y='a')"},
      {made(Kind::enum_of_data, {s("N"), s("ONE"), i(1)}), "<N.ONE: 1>"},
      {made(Kind::enum_member, {s("N"), s("A|B"), made(Kind::list, {i(1)})}), "<N.A|B: [1]>"},
      {made(Kind::numpy_scalar, {s("<f8"), Value::of_real(0.5)}), "<numpy '<f8', 0.5>"},
      {made(Kind::numpy_array,
            {s("<i8"), made(Kind::tuple, {i(1), i(2)}), made(Kind::list, {i(3), i(4)})}),
       "<numpy array '<i8', (1, 2), [3, 4]>"},
  };
}

TEST_CASE("what is made of parts is printed, and told from what is none, as it is decoded") {
  std::mt19937 random(12);
  for (const auto& [typed, printed] : typed_values()) {
    const std::string good = encode(made(Kind::list, {typed, Value::of_int(7)}));
    CHECK(is_encoding(good));
    CHECK(repr_encoded(encode(typed)) == printed);
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      Value value;
      CHECK(is_encoding(bytes) == decode_whole(bytes, value));
      CHECK(repr_encoded(bytes, 200).size() < 2000);
    }
  }
}

TEST_CASE("parts that cannot be are refused") {
  const auto refused = [](Kind kind, std::vector<Value> parts) {
    return !is_encoding(encode(made(kind, std::move(parts))));
  };
  const Value one = Value::of_int(1), none;
  CHECK(refused(Kind::range, {one, one, Value::of_int(0)}));
  CHECK(refused(Kind::range, {one, one}));
  CHECK(refused(Kind::range, {made(Kind::range, {one, one, one}), one, one}));
  CHECK(refused(Kind::fraction, {one, Value::of_int(0)}));
  CHECK(refused(Kind::fraction, {one, Value::of_int(-1)}));
  for (const char* text : {"", "1.5.2", "1e", "E5", "inf", "NaN x", "1E+99999999999999999999"}) {
    CHECK_MESSAGE(refused(Kind::decimal, {Value::of_str(text)}), text);
  }
  CHECK(refused(Kind::moment, {Value::of_str("date"), one, Value::of_int(13), one}));
  CHECK(refused(Kind::moment, {Value::of_str("month"), one, one, one}));
  CHECK(refused(Kind::named_tuple, {Value::of_str("P x"), made(Kind::tuple, {})}));
  CHECK(refused(Kind::named_tuple,
                {Value::of_str("P"), made(Kind::tuple, {Value::of_str("a b")}), one}));
  CHECK(refused(Kind::named_tuple, {Value::of_str("P"), made(Kind::tuple, {}), one}));
  CHECK(refused(Kind::enum_of_data, {Value::of_str("P"), Value::of_str("a"), none}));
  CHECK(refused(Kind::enum_member, {Value::of_str("P"), Value::of_str("a)"), one}));
  CHECK(refused(Kind::numpy_array, {Value::of_str("<f8"), made(Kind::tuple, {Value::of_int(9)}),
                                    made(Kind::list, {one})}));
  CHECK(refused(Kind::set, {made(Kind::keys_view, {})}));
  // Each head is looked into before its parts are: that must not go as deep as a stranger nests them.
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "r\x03";
  CHECK(!is_encoding(deep));
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
