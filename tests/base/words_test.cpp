#include "harness/base/words.h"

#include <doctest/doctest.h>

using namespace assay;

TEST_CASE("a word is a whole one, and looking for it takes time linear in the text") {
  CHECK(has_word("a = add(1)", "add"));
  CHECK(has_word("add", "add"));
  CHECK(!has_word("add_one(1)", "add"));
  CHECK(!has_word("na\xc3\xafve", "na"));  // a letter beyond ASCII continues a word
  CHECK(!has_word("", "add"));
  CHECK(!has_word("a b", ""));
  // As `find` of each occurrence this took a second for a name of a million letters.
  CHECK(!has_word(std::string(4 << 20, 'f'), std::string(1 << 20, 'f')));
  CHECK(next_word("  x1+y", 0) == "x1");
  CHECK(next_word("  x1+y", 4) == "y");
  CHECK(next_word("()", 0).empty());
}

TEST_CASE("a list is split at its marks") {
  using Parts = std::vector<std::string>;
  CHECK(split("base,plus", ',') == Parts{"base", "plus"});
  CHECK(split("base", ',') == Parts{"base"});
  CHECK(split("a,,b,", ',') == Parts{"a", "", "b", ""});
  CHECK(split("", ',').empty());
}

TEST_CASE("a name is UTF-8 without control characters, and not endless") {
  for (const char* good :
       {"", "codegen-16b", "a b", "\xc3\xa9", "\xf0\x9f\x98\x80", "=1+1", "../x"}) {
    CAPTURE(good);
    CHECK(!trouble_of_name(good));
  }
  CHECK(trouble_of_name("a\xff") == "is not UTF-8");
  CHECK(trouble_of_name("a\xed\xa0\x80") == "is not UTF-8");  // a surrogate
  CHECK(trouble_of_name("\xc0\xaf") == "is not UTF-8");
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("a\nb"), std::string("\x1b[31m"), std::string("\x7f"),
        std::string("\xc2\x9b")}) {
    CHECK(trouble_of_name(bad) == "holds a control character");
  }
  CHECK(trouble_of_name(std::string(kNameBytesMax, 'n')) == std::nullopt);
  CHECK(trouble_of_name(std::string(kNameBytesMax + 1, 'n')).has_value());
}

TEST_CASE("base64 both ways, and nothing else") {
  for (const std::string& text : {std::string(), std::string("a"), std::string("ab"),
                                  std::string("abc"), std::string("abcd")}) {
    CHECK(bytes_of_base64(base64(text)) == text);
  }
  CHECK(base64(std::string("\x00\xff", 2)) == "AP8=");
  for (const char* bad : {"A", "AP8", "AP8==", "A*8="}) {
    CAPTURE(bad);
    CHECK(!bytes_of_base64(bad));
  }
}
