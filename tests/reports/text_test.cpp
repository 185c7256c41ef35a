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
