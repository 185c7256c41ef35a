// Small real databases of earlier versions (version_N.sql: six programs of two problems judged by
// two suites, with one model's imported counts), brought to the schema of today.
#include "harness/store/migrations.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/queries.h"
#include "harness/store/style.h"
#include "tests/support/scratch.h"
#include "tests/support/source_dir.h"

using namespace assay;
using namespace assay::store;

namespace {

std::string old_database(const tests::Scratch& scratch, int version) {
  const std::string name = "version_" + std::to_string(version);
  const std::string path = scratch.path(name + ".db");
  std::ifstream file(source_dir() + "/tests/store/" + name + ".sql", std::ios::binary);
  REQUIRE(file);
  const std::string script((std::istreambuf_iterator<char>(file)), {});
  Database database(path, Access::create);
  database.execute("PRAGMA foreign_keys = OFF");  // the dump has its tables in the order of names
  database.execute(script);
  return path;
}

/// Every object of the schema as SQLite understands it: without the comments of its text.
std::multimap<std::string, std::string> schema_of(Database& database) {
  std::multimap<std::string, std::string> schema;
  Statement columns = database.use(R"sql(
    SELECT m.type || ' ' || m.name AS object,
           c.cid || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' '
             || coalesce(c.dflt_value, '-') || ' ' || c.pk AS part
    FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c
  )sql");
  while (columns.step()) schema.emplace(columns.text("object"), columns.text("part"));
  Statement indices = database.use(R"sql(
    SELECT l.name || ' of ' || m.name AS object,
           l."unique" || ' ' || l.origin || ' ' || i.seqno || ' ' || coalesce(i.name, '') AS part
    FROM sqlite_schema m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i
    WHERE m.type = 'table'
  )sql");
  while (indices.step()) schema.emplace(indices.text("object"), indices.text("part"));
  Statement keys = database.use(R"sql(
    SELECT 'key of ' || m.name AS object,
           k."table" || ' ' || k."from" || ' ' || coalesce(k."to", '') || ' ' || k.on_delete AS part
    FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) k
  )sql");
  while (keys.step()) schema.emplace(keys.text("object"), keys.text("part"));
  Statement tables = database.use(R"sql(
    SELECT 'table ' || name AS object, strict || ' ' || wr AS part FROM pragma_table_list
    WHERE schema = 'main' AND name NOT LIKE 'sqlite%'
  )sql");
  while (tables.step()) schema.emplace(tables.text("object"), tables.text("part"));
  Statement views = database.use("SELECT name, sql FROM sqlite_schema WHERE type = 'view'");
  while (views.step()) schema.emplace(views.text("name"), views.text("sql"));
  return schema;
}

}  // namespace

TEST_CASE("an old database gets the schema of a new one, and counts what it counted") {
  // Version 1 got its missing table cut out of the living schema, to the first semicolon: the next
  // change of that table would have broken every database of version 1.
  const tests::Scratch scratch;
  const auto fresh = open(scratch.path("fresh.db"), true);
  for (const int version : {1, 2, 5}) {
    CAPTURE(version);
    const auto database = open(old_database(scratch, version), false);
    CHECK(is_current(*database));
    CHECK(schema_of(*database) == schema_of(*fresh));
    const auto models = stored_models(*database);
    REQUIRE(models.size() == 2);
    const auto judged = counts(*database, models[0], {"base"}, {"base", "plus"});
    REQUIRE(judged.problems.size() == 2);
    CHECK(judged.problems[0].tp == 2);
    CHECK(judged.problems[0].fp == 1);
    CHECK(judged.problems[1].tp == 1);
    CHECK(judged.problems[1].fp == 1);
    CHECK(judged.problems[1].tn == 1);
    CHECK(counts(*database, models[1], {"base"}, {"base"}).problems.at(0).fp == 2);
    CHECK(models[0].dataset_version ==
          (version < 5 ? "sha256:b21c712945ac6f84" : "sha256:1a82a9d90e5aec24"));
    Style style;
    style.lines = 3;
    put_style(*database, put_program(*database, "x"), "by hand", style);
    CHECK(find_style(*database, put_program(*database, "x"))->lines == 3);
  }
}

TEST_CASE("what the user has made of a name that a new version needs is told, not run into") {
  // A view false_positive of the user's own blocked every command with SQLite's "already exists".
  const tests::Scratch scratch;
  const std::string path = old_database(scratch, 5);
  {
    Database database(path, Access::write);
    database.execute("CREATE VIEW False_Positive AS SELECT 1 AS one");
  }
  std::string told;
  try {
    open(path, false);
  } catch (const Error& error) {
    told = error.what();
  }
  CHECK(told.find("holds a view of yours that is named false_positive") != told.npos);
  {
    Database database(path, Access::write);
    database.execute("DROP VIEW False_Positive");
  }
  CHECK(is_current(*open(path, false)));
}

