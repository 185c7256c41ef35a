#include "harness/probe/mutate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace assay::probe {

static std::string tuple(std::vector<Value> items) {
  return encode(Value::sequence(Kind::tuple, std::move(items)));
}
static Value list(std::vector<Value> items) {
  return Value::sequence(Kind::list, std::move(items));
}
static Value ints(std::initializer_list<std::int64_t> numbers) {
  std::vector<Value> items;
  for (const std::int64_t n : numbers) items.push_back(Value::of_int(n));
  return list(std::move(items));
}
static Value decoded(const std::string& encoded) {
  Value value;
  REQUIRE(decode_whole(encoded, value));
  return value;
}

/// Of every kind of argument that is changed.
static std::vector<std::string> own() {
  const Value pair = Value::sequence(Kind::tuple, {Value::of_int(3), Value::of_str("b")});
  const Value set = Value::sequence(Kind::set, {Value::of_int(1), Value::of_int(9)});
  const Value map = Value::sequence(Kind::dict, {Value::of_str("k"), Value::of_real(0.5)});
  std::vector<std::string> out;
  for (int i = 0; i < 4; ++i)
    out.push_back(
        tuple({Value::of_int(5 + i), Value::of_real(2.5 * i), Value::of_str("Ab\xc3\xa9"),
               ints({1, 2, 3 + i}), pair, set, map, Value::of_bool(i % 2 == 0), Value{}}));
  return out;
}

TEST_CASE("mutate: every argument keeps the type that was seen in its place") {
  Mutator mutator(own(), 1, "p");
  const std::vector<std::string> made = mutator.more(3000);
  REQUIRE(made.size() == 3000);
  std::set<std::int64_t> numbers;
  bool empty_list = false, empty_text = false, empty_map = false, empty_set = false;
  for (const std::string& encoded : made) {
    const Value value = decoded(encoded);
    REQUIRE(value.kind == Kind::tuple);
    REQUIRE(value.items.size() == 9);
    const std::vector<Value>& at = value.items;
    CHECK(at[0].kind == Kind::integer);
    CHECK(at[1].kind == Kind::real);
    CHECK(at[2].kind == Kind::str);
    CHECK(at[3].kind == Kind::list);
    for (const Value& item : at[3].items) CHECK(item.kind == Kind::integer);
    REQUIRE(at[4].kind == Kind::tuple);
    REQUIRE(at[4].items.size() == 2);
    CHECK(at[4].items[0].kind == Kind::integer);
    CHECK(at[4].items[1].kind == Kind::str);
    CHECK(at[5].kind == Kind::set);
    CHECK(at[6].kind == Kind::dict);
    for (std::size_t i = 0; i + 1 < at[6].items.size(); i += 2) {
      CHECK(at[6].items[i].kind == Kind::str);
      CHECK(at[6].items[i + 1].kind == Kind::real);
    }
    CHECK(at[7].kind == Kind::boolean);
    CHECK(at[8].kind == Kind::none);
    numbers.insert(at[0].integer);
    empty_text |= at[2].text.empty();
    empty_list |= at[3].items.empty();
    empty_set |= at[5].items.empty();
    empty_map |= at[6].items.empty();
  }
  for (const std::int64_t border : {0, 1, -1, 9}) CHECK(numbers.contains(border));
  CHECK(*numbers.begin() < -1);
  CHECK(*numbers.rbegin() > 80);
  CHECK((empty_text && empty_list && empty_set && empty_map));
}

TEST_CASE(
    "mutate: nothing is given twice, nor an input of the suites, in whatever order its set stands") {
  std::vector<std::string> inputs = own();
  Value turned = decoded(inputs[0]);
  std::swap(turned.items[5].items[0], turned.items[5].items[1]);
  inputs.push_back(encode(turned));
  Mutator mutator(inputs, 7, "p");
  std::set<std::string> seen(inputs.begin(), inputs.end());
  for (int round = 0; round < 5; ++round) {
    for (const std::string& one : mutator.more(400)) {
      CHECK(seen.insert(one).second);
      CHECK(one.size() <= kInputBytesMax);
      mutator.admit(one);
    }
  }
}

TEST_CASE("mutate: the seed and the name alone decide") {
  const auto made = [](std::uint64_t seed, const char* name) {
    Mutator mutator(own(), seed, name);
    std::vector<std::string> out = mutator.more(100);
    for (const std::string& one : out) mutator.admit(one);
    for (std::string& one : mutator.more(200)) out.push_back(std::move(one));
    return out;
  };
  CHECK(made(1, "a") == made(1, "a"));
  CHECK(made(1, "a") != made(2, "a"));
  CHECK(made(1, "a") != made(1, "b"));
}

TEST_CASE("mutate: borders come first") {
  Mutator mutator({tuple({ints({4, 5, 6})}), tuple({ints({7, 8})})}, 1, "p");
  const std::vector<std::string> made = mutator.more(8);
  CHECK(std::count(made.begin(), made.end(), tuple({list({})})) == 1);
  CHECK(std::count(made.begin(), made.end(), tuple({ints({0})})) == 1);
}

TEST_CASE("mutate: inputs do not grow without bound, and one that is too long is not changed") {
  const std::string long_text(2 * kInputBytesMax, 'x');
  Mutator too_long({tuple({Value::of_str(long_text)})}, 1, "p");
  CHECK(too_long.more(10).empty());
  Mutator near({tuple({Value::of_str(long_text.substr(0, kInputBytesMax - 100))})}, 1, "p");
  std::size_t longest = 0;
  for (int round = 0; round < 10; ++round)
    for (const std::string& one : near.more(50)) {
      longest = std::max(longest, one.size());
      near.admit(one);
    }
  CHECK(longest > 1000);
  CHECK(longest <= kInputBytesMax);
}

TEST_CASE("mutate: what can be no other comes to an end") {
  Mutator none({tuple({})}, 1, "p");
  CHECK(none.more(10).empty());
  Mutator one({tuple({Value{}})}, 1, "p");
  CHECK(one.more(10).empty());
  Mutator both({tuple({Value::of_bool(true)})}, 1, "p");
  CHECK(both.more(10).size() == 1);
}

TEST_CASE("mutate: characters of several bytes stay whole") {
  Mutator mutator({tuple({Value::of_str("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")})}, 3, "p");
  for (const std::string& one : mutator.more(500)) CHECK(is_str_text(decoded(one).items[0].text));
}

}  // namespace assay::probe
