#include "harness/base/whole_file.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/support/scratch.h"

using namespace assay;
namespace fs = std::filesystem;

static std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TEST_CASE("a file is written whole, with the rights of a new file, and replaced whole") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("r.html");
  write_whole_file(path, "first");
  CHECK(read_file_bytes(path) == "first");
  write_whole_file(path, std::string("sec\0nd", 6));
  CHECK(read_file_bytes(path) == std::string("sec\0nd", 6));
  struct stat facts;
  REQUIRE(stat(path.c_str(), &facts) == 0);
  const mode_t mask = umask(0);
  umask(mask);
  CHECK((facts.st_mode & 0777) == (0666 & ~mask));
  CHECK(names_in(fs::path(path).parent_path()) == std::vector<std::string>{"r.html"});
}

TEST_CASE("a link that waits at the name of the part file overwrites nobody's file") {
  // The part was r.html.PID.part, opened through whatever stood there: in a folder that others may
  // write, a waiting link made assay overwrite any file of its user.
  const tests::Scratch scratch;
  const std::string victim = scratch.write("victim.txt", "precious");
  const fs::path folder = scratch.path("shared");
  fs::create_directory(folder);
  const std::string path = folder / "r.html";
  fs::create_symlink(victim, fmt::format("{}.{}.part", path, getpid()));
  write_whole_file(path, "page");
  CHECK(read_file_bytes(victim) == "precious");
  CHECK(read_file_bytes(path) == "page");
}

TEST_CASE("a link at the name itself is replaced, not followed") {
  const tests::Scratch scratch;
  const std::string victim = scratch.write("victim.txt", "precious");
  const std::string path = scratch.path("r.html");
  fs::create_symlink(victim, path);
  write_whole_file(path, "page");
  CHECK(read_file_bytes(victim) == "precious");
  CHECK(!fs::is_symlink(path));
}

TEST_CASE("what cannot be written leaves everything as it was") {
  const tests::Scratch scratch;
  CHECK_THROWS_WITH_AS(write_whole_file(scratch.path("none/r.html"), "page"),
                       doctest::Contains("No such file"), Error);
  // `-o /dev/null` replaced the device by a file where root ran it.
  const std::string pipe = scratch.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(write_whole_file(pipe, "page"), doctest::Contains("other than a file"),
                       Error);
  CHECK(fs::is_fifo(pipe));
  const std::string long_name = scratch.path(std::string(300, 'n'));
  CHECK_THROWS_AS(write_whole_file(long_name, "page"), Error);
  CHECK(names_in(fs::path(pipe).parent_path()) == std::vector<std::string>{"pipe"});
}