TEST_CASE("the limits that an old reference asked for are as they were derived then") {
  const tests::Scratch scratch;
  const auto database = open(old_database(scratch, 2), false);
  Statement keys = database->use("SELECT key, memory_kib, reply_bytes_max FROM reference_run");
  int references = 0;
  while (keys.step()) {
    ++references;
    const auto run = find_reference_run(*database, keys.text("key"));
    REQUIRE(run);
    CHECK(run->cpu_factor == 4);
    CHECK(run->memory_mib_min == 2 * run->memory_kib / 1024);
    CHECK(run->reply_mib_min == (2 * run->reply_bytes_max >> 20) + 1);
  }
  CHECK(references == 4);
}

TEST_CASE("verdicts by an older comparison are under another condition than new ones") {
  // Right answers of types that could not be compared then stayed `fail` beside new verdicts.
  const tests::Scratch scratch;
  const auto database = open(old_database(scratch, 5), false);
  const auto models = stored_models(*database, "own");
  REQUIRE(models.size() == 1);
  Condition condition{models[0].limits, models[0].comparison, models[0].interpreter};
  CHECK(put_condition(*database, condition) == models[0].condition_id);
  condition.comparison_version = 2;
  const std::int64_t now = put_condition(*database, condition);
  CHECK(now != models[0].condition_id);
  CHECK(put_condition(*database, condition) == now);
  condition.comparison_version = 3;
  CHECK(put_condition(*database, condition) != now);
}

TEST_CASE("what is doubted of a suite is kept with its reference; of an old one nothing is known") {
  const tests::Scratch scratch;
  const auto database = open(old_database(scratch, 5), false);
  const auto model = stored_models(*database, "own").at(0);
  const std::vector<std::string> both = {"base", "plus"};
  CHECK(doubts(*database, model.dataset_id, model.interpreter, both).empty());
  Statement suites = database->use("SELECT hash FROM suite WHERE name = 'plus' ORDER BY id");
  REQUIRE(suites.step());
  ReferenceRun run;
  run.lane = "proxy";
  run.cpu_s = {1};
  run.doubt = "it asserts nothing";
  const std::string key = reference_key(suites.text("hash"), "another interpreter");
  put_reference_run(*database, key, run);
  CHECK(find_reference_run(*database, key)->doubt == "it asserts nothing");
  run.doubt.reset();
  put_reference_run(*database, "not looked for", run);
  CHECK_FALSE(find_reference_run(*database, "not looked for")->doubt);
  put_doubt(*database, "not looked for", "");
  CHECK(find_reference_run(*database, "not looked for")->doubt == "");
  const auto old =
      find_reference_run(*database, reference_key(suites.text("hash"), model.interpreter));
  REQUIRE(old);
  CHECK_FALSE(old->doubt);
  const auto found = doubts(*database, model.dataset_id, "another interpreter", both);
  REQUIRE(found.size() == 1);
  CHECK(found[0].task_id == "Own/0");
  CHECK(found[0].suite == "plus");
  CHECK(found[0].what == "it asserts nothing");
  CHECK(doubts(*database, model.dataset_id, "another interpreter", {"base"}).empty());
}

TEST_CASE("reading an old database changes nothing in it") {
  const tests::Scratch scratch;
  const std::string path = old_database(scratch, 1);
  const auto written = std::filesystem::last_write_time(path);
  const auto size = std::filesystem::file_size(path);
  CHECK(stored_models(*open_to_read(path)).size() == 2);
  CHECK(std::filesystem::last_write_time(path) == written);
  CHECK(std::filesystem::file_size(path) == size);
  CHECK_FALSE(is_current(*std::make_unique<Database>(path, Access::read)));
}

TEST_CASE("a failed migration leaves the database as it was") {
  const tests::Scratch scratch;
  const std::string path = old_database(scratch, 1);
  Database(path, Access::write).execute("CREATE TABLE raised_limits (x)");
  CHECK_THROWS_AS(open(path, false), Error);
  Database database(path, Access::read);
  Statement version = database.use("PRAGMA user_version");
  REQUIRE(version.step());
  CHECK(version.integer("user_version") == 1);
  Statement style = database.use("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'style'");
  REQUIRE(style.step());
  CHECK(style.integer("n") == 0);
}
