#include "harness/analysis/offered_tests.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "harness/analysis/python_literal.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::analysis;
using datasets::Rule;

namespace {

Value call(std::vector<Value> arguments) {
  return Value::sequence(Kind::tuple, std::move(arguments));
}
Value list(std::vector<Value> items) { return Value::sequence(Kind::list, std::move(items)); }
Value i(std::int64_t n) { return Value::of_int(n); }
Value d(double x) { return Value::of_real(x); }
Value s(const std::string& text) { return Value::of_str(text); }

Value named(Kind kind, const std::string& text) {
  Value value;
  value.kind = kind;
  value.text = text;
  return value;
}

/// Whether `check(candidate)` accepts the program, as Python has it.
bool accepts(const std::string& check, const std::string& program) {
  const tests::Scratch scratch;
  const std::string path = scratch.write("t.py", program + "\n" + check + "\ncheck(candidate)\n");
  return std::system(fmt::format("python3 {} 2>/dev/null", path).c_str()) == 0;
}

struct Offered {
  const char* name;
  StoredTest test;
  std::vector<const char*> right, wrong;  ///< bodies of candidate(x)
};

}  // namespace

// The report once offered `assert candidate('ab') == [0.30000000000000004, nan]`: a NameError for
// every program, and exact floats besides. Each form of test is run here against right and wrong
// programs.
TEST_CASE("an offered test accepts right programs and rejects wrong ones") {
  const std::vector<Offered> all = {
      {"exact",
       {call({i(3)}), list({i(1), s("a'\n\\")})},
       {"return [1, 'a\\'\\n\\\\']"},
       {"return [1, 'a']", "return (1, 'a\\'\\n\\\\')"}},
      {"a float",
       {call({i(3)}), d(0.1 + 0.2)},
       {"return 0.3", "return 0.1 + 0.2"},
       {"return 0.31", "return None"}},
      {"a negative float",
       {call({i(3)}), d(-2.5)},
       {"return -2.5", "return -2.5000001"},
       {"return 2.5"}},
      {"floats inside",
       {call({s("ab")}), list({d(0.1 + 0.2), s("x")})},
       {"return [0.3, 'x']"},
       {"return [0.3]", "return [0.31, 'x']", "return [0.3, 'y']", "return (0.3, 'x')"}},
      {"floats in a dict",
       {call({i(1)}), Value::sequence(Kind::dict, {s("a"), list({d(1.5)}), s("b"), i(2)})},
       {"return {'b': 2, 'a': [1.5000000001]}"},
       {"return {'a': [1.5]}", "return {'a': [1.6], 'b': 2}", "return {'a': [1.5], 'b': 3}"}},
      {"the dataset's tolerance",
       {call({i(1)}), list({i(10), d(2)}), Rule::equal, 0.5},
       {"return [10.4, 2.4]", "return [10, 2]"},
       {"return [10.6, 2]", "return [10, 2.6]"}},
      {"an int with the dataset's tolerance",
       {call({i(1)}), i(-10), Rule::equal, 0.5},
       {"return -10.4"},
       {"return 10", "return -10.6"}},
      {"an int without a tolerance",
       {call({i(1)}), list({i(10), d(2)})},
       {"return [10, 2.0000001]"},
       {"return [10.0000001, 2]", "return [True, 2]"}},
      {"complex",
       {call({Value::of_complex(0.0, -1)}), list({Value::of_complex(1, -0.5)})},
       {"return [x * 1j - 0.5j]"},
       {"return [1]"}},
      {"same set",
       {call({list({i(1)})}), list({i(1), i(2), s("x")}), Rule::same_set},
       {"return ('x', 2, 1)", "return [1, 1, 2, 'x']"},
       {"return [1, 2]", "return [1, 2, 'y']"}},
      {"root",
       {call({list({i(-1), i(0), i(1)})}), d(1), Rule::root_of_polynomial, 1e-4},
       {"return 1.0", "return -1.00001"},
       {"return 0.5", "return 2"}},
      {"or zero", {call({i(1)}), i(1), Rule::or_zero}, {"return 1", "return 0"}, {"return 2"}},
      {"or zero, of another number",
       {call({i(6)}), i(6), Rule::or_zero},
       {"return 6"},
       {"return 0"}},
      {"a match",
       {call({s("ab")}), named(Kind::opaque, "re.Match"), Rule::match_or_none},
       {"return True", "import re\n    return re.match('a', x)"},
       {"return None", "return False"}},
      {"no match",
       {call({s("ab")}), Value{}, Rule::match_or_none},
       {"return None", "return False"},
       {"return True"}}};
  for (const Offered& offered : all) {
    INFO(offered.name);
    const std::string check = check_function({offered.test});
    INFO(check);
    REQUIRE_FALSE(check.empty());
    const auto program = [](const char* body) {
      return fmt::format("def candidate(x):\n    {}\n", body);
    };
    for (const char* body : offered.right) {
      INFO(body);
      CHECK(accepts(check, program(body)));
    }
    for (const char* body : offered.wrong) {
      INFO(body);
      CHECK_FALSE(accepts(check, program(body)));
    }
  }
}

