#include "harness/verify/compare/equal.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <limits>

#include "harness/base/value/json_value.h"
#include "tests/support/source_dir.h"

using assay::Kind;
using assay::parse_json;
using assay::Value;
using assay::verify::Equality;
using assay::verify::Tolerance;

static bool equal(const Value& expected, const Value& actual, const Equality& how = {}) {
  return assay::verify::equal(encode(expected), encode(actual), how);
}

static std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// Compares `count` pairs of such a script with what Python said of them.
static std::size_t compare_with_python(int seed, int count,
                                       const std::string& script = "random_pairs.py") {
  const std::string command = "/usr/bin/python3 -I " + source_dir() + "/tests/verify/compare/" +
                              script + " " + std::to_string(seed) + " " + std::to_string(count);
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::size_t seen = 0;
  char* line = nullptr;
  std::size_t capacity = 0;
  while (getline(&line, &capacity, pipe) > 0) {
    const std::string text = line;
    const std::size_t space = text.find(' '), second = text.find(' ', space + 1);
    Value a, b;
    REQUIRE(assay::decode_whole(from_hex(text.substr(0, space)), a));
    REQUIRE(assay::decode_whole(from_hex(text.substr(space + 1, second - space - 1)), b));
    const bool wanted = text[second + 1] == '1';
    if (equal(a, b) != wanted || equal(b, a) != wanted) {
      FAIL_CHECK("Python says " << wanted << " of " << assay::repr(a) << " == " << assay::repr(b));
    }
    ++seen;
  }
  free(line);
  CHECK(pclose(pipe) == 0);
  return seen;
}

TEST_CASE("== is Python's on random pairs of plain values") {
  // A changed set member can be unhashable, and that pair is left out: hence "most".
  CHECK(compare_with_python(1, 20000) > 15000);
}

// Fractions, dates, ranges, named tuples, numpy's numbers ... were opaque, and equal to nothing: what
// a benchmark's own assertion accepts could not pass.
TEST_CASE("== is Python's between the types that cross by their parts, and plain values") {
  CHECK(compare_with_python(1, 4000, "typed_pairs.py") > 12000);
}

TEST_CASE(
    "with a tolerance: pairs are no numbers, Decimals are exact, arrays go by their elements") {
  const auto part = [](Kind kind, std::vector<Value> items) {
    return Value::sequence(kind, std::move(items));
  };
  const auto text = [](const char* s) { return Value::of_str(s); };
  const auto real = [](double d) { return Value::of_real(d); };
  const auto array = [&](const char* dtype, std::vector<Value> shape, std::vector<Value> list) {
    return part(Kind::numpy_array, {text(dtype), part(Kind::tuple, std::move(shape)),
                                    part(Kind::list, std::move(list))});
  };
  const assay::verify::Equality how{
      .nan_is_nan = true, .contents = true, .tolerance = assay::verify::Tolerance{1e-6, 1e-7}};
  const auto same = [&](const Value& a, const Value& b) {
    return assay::verify::equal(assay::encode(a), assay::encode(b), how);
  };
  const Value pairs = part(Kind::items_view, {real(1), Value::of_int(2)});
  CHECK(same(pairs, part(Kind::items_view, {real(1), real(2)})));
  CHECK(!same(pairs, part(Kind::set, {real(1)})));
  CHECK(!same(part(Kind::set, {real(1)}), pairs));
  CHECK(same(real(0.3), part(Kind::fraction, {Value::of_int(3), Value::of_int(10)})));
  CHECK(!same(real(0.3), part(Kind::decimal, {text("0.3")})));
  CHECK(same(real(0.5), part(Kind::decimal, {text("0.50")})));
  CHECK(same(real(0.1), part(Kind::numpy_scalar, {text("<f4"), real(0.10000000149)})));
  const Value two = Value::of_int(2), row = array("<f8", {two}, {real(1), real(2)});
  CHECK(same(row, array("<i8", {two}, {Value::of_int(1), two})));
  CHECK(same(row, array("<f8", {two}, {real(1.0000000001), real(2)})));
  CHECK(!same(row, array("<f8", {two, Value::of_int(1)}, {real(1), real(2)})));
  CHECK(!same(row, part(Kind::list, {real(1), real(2)})));
  CHECK(same(part(Kind::iterator, {two}), part(Kind::iterator, {real(2)})));
  CHECK(!same(part(Kind::iterator, {two}), part(Kind::list, {two})));
}

