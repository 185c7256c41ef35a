#include "harness/base/value/json_value.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "tests/support/sanitized.h"

using assay::Error;
using assay::Kind;
using assay::parse_json;
using assay::to_json;

static std::string shown(const std::string& json) { return assay::repr(parse_json(json)); }

TEST_CASE("JSON becomes the Python value it stands for") {
  CHECK(shown(R"([null, true, false, 1, -1, 1.5, "a\u00e9\n", {"k": [], "l": {}}])") ==
        "[None, True, False, 1, -1, 1.5, 'a\xc3\xa9\\n', {'k': [], 'l': {}}]");
  CHECK(shown("1e2") == "100.0");
  CHECK(shown("-0") == "0");
  CHECK(shown("-0.0") == "-0.0");
}

TEST_CASE("integers of any size stay integers") {
  const std::string huge(400, '7');
  for (const std::string text :
       {"9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
        "123456789012345678901234567890"}) {
    CHECK(shown(text) == text);
    CHECK(shown("[" + text + ",\"" + text + "\"]") == "[" + text + ", '" + text + "']");
  }
  CHECK(shown(huge) == huge);
  CHECK(shown("{\"a\":[-" + huge + "]}") == "{'a': [-" + huge + "]}");
  CHECK(shown("\"" + huge + "\"") == "'" + huge + "'");
  CHECK(shown("0." + huge) == "0.7777777777777778");
}

TEST_CASE("what Python writes beyond JSON is read, and only outside strings") {
  CHECK(shown("[NaN, Infinity, -Infinity]") == "[nan, inf, -inf]");
  CHECK(shown(R"(["NaN", "a\"Infinity", {"-Infinity": NaN}])") ==
        "['NaN', 'a\"Infinity', {'-Infinity': nan}]");
  CHECK_THROWS_AS(parse_json("[-NaN]"), Error);
  CHECK_THROWS_AS(parse_json("[Infinit]"), Error);
}

TEST_CASE("tags say what JSON cannot") {
  CHECK(shown(R"({"$tuple": [1, {"$tuple": []}]})") == "(1, ())");
  CHECK(shown(R"({"$set": [1]})") == "{1}");
  CHECK(shown(R"({"$frozenset": []})") == "frozenset()");
  CHECK(shown(R"({"$deque": [1]})") == "deque([1])");
  CHECK(shown(R"({"$complex": [0, -2.5]})") == "-2.5j");
  CHECK(shown(R"({"$bytes": "AP8="})") == "b'\\x00\\xff'");
  CHECK(shown(R"({"$bytes": ""})") == "b''");
  CHECK(shown(R"({"$float": "-inf"})") == "-inf");
  CHECK(shown(R"({"$dict": [[{"$tuple": [1, 2]}, "x"], [null, 1]]})") == "{(1, 2): 'x', None: 1}");
  // An object that only looks like one is a dict.
  CHECK(shown(R"({"$50,000": 1})") == "{'$50,000': 1}");
  CHECK(shown(R"({"$tuple": [1], "b": 2})") == "{'$tuple': [1], 'b': 2}");
  for (const char* bad :
       {R"({"$tuple": 1})", R"({"$complex": [1]})", R"({"$bytes": "A"})", R"({"$bytes": 1})",
        R"({"$float": "1.0"})", R"({"$dict": [[1]]})", R"({"$int": "x"})"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_json(bad), Error);
  }
}

TEST_CASE("the last of equal keys wins, at the place of the first") {
  CHECK(shown(R"({"a": 1, "b": 2, "a": 3})") == "{'a': 3, 'b': 2}");
}

TEST_CASE("malformed JSON is an error with its place") {
  CHECK_THROWS_WITH(parse_json("{\"a\": 1"), doctest::Contains("malformed JSON at byte"));
  CHECK_THROWS_AS(parse_json(""), Error);
  CHECK_THROWS_AS(parse_json("1 2"), Error);
  CHECK_THROWS_AS(parse_json("\"\xff\""), Error);
  CHECK_THROWS_AS(parse_json("1e999"), Error);
  CHECK_THROWS_AS(parse_json("\"\\ud800\""), Error);
  CHECK_THROWS_WITH(parse_json(std::string(300, '[') + std::string(300, ']')),
                    doctest::Contains("deep"));
}

TEST_CASE("written and read back, a value is the same bytes") {
  for (const char* text :
       {"[null,true,1,-5,123456789012345678901234567890,0.1,1e+300,2.0,\"\\u00e9\\n\"]",
        R"({"$dict":[[{"$tuple":[1]},{"$set":[1,2]}]]})", R"({"a":{"$bytes":"AP8="},"b":{}})",
        R"({"$complex":[1.0,{"$float":"nan"}]})", R"([{"$float":"inf"},{"$deque":[]}])",
        R"({"$dict":[["$tuple",[1]]]})"}) {
    CAPTURE(text);
    const assay::Value value = parse_json(text);
    CHECK(to_json(value) == text);
    CHECK(assay::encode(parse_json(to_json(value))) == assay::encode(value));
  }
  assay::Value opaque;
  opaque.kind = Kind::opaque;
  CHECK_THROWS_AS(to_json(opaque), Error);
}

TEST_CASE("what a stranger's JSON costs is linear in its size, and capped") {
  // 80,000 keys of which one comes twice took 6 s, four times as long for twice as many; 2 million
  // digits 3.3 s (attack 71).
  std::string object = "{";
  for (int i = 0; i < 200'000; ++i) object += "\"k" + std::to_string(i) + "\":1,";
  const assay::Value value = parse_json(object + "\"k0\":2,\"k7\":3}");
  CHECK(value.items.size() == 400'000);
  CHECK(value.items[1].integer == 2);
  CHECK(value.items[15].integer == 3);
  const std::string digits(10'000, '7');
  CHECK(shown(digits) == digits);
  for (const std::string& text :
       {digits + "7", "[-" + digits + "7]", "{\"$int\": \"7" + digits + "\"}"}) {
    CHECK_THROWS_WITH(parse_json(text), "an integer has more than 10000 digits");
  }
  if (assay::tests::kSanitized) return;
  std::string many = "[";
  for (int i = 0; i < 1 << 24; ++i) many += "0,";
  CHECK_THROWS_WITH(parse_json(many + "0]"), doctest::Contains("more than 16777216 values"));
}
