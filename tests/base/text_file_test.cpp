#include "harness/base/text_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "harness/base/error.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"

using assay::Error;
using assay::LineReader;
using assay::tests::gzipped;
using assay::tests::Scratch;

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
