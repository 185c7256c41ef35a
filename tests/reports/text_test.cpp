#include "reports/text.h"

#include <doctest/doctest.h>

#include <random>

using namespace assay::reports;

TEST_CASE("shares print with sensible digits and undefined as a dash") {
  CHECK(percent(0.09812) == "9.8%");
  CHECK(percent(1.0) == "100.0%");
  CHECK(percent(0.0) == "0.0%");
  CHECK(percent(-1e-20) != "-0.0%");
  CHECK(percent(0.000123) == "0.012%");  // small is not none
  CHECK(percent(std::nullopt) == kDash);
  CHECK(percent(Estimate{0.098, Interval{0.071, 0.129}}) == "9.8% [7.1, 12.9]");
  CHECK(percent(Estimate{}) == kDash);
  CHECK(decimal(-0.0001) == "0.000");
  CHECK(decimal(-0.25) == "\u22120.250");
  CHECK(percent(-0.25) == "\u221225.0%");
  CHECK(points(0.0412) == "+4.1 pp");
  CHECK(points(-0.0412) == "\u22124.1 pp");
  CHECK(points(-0.0001) == "0.0 pp");
  CHECK(points_interval(Interval{-0.01, 0.072}) == "[\u22121.0, +7.2]");
  CHECK(count(12410) == "12,410");
  CHECK(count(-1234567) == "-1,234,567");
  CHECK(count(1, "model") == "1 model");
}

TEST_CASE("any bytes become HTML and Markdown without markup") {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    CHECK(html(bytes).find_first_of("<>\"'") == std::string::npos);
    CHECK(assay::is_utf8(html(bytes)));
    CHECK(markdown(bytes).find_first_of("<\n\t") == std::string::npos);
  }
}

TEST_CASE("Markdown escapes what would act where it stands, and nothing else") {
  CHECK(markdown("snake_case (9.8% [7.1, 12.9]); see docs/a.md!") ==
        "snake_case (9.8% [7.1, 12.9]); see docs/a.md!");
  CHECK(markdown("__init__ a*b `x` $y$ ~z~ a|b \\n") ==
        "\\_\\_init\\_\\_ a\\*b \\`x\\` \\$y\\$ \\~z\\~ a\\|b \\\\n");
  CHECK(markdown("[a](b) [c][d] [e]: f") == "[a\\](b) [c\\][d] [e\\]: f");
  CHECK(markdown("# a # b") == "\\# a # b");
  CHECK(markdown("1. a") == "1\\. a");
  CHECK(markdown("10.0% 2.") == "10.0% 2.");
  CHECK(markdown("- a - b") == "\\- a - b");
  CHECK(markdown("---") == "\\---");
  CHECK(markdown("+20.0 pp") == "+20.0 pp");
  CHECK(markdown("    code") == "code");
  CHECK(markdown("@someone pass@10") == "\\@someone pass@10");
  CHECK(markdown("<b> &lt;") == "&lt;b> &amp;lt;");
}

TEST_CASE("lists end with how many more there are") {
  CHECK(list_in_words({}) == "");
  CHECK(list_in_words({"a"}) == "a");
  CHECK(list_in_words({"a", "b"}) == "a and b");
  CHECK(list_in_words({"a", "b", "c", "d"}) == "a, b, c and d");  // "and 1 more" is no shorter
  CHECK(list_in_words({"a", "b", "c", "d", "e"}) == "a, b, c and 2 more");
}
