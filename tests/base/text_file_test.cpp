#include "harness/base/text_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "harness/base/error.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"
#include "tests/support/zstd.h"

using assay::Error;
using assay::LineReader;
using assay::tests::gzipped;
using assay::tests::Scratch;
using assay::tests::zstd;

static std::string lines_of(LineReader reader) {
  std::string all, line;
  while (reader.next(line)) all += std::to_string(reader.line_number()) + "[" + line + "]";
  return all;
}

TEST_CASE("lines come numbered, whatever their ends, plain or gzipped") {
  const std::string text =
      "\xef\xbb\xbf"
      "a\r\n\nb c\n\r\nlast";
  const std::string wanted = "1[a]2[]3[b c]4[]5[last]";
  CHECK(lines_of(LineReader("x", text)) == wanted);
  CHECK(lines_of(LineReader("x", gzipped(text))) == wanted);
  const Scratch scratch;
  CHECK(lines_of(LineReader(scratch.write("named.gz", text))) ==
        wanted);  // by content, not by name
  CHECK(lines_of(LineReader(scratch.write("named.txt", gzipped(text)))) == wanted);
  CHECK(lines_of(LineReader("x", gzipped("one\n") + gzipped("two\n"))) == "1[one]2[two]");
  CHECK(lines_of(LineReader("x", "")) == "");
  CHECK(lines_of(LineReader("x", "\n")) == "1[]");
}

TEST_CASE("lines longer than the buffer stay whole") {
  const std::string big(300000, 'x');
  CHECK(lines_of(LineReader("x", gzipped(big + "\n" + big))) == "1[" + big + "]2[" + big + "]");
}

TEST_CASE("blank lines are passed over but counted") {
  LineReader reader("x", "\n  \t\nrow\n\n");
  std::string line;
  CHECK(reader.next_filled(line));
  CHECK(line == "row");
  CHECK(reader.at("bad") == "x:3: bad");
  CHECK(!reader.next_filled(line));
}

TEST_CASE("a truncated or corrupt .gz is one error, at every place it can break") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "row " + std::to_string(i * 7919 % 10007) + "\n";
  const std::string whole = gzipped(text);
  // Cut inside the header's two magic bytes it is not gzip yet, so from 3 on.
  for (std::size_t size = 3; size < whole.size(); size += size < 40 ? 1 : 97) {
    CAPTURE(size);
    CHECK_THROWS_AS(lines_of(LineReader("cut.gz", whole.substr(0, size))), Error);
  }
  CHECK_THROWS_WITH(lines_of(LineReader("cut.gz", whole.substr(0, whole.size() - 3))),
                    doctest::Contains("cut.gz: the gzip data ends too early after line 2000"));
  std::string broken = whole;
  broken[whole.size() / 2] ^= 0x55;
  CHECK_THROWS_WITH(lines_of(LineReader("bad.gz", broken)), doctest::Contains("corrupt"));
}

