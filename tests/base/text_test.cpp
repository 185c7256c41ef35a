#include "harness/base/text.h"

#include <doctest/doctest.h>

#include <random>

using namespace assay;
using namespace std::string_literals;

TEST_CASE("nothing acts or hides in a visible text") {
  CHECK(visible("a\tb\n") == "a\tb\n");
  CHECK(visible_line("a\tb\n") == "a\\x09b\\x0a");
  CHECK(visible("\x00\x1b\x7f\r"s) == "\\x00\\x1b\\x7f\\x0d");
  CHECK(visible("\u202e\u2066\u200b\u2028") == "\\u202e\\u2066\\u200b\\u2028");
  CHECK(visible("\U000e0041") == "\\U000e0041");
  CHECK(visible("h\u00e9\u4f60\U0001F600") == "h\u00e9\u4f60\U0001F600");
}

TEST_CASE("the marks of direction that the terminal let through are known to every door") {
  // There were two sets of dangerous characters: the terminal's lacked U+061C, U+200E, U+200F,
  // U+200B, U+FEFF and U+2028, and a raw byte 0x9b (CSI on an 8-bit terminal) went through both.
  for (const char* hidden : {"\u061c", "\u200e", "\u200f", "\u200b", "\ufeff", "\u2028", "\u009b"})
    CHECK(visible(hidden).starts_with("\\u"));
  CHECK(visible("\x9b"
                "31m") == "\\x9b31m");
}

TEST_CASE("malformed bytes are shown one at a time") {
  CHECK(visible("\xff") == "\\xff");
  CHECK(visible("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(visible("\xe2\x82") == "\\xe2\\x82");                    // cut off
  CHECK(visible("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(well_formed("a\xff\u00e9") == "a\uFFFD\u00e9");
  CHECK(!is_utf8("caf\xe9"));
  CHECK(is_utf8("caf\u00e9"));
}

TEST_CASE("any bytes become well-formed text without control characters") {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const std::string text = visible(bytes);
    CHECK(is_utf8(text));
    CHECK(visible(text) == text);
    for (const char c : text)
      CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
    CHECK(visible_line(bytes).find_first_of("\n\t") == std::string::npos);
    CHECK(is_utf8(well_formed(bytes)));
  }
}

TEST_CASE("a cut text says its length and keeps whole characters") {
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("ab\u00e9d", 3) == "ab\u2026 (5 bytes)");
  CHECK(head("ab\u00e9d", 3) == "ab");
  CHECK(head("\xbf\xbf\xbf", 2) == "");
  CHECK(grouped(-1234567) == "-1,234,567");
}
