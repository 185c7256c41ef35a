#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/migrations.h"
#include "harness/store/queries.h"
#include "harness/store/style.h"

using namespace assay;
using namespace assay::store;

namespace {
/// A database file of its own, removed at the end.
struct TempFile {
  std::string path;
  explicit TempFile(const char* name)
      : path((std::filesystem::temp_directory_path() /
              (std::string("assay-store-") + std::to_string(getpid()) + "-" + name))
                 .string()) {
    remove();
  }
  ~TempFile() { remove(); }
  void remove() const {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
  }
};

/// One problem with three suites, one model, three samples of which two are the same program.
struct Filled {
  TempFile file{"filled.db"};
  std::unique_ptr<Database> database = open(file.path, true);
  std::int64_t dataset_id, problem_id, model_id, condition_id, run_id, base_id, plus_id;
  std::vector<std::int64_t> program_ids;

  Filled() {
    dataset_id = put_dataset(*database, "d", "1", "a note");
    datasets::Problem problem;
    problem.task_id = "T/0";
    problem.entry_point = "f";
    problem_id = put_problem(*database, dataset_id, 0, problem);
    base_id = put_suite(*database, problem_id, "base", "hash-b", 3);
    plus_id = put_suite(*database, problem_id, "plus", "hash-p", 100);
    model_id = put_model(*database, "m");
    const char* texts[] = {"right", "wrong", "right"};
    for (int i = 0; i < 3; ++i) {
      SampleRow row{problem_id, model_id, std::to_string(i), texts[i], texts[i], "solution"};
      REQUIRE(put_sample(*database, row) == Put::added);
      program_ids.push_back(put_program(*database, texts[i]));
    }
    condition_id = put_condition(*database, {"{}", "strict", "3.11"});
    run_id = begin_run(*database, {dataset_id, condition_id, "full", "assay run", "{}", "{}"});
    put_run_model(*database, run_id, model_id);
  }
  Verdict verdict(int sample, std::int64_t suite_id, const char* status) const {
    Verdict v;
    v.program_id = program_ids[static_cast<std::size_t>(sample)];
    v.suite_id = suite_id;
    v.condition_id = condition_id;
    v.run_id = run_id;
    v.status = status_named(status).value();
    return v;
  }
};
}  // namespace

TEST_CASE("a sample's identity: the same text is known, another is a conflict") {
  Filled filled;
  SampleRow row{filled.problem_id, filled.model_id, "0", "right", "right", "solution"};
  CHECK(put_sample(*filled.database, row) == Put::known);
  row.program = row.given = "other";
  CHECK(put_sample(*filled.database, row) == Put::conflict);
  CHECK(sample_count(*filled.database, filled.problem_id, filled.model_id) == 3);
}

TEST_CASE("identical programs are one cell, and a verdict is replaced, not doubled") {
  Filled filled;
  put_verdict(*filled.database, filled.verdict(0, filled.base_id, "missing"));
  put_verdict(*filled.database, filled.verdict(0, filled.base_id, "pass"));
  const auto found = cells(*filled.database, filled.problem_id, filled.base_id, filled.condition_id,
                           {filled.model_id});
  REQUIRE(found.size() == 2);
  CHECK(found[0].samples == 2);
  CHECK(found[0].status == Status::pass);
  CHECK_FALSE(found[1].status);
  CHECK(found[1].tests == 3);
}

TEST_CASE("counts: accepted and correct by suites; no verdict is not a failure") {
  Filled filled;
  Database& database = *filled.database;
  const auto model = stored_models(database).at(0);
  put_verdict(database, filled.verdict(0, filled.base_id, "pass"));
  put_verdict(database, filled.verdict(1, filled.base_id, "pass"));
  auto found = counts(database, model, {"base"}, {"base", "plus"});
  CHECK(found.not_run == 3);
  CHECK(found.problems.empty());
  put_verdict(database, filled.verdict(0, filled.plus_id, "pass"));
  put_verdict(database, filled.verdict(1, filled.plus_id, "timeout"));
  found = counts(database, model, {"base"}, {"base", "plus"});
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].tp == 2);
  CHECK(found.problems[0].fp == 1);
  put_verdict(database, filled.verdict(1, filled.plus_id, "missing"));
  found = counts(database, model, {"base"}, {"base", "plus"});
  CHECK(found.missing == 1);
  CHECK(found.problems[0].fp == 0);
  CHECK(suites_of(database, model) == std::vector<std::string>{"base", "plus"});
}

TEST_CASE("a sample that base rejects is in no rate where plus was not run") {
  // Counting the rejected ones alone made the accuracy 0 after `run --suite base`: what lacks a
  // verdict must not depend on what the verdict would have been.
  Filled filled;
  Database& database = *filled.database;
  const auto model = stored_models(database).at(0);
  put_verdict(database, filled.verdict(0, filled.base_id, "pass"));
  put_verdict(database, filled.verdict(1, filled.base_id, "fail"));
  const auto found = counts(database, model, {"base"}, {"base", "plus"});
  CHECK(found.not_run == 3);
  CHECK(found.problems.empty());
}

