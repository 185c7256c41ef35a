#include "harness/base/growing_file.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

std::vector<std::string> lines_of(const std::string& path, bool* mended = nullptr) {
  std::vector<std::string> lines;
  const GrowingFile file(path, path, "row ", [&](std::int64_t number, std::string_view line) {
    CHECK(number == static_cast<std::int64_t>(lines.size()) + 1);
    lines.emplace_back(line);
  });
  if (mended) *mended = file.mended();
  return lines;
}

}  // namespace

TEST_CASE("lines are there for the next process, and one process has the file") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("lines");
  {
    GrowingFile file(path, path, "row ", [](std::int64_t, std::string_view) { CHECK(false); });
    file.append("row 1\nrow 2\n");
    CHECK_THROWS_WITH_AS(lines_of(path), doctest::Contains("another process"), Error);
  }
  CHECK(lines_of(path) == std::vector<std::string>{"row 1", "row 2"});
}

TEST_CASE("a cut last line is removed, whatever of it is there; another's is not touched") {
  const tests::Scratch scratch;
  for (const std::string cut : {"r", "row ", "row 3"}) {
    const std::string path = scratch.write("lines", "row 1\n" + cut);
    bool mended = false;
    CHECK(lines_of(path, &mended) == std::vector<std::string>{"row 1"});
    CHECK(mended);
    CHECK(read_text_file(path) == "row 1\n");
  }
  const std::string path = scratch.write("lines", "row 1\nnotes");
  CHECK_THROWS_WITH_AS(lines_of(path), doctest::Contains("a file of its own"), Error);
  CHECK(read_text_file(path) == "row 1\nnotes");
}
