#include "harness/base/value/value.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace assay;

static Value big(const char* decimal) {
  Value v;
  REQUIRE(integer_from_decimal(decimal, v));
  return v;
}

TEST_CASE("every kind survives the codec") {
  Value mapping = Value::sequence(Kind::counter, {Value::of_str("a"), Value::of_int(2)});
  const Value all = Value::sequence(
      Kind::list,
      {Value{}, Value::of_bool(true), Value::of_int(std::numeric_limits<std::int64_t>::min()),
       Value::of_int(-1), big("-170141183460469231731687303715884105728"), Value::of_real(-0.0),
       Value::of_complex(1, -2.5), Value::of_str("é'\n"), mapping,
       Value::sequence(Kind::tuple, {Value::of_int(1)}), Value::sequence(Kind::set, {})});
  Value back;
  REQUIRE(decode_whole(encode(all), back));
  CHECK(encode(back) == encode(all));
  CHECK(repr(back) ==
        "[None, True, -9223372036854775808, -1, -170141183460469231731687303715884105728, -0.0, "
        "(1-2.5j), \"é'\\n\", Counter({'a': 2}), (1,), set()]");
}

TEST_CASE("an integer has one encoding") {
  CHECK(big("9223372036854775807").kind == Kind::integer);
  CHECK(big("9223372036854775808").kind == Kind::big_integer);
  Value v;
  CHECK_FALSE(integer_from_decimal("12a", v));
  CHECK_FALSE(integer_from_decimal("-", v));
  using namespace std::string_literals;
  CHECK_FALSE(decode_whole("I\0\1\5"s, v));                    // would fit 'i'
  CHECK_FALSE(decode_whole("I\0\x09\1\1\1\1\1\1\1\1\0"s, v));  // leading zero byte
}

TEST_CASE("hostile bytes are refused, not followed") {
  Value v;
  CHECK_FALSE(decode_whole("", v));
  CHECK_FALSE(decode_whole("l\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", v));  // 2^64-1 items
  CHECK_FALSE(
      decode_whole("s\x05"
                   "ab",
                   v));
  CHECK_FALSE(decode_whole("NN", v));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "l\x01";
  CHECK_FALSE(decode_whole(deep + "N", v));
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 40; i > 0; --i)
      bytes += "NTFiIdcsbltSZqmODCBo\x01\x02\xff"[random() % 23];
    if (decode_whole(bytes, v)) {
      const std::string text = repr(v, 80);
      CHECK(text.size() < 4000);
    }
  }
}

TEST_CASE(
    "repr writes what cannot be shown as Python's does, so that a test copied from it is right") {
  // A lone surrogate in an expected text became U+FFFD in the test that the report offers.
  const auto text_repr = [](const char* text) { return repr(Value::of_str(text)); };
  CHECK(text_repr("\xed\xa0\x80") == "'\\ud800'");
  CHECK(text_repr("\u202e\u009b\u200b") == "'\\u202e\\x9b\\u200b'");
  CHECK(text_repr("\U000e0041") == "'\\U000e0041'");
  CHECK(text_repr("caf\u00e9\n") == "'caf\u00e9\\n'");
}

TEST_CASE("repr cuts long values and says so") {
  std::vector<Value> many(5000, Value::of_int(7));
  const std::string text = repr(Value::sequence(Kind::list, std::move(many)), 30);
  CHECK(text.size() < 60);
  CHECK(text.find("5000 items") != std::string::npos);
  CHECK(repr(Value::of_real(1e16)) == "1e+16");
  CHECK(repr(Value::of_real(100)) == "100.0");
}

// The decoder outside took any text for the name of a builtin and printed it bare: a forged answer
// became `assert candidate(2) == 0\n    __import__('os').system('id')`, offered for copying.
TEST_CASE("a name that crosses is a name, not code") {
  const auto named = [](char tag, const std::string& name) {
    std::string bytes(1, tag);
    bytes += static_cast<char>(name.size());
    return bytes + name;
  };
  Value v;
  for (const char* name : {"int", "len", "__import__", "ValueError"}) {
    REQUIRE(decode_whole(named('B', name), v));
    CHECK(repr(v) == name);
  }
  for (const char* name : {"re.Match", "f.<locals>.P", "?", "<lambda>"}) {
    REQUIRE(decode_whole(named('o', name), v));
    CHECK(repr(v) == "<" + std::string(name) + " object>");
  }
  for (const char* name : {"", "0\n    __import__('os').system('id')", "a b", "a;b", "a(1)", "1",
                           "a.b", "\xc3\xa9", "a\"", "a#"}) {
    CAPTURE(name);
    CHECK_FALSE(decode_whole(named('B', name), v));
  }
  for (const char* name :
       {"", "P object> or exit() #", "a\nb", "a'b", "a\x1b[0m", "\xc3\xa9", "\xe2\x80\xae"}) {
    CAPTURE(name);
    CHECK_FALSE(decode_whole(named('o', name), v));
  }
  using namespace std::string_literals;
  CHECK(decode_whole("o\xff\x01"s + std::string(255, 'a'), v));
  CHECK_FALSE(decode_whole("o\x80\x02"s + std::string(256, 'a'), v));
}

// The decoder inside refuses these, so nobody but a forger sends them.
TEST_CASE("the codec outside is as strict as the one inside: text is UTF-8, keys are hashable") {
  Value v;
  for (const char* text : {"s\x01\xff", "s\x01\x9b", "s\x02\xc0\x80", "s\x03\xe0\x80\x80",
                           "s\x04\xf4\x90\x80\x80", "s\x02\xe2\x80"}) {
    CHECK_FALSE(decode_whole(text, v));
  }
  CHECK(decode_whole("s\x03\xed\xa0\x80", v));  // a lone surrogate, as surrogatepass has it
  CHECK(decode_whole("s\x04\xf0\x9f\x98\x80", v));
  using namespace std::string_literals;
  CHECK_FALSE(decode_whole("S\1l\0"s, v));
  CHECK_FALSE(decode_whole("m\1t\1l\0N"s, v));
  CHECK_FALSE(decode_whole("Z\1m\0"s, v));
  CHECK(decode_whole("m\1t\1Z\0l\0"s, v));
}