TEST_CASE("a sample that base rejects counts where the run has come to spare it plus") {
  Filled filled;
  Database& database = *filled.database;
  const auto model = stored_models(database).at(0);
  put_verdict(database, filled.verdict(0, filled.base_id, "pass"));
  put_verdict(database, filled.verdict(0, filled.plus_id, "pass"));
  put_verdict(database, filled.verdict(1, filled.base_id, "fail"));
  put_verdict(database, filled.verdict(1, filled.plus_id, "missing"));
  put_decided(database, filled.program_ids[1], filled.plus_id, filled.condition_id);
  auto found = counts(database, model, {"base"}, {"base", "plus"});
  CHECK(found.not_run + found.missing == 0);
  CHECK(found.problems.at(0).tp == 2);
  CHECK(found.problems.at(0).tn == 1);
  found = counts(database, model, {"plus"}, {"base"});
  CHECK(found.problems.empty());
  CHECK(found.needs_full == 1);
  CHECK(found.not_run == 3);
  const auto cell = [&](std::size_t i) {
    return cells(database, filled.problem_id, filled.plus_id, filled.condition_id,
                 {filled.model_id})[i];
  };
  CHECK(cell(1).decided);
  put_verdict(database, filled.verdict(1, filled.plus_id, "timeout"));  // run --full
  CHECK_FALSE(cell(1).decided);
  CHECK(counts(database, model, {"plus"}, {"base"}).problems.at(0).tn == 1);
}

TEST_CASE("a suite with another hash hides the verdicts of the old one") {
  Filled filled;
  put_verdict(*filled.database, filled.verdict(0, filled.base_id, "pass"));
  put_suite(*filled.database, filled.problem_id, "base", "hash-new", 4);
  const auto model = stored_models(*filled.database).at(0);
  CHECK(counts(*filled.database, model, {"base"}, {"base"}).not_run == 3);
  put_suite(*filled.database, filled.problem_id, "base", "hash-b", 3);
  CHECK(counts(*filled.database, model, {"base"}, {"base"}).not_run == 1);
}

TEST_CASE("witness and failing tests come back as they were stored") {
  Filled filled;
  Verdict verdict = filled.verdict(1, filled.plus_id, "fail");
  verdict.failing = {0, 7, 8, 99};
  SUBCASE("of an ordinary suite") {}
  SUBCASE("of the largest that a list may be of") { verdict.failing.push_back((8 << 20) - 1); }
  verdict.witness = Witness{0, "([1],)", "2", "3"};
  put_verdict(*filled.database, verdict);
  const auto model = stored_models(*filled.database).at(0);
  int programs = 0;
  for_each_program(*filled.database, model, "", [&](const JudgedProgram& program) {
    ++programs;
    if (program.text != "wrong") return;
    const StoredVerdict* stored = program.verdict("plus");
    REQUIRE(stored);
    CHECK(stored->verdict.witness->actual == "3");
    CHECK(failing_tests(*filled.database, stored->id) == verdict.failing);
  });
  CHECK(programs == 2);
}

TEST_CASE("the answers of a reference come back in order") {
  Filled filled;
  ReferenceRun run;
  run.lane = "calls";
  run.cpu_s = {0.25, 1e-9};
  run.chunks = {{1, 10, "abc"}, {1, 20, std::string("\0x", 2)}};
  CHECK_FALSE(find_reference_run(*filled.database, "key"));
  put_reference_run(*filled.database, "key", run);
  const auto found = find_reference_run(*filled.database, "key");
  REQUIRE(found);
  CHECK(found->cpu_s == run.cpu_s);
  REQUIRE(found->chunks.size() == 2);
  CHECK(found->chunks[1].compressed == run.chunks[1].compressed);
}

TEST_CASE("a database of a newer assay, of another program, or none at all: one clear sentence") {
  TempFile file("bad.db");
  CHECK_THROWS_AS(open(file.path, false), Error);
  { open(file.path, true)->execute("PRAGMA user_version = 99"); }
  CHECK_THROWS_WITH_AS(open(file.path, false), doctest::Contains("newer assay"), Error);
  file.remove();
  { Database(file.path, true).execute("CREATE TABLE other (x)"); }
  CHECK_THROWS_WITH_AS(open(file.path, false), doctest::Contains("not an assay database"), Error);
  file.remove();
  std::ofstream(file.path) << std::string(5000, 'x');
  CHECK_THROWS_WITH_AS(open(file.path, false), doctest::Contains("not an assay database"), Error);
}

TEST_CASE("a database of version 1 gets what later versions have besides") {
  TempFile file("old.db");
  {
    const auto database = open(file.path, true);
    database->execute("DROP TABLE style; DROP TABLE decided; PRAGMA user_version = 1");
  }
  const auto database = open(file.path, false);
  Statement version = database->use("PRAGMA user_version");
  REQUIRE(version.step());
  CHECK(version.integer(0) == kSchemaVersion);
  Style style;
  style.lines = 3;
  put_style(*database, put_program(*database, "x"), "by hand", style);
  CHECK(find_style(*database, put_program(*database, "x"))->lines == 3);
}
