#include "harness/verify/compare/output.h"

#include <doctest/doctest.h>

#include <string>

using namespace assay::verify;
using Compare = OutputRule::Compare;

TEST_CASE("tokens: white space parts them and is no matter") {
  const OutputRule rule;
  CHECK(accepts(rule, "1 2\n3\n", "1\n2   3"));
  CHECK(accepts(rule, "", " \n\t"));
  CHECK(accepts(rule, "a\r\nb\r\n", "a\nb\n"));
  CHECK_FALSE(accepts(rule, "1 2", "12"));
  CHECK_FALSE(accepts(rule, "1 2", "1 2 3"));
  CHECK_FALSE(accepts(rule, "1.0", "1"));
  CHECK_FALSE(accepts(rule, "Yes", "YES"));
}

TEST_CASE("lines: what stands in a line counts, but for its end") {
  const OutputRule rule{Compare::lines};
  CHECK(accepts(rule, "1 2\n3\n", "1 2  \n3"));
  CHECK(accepts(rule, "a\n", "a\n\n\n"));
  CHECK_FALSE(accepts(rule, "1 2\n", "1  2\n"));
  CHECK_FALSE(accepts(rule, "1\n2\n", "1 2\n"));
  CHECK_FALSE(accepts(rule, "a\n\nb", "a\nb"));
  CHECK_FALSE(accepts(rule, " a", "a"));
}

TEST_CASE("exact: every byte") {
  const OutputRule rule{Compare::exact, 0.5, true};
  CHECK(accepts(rule, "a\n", "a\n"));
  CHECK_FALSE(accepts(rule, "a\n", "a"));
  CHECK_FALSE(accepts(rule, "a\nb\n", "b\na\n"));
}

TEST_CASE("a tolerance is for numbers, absolute below one and relative above") {
  const OutputRule rule{Compare::tokens, 1e-6};
  CHECK(accepts(rule, "0.3333333", "0.33333341"));
  CHECK(accepts(rule, "1e9", "1000000999"));
  CHECK(accepts(rule, "1.0", "+1"));
  CHECK_FALSE(accepts(rule, "0.3333333", "0.333336"));
  CHECK_FALSE(accepts(rule, "1", "nan"));
  CHECK_FALSE(accepts(rule, "inf", "1e308"));
  CHECK(accepts(rule, "inf", "inf"));
  CHECK_FALSE(accepts(rule, "1", "1x"));
  CHECK_FALSE(accepts(rule, "word", "Word"));
}

TEST_CASE("a tolerance is none between whole numbers") {
  // AtCoder's abc340_e, rerun with a tolerance for all of LiveCodeBench: a count was accepted that is one off.
  const OutputRule rule{Compare::tokens, 1e-6};
  CHECK_FALSE(accepts(rule, "104320141", "104320140"));
  CHECK_FALSE(accepts(rule, "-3", "3"));
  CHECK(accepts(rule, "3", "2.9999999"));
  CHECK(accepts(rule, "3.0", "3"));
  CHECK(accepts(rule, "104320141.0", "104320140"));
}

TEST_CASE("unordered: the same lines, as often, in any order") {
  const OutputRule rule{Compare::lines, 0, true};
  CHECK(accepts(rule, "a\nb\na\n", "a\na\nb"));
  CHECK_FALSE(accepts(rule, "a\nb\na\n", "a\nb\nb"));
  CHECK(accepts({Compare::tokens, 0, true}, "1 2\n3 4", "3  4\n1 2"));
}

TEST_CASE("where two outputs part is said, cut") {
  CHECK(difference({}, "1\n2\n", "1\n3\n") == "line 2: 3 in place of 2");
  CHECK(difference({}, "1\n2\n", "1\n") == "it ends before line 2, where 2 is right");
  CHECK(difference({}, "1\n", "1\n2") == "line 2 is too much: 2");
  CHECK(difference({Compare::exact}, "1\n", "1") == "it differs in white space alone");
  CHECK(difference({}, "1", std::string(1000, 'x')).size() < 150);
}
