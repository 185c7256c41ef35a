#include "harness/store/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/queries.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

namespace fs = std::filesystem;

static std::size_t files_beside(const std::string& path) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(fs::path(path).parent_path()), {}));
}

TEST_CASE("a database at rest is one file, and reading it leaves no other") {
  // It rested in WAL mode, in which SQLite wants two more files even to read: results in a folder
  // without write permission could not be looked at.
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  put_model(*open(path, true), "m");
  CHECK(files_beside(path) == 1);
  {
    const auto reader = open_to_read(path);
    CHECK(model_name(*reader, 1) == "m");
    CHECK(files_beside(path) == 1);
    CHECK_THROWS_AS(put_model(*reader, "other"), Error);
  }
  CHECK(files_beside(path) == 1);
}

TEST_CASE("a database that rests in WAL mode, as it used to, is read without a file beside it") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  put_model(*open(path, true), "m");
  const std::string other = scratch.path("wal/50%?of#this \xff.db");
  {
    Database writer(path, Access::write);
    put_model(writer, "second");
    // Nothing waits in the -wal file: what lies in the database is all there is.
    Statement checkpoint = writer.use("PRAGMA wal_checkpoint(TRUNCATE)");
    REQUIRE(checkpoint.step());
    fs::create_directory(fs::path(other).parent_path());
    fs::copy_file(path, other);
  }
  const auto reader = open_to_read(other);
  CHECK(model_name(*reader, 2) == "second");
  CHECK(files_beside(other) == 1);
}

TEST_CASE("a database read through a link has what waits in its -wal file") {
  // That file was looked for beside the link: what a killed run had committed last was not read.
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  put_model(*open(path, true), "m");
  const std::string other = scratch.path("left/a.db");
  fs::create_directory(fs::path(other).parent_path());
  {
    Database writer(path, Access::write);
    put_model(writer, "committed last");
    fs::copy_file(path, other);
    fs::copy_file(path + "-wal", other + "-wal");
  }
  const std::string link = scratch.path("link.db");
  fs::create_symlink("left/a.db", link);
  CHECK(model_name(*open_to_read(link), 2) == "committed last");
}

TEST_CASE("what is no regular file beside a database, or in its place, is refused") {
  // A pipe in the place of a -journal was waited for without end, and a link was followed.
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  put_model(*open(path, true), "m");
  for (const char* end : {"-wal", "-journal"}) {
    const std::string beside = path + end;
    REQUIRE(mkfifo(beside.c_str(), 0600) == 0);
    CHECK_THROWS_WITH_AS(open_to_read(path), doctest::Contains(beside.c_str()), Error);
    CHECK_THROWS_WITH_AS(open(path, false), doctest::Contains("no regular file"), Error);
    fs::remove(beside);
    fs::create_symlink("nowhere", beside);
    CHECK_THROWS_WITH_AS(open_to_read(path), doctest::Contains("no regular file"), Error);
    fs::remove(beside);
  }
  const std::string pipe = scratch.path("pipe.db");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(open_to_read(pipe), doctest::Contains("no regular file"), Error);
}

TEST_CASE("a reader sees what a writer commits beside it, and one moment in a snapshot") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  const auto writer = open(path, true);
  const auto reader = open_to_read(path);
  put_dataset(*writer, "first", "1", "");
  CHECK(stored_datasets(*reader).size() == 1);
  const std::int64_t before = data_version(*reader);
  {
    const Snapshot snapshot(*reader);
    CHECK(stored_datasets(*reader).size() == 1);
    put_dataset(*writer, "second", "1", "");
    CHECK(stored_datasets(*reader).size() == 1);
  }
  CHECK(stored_datasets(*reader).size() == 2);
  CHECK(data_version(*reader) != before);
}

TEST_CASE("a copy to read may be written to, and the database stays as it is") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("a.db");
  put_model(*open(path, true), "m");
  Database reader(path, Access::read);
  reader.become_copy();
  CHECK(model_name(reader, 1) == "m");
  CHECK(put_model(reader, "other") == 2);
  CHECK(put_model(*open(path, false), "third") == 2);
}