static std::string utf16(const std::u16string& text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

TEST_CASE("UTF-16 is read like UTF-8, with a mark or without") {
  // Notepad and PowerShell's > write it; the message was "malformed JSON at byte 1" (case 17).
  const std::u16string text = u"{\u00e9\u2028\U0001d400}\r\n\u0a0a\nz";
  const std::string wanted = "1[{\u00e9\u2028\U0001d400}]2[\u0a0a]3[z]";
  for (const bool big : {false, true}) {
    for (const std::u16string& mark : {std::u16string(), std::u16string(1, u'\ufeff')}) {
      const std::string bytes = utf16(mark + text, big);
      CHECK(lines_of(LineReader("x", bytes)) == wanted);
      CHECK(lines_of(LineReader("x", gzipped(bytes))) == wanted);
      CHECK(lines_of(LineReader("x", zstd(bytes))) == wanted);
    }
    // Pairs and line ends fall on every place of the pieces that are read.
    const std::u16string pair = u"\U0001d400";
    std::string many = "{";
    std::u16string units = u"{";
    for (int i = 0; i < 70000; ++i) {
      units += pair;
      many += "\U0001d400";
    }
    CHECK(lines_of(LineReader("x", utf16(units, big))) == "1[" + many + "]");
    // Half a pair is left to be refused by whoever reads it.
    const std::u16string halves = {u'{', 0xd835, u'a', 0xdc00, u'\n', u'b', 0xd835};
    CHECK(lines_of(LineReader("x", utf16(halves, big))) ==
          "1[{\xed\xa0\xb5"
          "a\xed\xb0\x80]2[b\xed\xa0\xb5]");
    const std::string cut = utf16(u"{a\nb", big) + (big ? '\0' : 'c');
    CHECK_THROWS_WITH(lines_of(LineReader("x", cut)),
                      doctest::Contains("x: the UTF-16 text ends within a character"));
  }
}

TEST_CASE("zstd is read like gzip, truncated or corrupt data is one error") {
  std::string text, wanted;
  for (int i = 1; i <= 40000; ++i) {
    const std::string row = "row " + std::to_string(i * 7919 % 10007);
    text += row + "\n";
    wanted += std::to_string(i) + "[" + row + "]";
  }
  const std::string whole = zstd(text);
  CHECK(lines_of(LineReader("x", whole)) == wanted);
  CHECK(lines_of(LineReader("x", zstd("one\n") + zstd("") + zstd("two\n"))) == "1[one]2[two]");
  // A frame whose size is that of the reader's pieces ended "too early".
  const std::string even(1 << 18, 'x');
  CHECK(lines_of(LineReader("x", zstd(even) + zstd(even))) == "1[" + even + even + "]");
  for (std::size_t size = 4; size < whole.size(); size += size < 40 ? 1 : 997) {
    CAPTURE(size);
    CHECK_THROWS_WITH(lines_of(LineReader("cut.zst", whole.substr(0, size))),
                      doctest::Contains("cut.zst: the zstd data ends too early"));
  }
  std::string broken = whole;
  broken[whole.size() / 2] ^= 0x55;
  CHECK_THROWS_WITH(lines_of(LineReader("bad.zst", broken)),
                    doctest::Contains("bad.zst: the zstd"));
  CHECK_THROWS_WITH(lines_of(LineReader("bad.zst", whole + "rest")),
                    doctest::Contains("the zstd data is corrupt after line"));
}

TEST_CASE("what is no text is named, with the way to convert it") {
  const auto refused = [](const std::string& bytes, const char* what) {
    CAPTURE(what);
    CHECK_THROWS_WITH(lines_of(LineReader("x", bytes)), doctest::Contains(what));
    CHECK_THROWS_WITH(lines_of(LineReader("x", gzipped(bytes))), doctest::Contains(what));
  };
  refused("PK\x03\x04rest", "x: is a zip archive: unpack it first");
  refused("PAR1rest", "x: is a Parquet file: write it as JSONL first");
  refused("BZh91AY&SY", "is bzip2 data");
  refused(std::string("\xfd"
                      "7zXZ\0",
                      6) +
              "rest",
          "is xz data");
  refused("SQLite format 3", "is an SQLite database");
  refused("\x80\x04\x95rest", "is a Python pickle");
  refused(std::string("\xff\xfe\0\0{\0\0\0", 8), "is UTF-32 text");
  refused(std::string("\0\0\0{", 4), "is UTF-32 text");
  CHECK(lines_of(LineReader("x", "PARIS\nPK")) == "1[PARIS]2[PK]");
}

TEST_CASE("a missing file and a folder are clear errors") {
  const Scratch scratch;
  CHECK_THROWS_WITH(LineReader{scratch.path("none.jsonl")},
                    doctest::Contains("none.jsonl: cannot be opened: No such file"));
  CHECK_THROWS_WITH(LineReader{scratch.path(".")}, doctest::Contains("is a folder"));
  CHECK(assay::read_text_file(scratch.write("t", gzipped("a\r\nb"))) == "a\r\nb");
  CHECK(assay::read_file_bytes(scratch.write("t", "a\r\nb")) == "a\r\nb");
}

TEST_CASE("a line may not be longer than its reader takes, however small its .gz is") {
  // 1.5 MB of .gz became lines of 50 MiB, dozens of which were held at once (attack 72).
  const Scratch scratch;
  const std::string path =
      scratch.write("bomb.gz", gzipped("short\n" + std::string(4 << 20, ' ') + "\nlast"));
  LineReader reader(path, 1 << 20);
  std::string line;
  REQUIRE(reader.next(line));
  CHECK_THROWS_WITH(reader.next(line),
                    doctest::Contains("bomb.gz:2: the line is longer than 1 MiB"));
  REQUIRE(reader.next(line));  // the reader stands behind it
  CHECK(line == "last");
  CHECK(reader.line_number() == 3);
  LineReader pieces(path);
  std::size_t bytes = 0;
  for (std::string_view piece; pieces.next_piece(piece);) bytes += piece.size();
  CHECK(bytes == 6 + (4 << 20) + 5);
}

TEST_CASE("a program's file is a regular one and not endless") {
  const Scratch scratch;
  const std::string pipe = scratch.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(assay::read_file_bytes(pipe), doctest::Contains("is no regular file"));
  CHECK_THROWS_WITH(assay::read_file_bytes(scratch.write("t", std::string(3 << 20, 'x')), 1 << 20),
                    doctest::Contains("is larger than 1 MiB"));
}
