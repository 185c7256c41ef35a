#include "harness/base/value/excerpt.h"

#include <doctest/doctest.h>

#include "harness/base/value/value.h"

using namespace assay;

namespace {

Value text(const char* s) { return Value::of_str(s); }

Value of(Kind kind, std::vector<Value> items) { return Value::sequence(kind, std::move(items)); }

std::vector<Value> some_of_every_kind() {
  const Value one = Value::of_int(1), two = Value::of_real(2.5), word = text("it's \n");
  std::vector<Value> values = {Value{}, Value::of_bool(true),    one, two,
                               word,    Value::of_complex(1, -2)};
  for (const Kind kind : {Kind::list, Kind::tuple, Kind::set, Kind::frozenset, Kind::deque}) {
    values.push_back(of(kind, {}));
    values.push_back(of(kind, {one}));
    values.push_back(of(kind, {one, two, word}));
  }
  for (const Kind kind : {Kind::dict, Kind::ordered_dict, Kind::default_dict, Kind::counter}) {
    values.push_back(of(kind, {}));
    values.push_back(of(kind, {word, one, two, two}));
  }
  values.push_back(of(Kind::tuple, {of(Kind::list, {one, of(Kind::dict, {word, two})}), one}));
  return values;
}

}  // namespace

TEST_CASE("an excerpt that cuts nothing is the repr") {
  for (const Value& value : some_of_every_kind())
    CHECK(excerpt(encode(value), 1000) == repr(value, 1000));
}

TEST_CASE("an excerpt of a long value ends as its repr does") {
  const Value numbers = of(Kind::list, std::vector<Value>(5000, Value::of_int(123456)));
  const Value words = of(Kind::tuple, std::vector<Value>(5000, text("a longer word")));
  for (const std::size_t length : {0u, 1u, 10u, 100u, 1000u}) {
    CHECK(excerpt(encode(numbers), length) == repr(numbers, length));
    CHECK(excerpt(encode(words), length) == repr(words, length));
    CHECK(excerpt(encode(text("a text of some length")), length) ==
          repr(text("a text of some length"), length));
  }
  const Value nested = of(Kind::list, {numbers, numbers});
  CHECK(excerpt(encode(nested), 20) == repr(nested, 20));
}

TEST_CASE("an excerpt looks at nothing behind the cut, and at no lie before it") {
  // A witness of a 5 MB answer built its 1.2 million values: 100 MB to show 64 KiB.
  std::string bytes = encode(of(Kind::list, std::vector<Value>(1000, Value::of_int(7))));
  bytes.resize(bytes.size() - 1);
  CHECK(excerpt(bytes, 10).ends_with("... (1000 items)]"));
  CHECK(excerpt(bytes, 100000) == "(not decodable)");
  CHECK(excerpt("", 10) == "(not decodable)");
  CHECK(excerpt("l\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10) == "(not decodable)");
  CHECK(excerpt("?", 10) == "(not decodable)");
  std::string deep(1000, 'l');
  for (std::size_t at = 1000; at > 0; --at) deep.insert(at, 1, '\1');
  CHECK(excerpt(deep + "N", 100000) == "(not decodable)");
}