TEST_CASE("== on what random pairs would rarely meet") {
  const auto same = [](const char* a, const char* b) {
    return equal(parse_json(a), parse_json(b));
  };
  CHECK(same("9007199254740993", "9007199254740993"));
  CHECK(!same("9007199254740993", "9007199254740992.0"));  // a double cannot hold it
  CHECK(same("9223372036854775808", "9223372036854775808.0"));
  CHECK(!same("9223372036854775807", "9223372036854775808.0"));
  CHECK(!same("123456789012345678901234567890", "123456789012345678901234567891"));
  CHECK(same(R"({"$set": [{"$tuple": [1, true]}]})", R"({"$frozenset": [{"$tuple": [1.0, 1]}]})"));
  CHECK(!same(R"("a")", R"({"$bytes": "YQ=="})"));
  CHECK(!same("[1]", R"({"$tuple": [1]})"));
  CHECK(!same(R"({"$set": []})", "{}"));
}

TEST_CASE("an opaque object equals nothing, not even its like") {
  Value opaque;
  opaque.kind = Kind::opaque;
  opaque.text = "re.Match";
  CHECK(!equal(opaque, opaque));
  CHECK(!equal(Value::sequence(Kind::list, {opaque}), Value::sequence(Kind::list, {opaque})));
  Value builtin;
  builtin.kind = Kind::builtin;
  builtin.text = "int";
  CHECK(equal(builtin, builtin));
}

TEST_CASE("a set that names a member twice is no way to be equal to a larger one") {
  const Value expected = parse_json(R"({"$set": [1, 2]})"),
              forged = parse_json(R"({"$set": [1, 1]})");
  CHECK(!equal(expected, forged));
  CHECK(
      !equal(parse_json(R"({"a": 1, "b": 1})"), parse_json(R"({"$dict": [["a", 1], ["a", 1]]})")));
}

TEST_CASE("a value is compared up to the first difference, and what follows must be a value too") {
  using assay::verify::equal;
  const std::string list = encode(parse_json("[1, [2, 3]]"));
  CHECK(equal(list, list));
  CHECK(!equal(list, list + "N"));
  CHECK(!equal(list, list.substr(0, list.size() - 1)));
  CHECK(!equal(list, ""));
  CHECK(!equal("", ""));
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "l\x01";
  CHECK(!equal(deep + "N", deep + "N"));  // deeper than any value: no recursion follows it
}

TEST_CASE("tolerance reaches floats at any depth, and integers only where it is said") {
  const Equality how{.nan_is_nan = true, .tolerance = Tolerance{1e-6, 1e-7, false}};
  const auto near = [&](const char* e, const char* a) {
    return equal(parse_json(e), parse_json(a), how);
  };
  CHECK(near("1.0", "1.0000005"));
  CHECK(!near("1.0", "1.000005"));
  CHECK(near("1e9", "1000000050.0"));
  CHECK(!near("1e9", "1000000150.0"));
  CHECK(near("2.9999999999", "3"));
  CHECK(!near("3", "2.9999999999"));
  CHECK(near(R"([{"a": {"$tuple": [0.1, "x"]}}])", R"([{"a": {"$tuple": [0.10000000001, "x"]}}])"));
  CHECK(!near("[0.1]", R"({"$tuple": [0.1]})"));
  CHECK(near(R"({"$set": [0.3, 1, 2.5]})", R"({"$set": [1, 2.5000000001, 0.30000000000000004]})"));
  CHECK(!near(R"({"$set": [0.3, 1]})", R"({"$set": [0.3, 1.0000001]})"));
  CHECK(near(R"({"$complex": [1, 2.5]})", R"({"$complex": [1, 2.5000000001]})"));
  CHECK(!near("1.0", "\"1.0\""));
  CHECK(!near("1e-9", "true"));
  CHECK(!near("0.9999999999", "true"));
  CHECK(near("Infinity", "Infinity"));
  CHECK(!near("Infinity", "1e308"));
  CHECK(!near("1e308", "Infinity"));
  CHECK(!near("Infinity", "-Infinity"));
  CHECK(!near("NaN", "1.0"));
  CHECK(!near("1.0", "NaN"));
  CHECK(near("NaN", "NaN"));
  const Equality integers{.tolerance = Tolerance{1e-4, 0, true}};
  CHECK(equal(parse_json("3"), parse_json("3.00001"), integers));
  CHECK(!equal(parse_json("3"), parse_json("3.001"), integers));
}