TEST_CASE("what cannot be written down whole is not offered") {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  Value deep = i(1);
  for (int depth = 0; depth < 150; ++depth) deep = list({deep});
  Value huge = named(Kind::big_integer, std::string(5000, '\x7f'));
  for (const Value& value :
       {d(nan), d(-inf), list({d(nan)}), Value::of_complex(inf, 0), deep, huge,
        s(std::string(5000, 'x')), list(std::vector<Value>(5000, i(1))),
        named(Kind::opaque, "re.Match"), named(Kind::builtin, "int"),
        Value::sequence(Kind::default_dict, {}), Value::sequence(Kind::ordered_dict, {}),
        Value::sequence(Kind::counter, {}), Value::sequence(Kind::deque, {})}) {
    INFO(repr(value, 60));
    CHECK_FALSE(offered_test({call({i(1)}), value}));
    CHECK_FALSE(offered_test({call({value}), i(1)}));
    CHECK_FALSE(offered_test({call({i(1)}), list({i(1), value})}));
  }
  CHECK_FALSE(offered_test({call({i(1)}), i(1), Rule::unchecked}));
  CHECK_FALSE(offered_test({call({i(1)}), list({list({i(1)})}), Rule::same_set}));  // no set of it
  CHECK_FALSE(offered_test({list({i(1)}), i(1)}));                                  // no call
  CHECK(check_function({}).empty());
}

// A reference that forges its answer in the jail could put a line of its own into the test that the
// report offers to copy: the name of a "builtin" was printed as it came.
TEST_CASE("text from the jail never becomes code") {
  const std::string code = "0\n    __import__('os').system('id')";
  CHECK(check_function({{call({i(2)}), named(Kind::builtin, code)},
                        {call({i(2)}), named(Kind::opaque, code)},
                        {call({named(Kind::builtin, code)}), i(2)}})
            .empty());
  const std::string check = check_function({{call({s(code)}), s(code)}});
  CHECK(check ==
        "def check(candidate):\n"
        "    assert candidate('0\\n    __import__(\\'os\\').system(\\'id\\')') == "
        "'0\\n    __import__(\\'os\\').system(\\'id\\')'\n");
  CHECK(accepts(check, "def candidate(x):\n    return x\n"));
}

// A surrogate in an expected text became U+FFFD on its way to the page, and the offered test wrong.
TEST_CASE("every text comes back as it was") {
  const std::string surrogate = "\xed\xa0\x80", wide = "\U0001F600", bidi = "\u202e";
  const Value texts =
      list({s(surrogate), s("h\u00e9" + wide), s(bidi), s(std::string("\0\x7f\r", 3)),
            named(Kind::bytes, std::string("\xff\0'\n", 4))});
  const std::string check = check_function({{call({i(1)}), texts}});
  for (const char c : check) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  CHECK(accepts(check,
                "def candidate(x):\n    return [chr(0xd800), 'h' + chr(0xe9) + chr(0x1f600), "
                "chr(0x202e), chr(0) + chr(0x7f) + chr(13), bytes([255, 0, 39, 10])]\n"));
  CHECK_FALSE(accepts(check,
                      "def candidate(x):\n    return [chr(0xfffd), 'h' + chr(0xe9) + chr(0x1f600), "
                      "chr(0x202e), chr(0) + chr(0x7f) + chr(13), bytes([255, 0, 39, 10])]\n"));
  CHECK_FALSE(python_literal(s("\xff"), 100));  // no text at all
}

TEST_CASE("a literal keeps its type") {
  const auto literal = [](const Value& value) { return python_literal(value, 100).value_or("-"); };
  CHECK(literal(call({i(1)})) == "(1,)");
  CHECK(literal(call({})) == "()");
  CHECK(literal(Value::sequence(Kind::set, {})) == "set()");
  CHECK(literal(Value::sequence(Kind::frozenset, {i(1)})) == "frozenset({1})");
  CHECK(literal(Value::sequence(Kind::dict, {s("a"), i(1), i(2), Value{}})) == "{'a': 1, 2: None}");
  CHECK(literal(Value::of_complex(-0.0, 2)) == "complex(-0.0, 2.0)");
  CHECK(literal(Value::of_bool(true)) == "True");
  CHECK(literal(d(1e16)) == "1e+16");
  CHECK(python_arguments(call({i(1), s("x")}), 100) == "1, 'x'");
}
