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

TEST_CASE("nothing hides in a visible text") {
  using namespace std::string_literals;
  CHECK(visible("a\tb\n") == "a\tb\n");
  CHECK(visible("\x00\x1b\x7f"s) == "\u2400\u241b\u2421");
  CHECK(visible("\u202e\u2066\u200b\u2028") == "\\u202e\\u2066\\u200b\\u2028");
  CHECK(visible("\xff") == "\uFFFD");
  CHECK(visible("\xc0\xaf") == "\uFFFD\uFFFD");            // overlong
  CHECK(visible("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");  // surrogate
  CHECK(visible("\xe2\x82") == "\uFFFD\uFFFD");            // cut off
  CHECK(visible("h\u00e9\u4f60\U0001F600") == "h\u00e9\u4f60\U0001F600");
}

TEST_CASE("any bytes become well-formed text without control characters") {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const std::string text = visible(bytes);
    CHECK(visible(text) == text);
    for (const char c : text)
      CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
    CHECK(html(bytes).find_first_of("<>\"'") == std::string::npos);
  }
}

TEST_CASE("a cut text says its length and keeps whole characters") {
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("ab\u00e9d", 3) == "ab\u2026 (5 bytes)");
}
