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
  CHECK(next_sample_number(*filled.database, filled.problem_id, filled.model_id) == 3);
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

TEST_CASE(
    "a sample that base rejects is wrong where plus was not run, and the others are undecided") {
  // Counting the rejected ones alone made the accuracy 0 after `run --suite base`: so what is undecided
  // is counted, and where it is much of the others no rate is made (analysis/selection.h).
  Filled filled;
  Database& database = *filled.database;
  const auto model = stored_models(database).at(0);
  put_verdict(database, filled.verdict(0, filled.base_id, "pass"));
  put_verdict(database, filled.verdict(1, filled.base_id, "fail"));
  const auto found = counts(database, model, {"base"}, {"base", "plus"});
  CHECK(found.not_run == 2);
  CHECK(found.not_judged == 2);
  CHECK(found.undecided == 2);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].tn == 1);
  CHECK(found.problems[0].n() == 1);
  // A problem that lacks a suite of gold stays out as a whole: of it what is right is never known.
  const auto lacking = counts(database, model, {"base"}, {"base", "plus", "other"});
  CHECK(lacking.problems.empty());
  CHECK(lacking.undecided == 0);
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
  const Wanted wanted{.texts = true, .witnesses = true, .failing = true};
  for_each_program(*filled.database, model, wanted, [&](const JudgedProgram& program) {
    ++programs;
    if (program.text != "wrong") return;
    const StoredVerdict* stored = program.verdict("plus");
    REQUIRE(stored);
    CHECK(stored->verdict.witness->actual == "3");
    CHECK(unpack_failing(*filled.database, stored->failing_stored) == verdict.failing);
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
  { Database(file.path, Access::create).execute("CREATE TABLE other (x)"); }
  CHECK_THROWS_WITH_AS(open(file.path, false), doctest::Contains("not an assay database"), Error);
  file.remove();
  std::ofstream(file.path) << std::string(5000, 'x');
  CHECK_THROWS_WITH_AS(open(file.path, false), doctest::Contains("not an assay database"), Error);
}

TEST_CASE("numbers go on from the highest, not from how many there are") {
  // With samples "0" and "7" stored, --append gave out 2, 3 ... and met 7 with another text.
  Filled filled;
  Database& database = *filled.database;
  const auto next = [&] {
    return next_sample_number(database, filled.problem_id, filled.model_id);
  };
  CHECK(next() == 3);
  for (const char* id : {"7", "seven", "9x", "", "99999999999999999999", "-12"}) {
    put_sample(database, {filled.problem_id, filled.model_id, id, "text", "text", "solution"});
  }
  CHECK(next() == 8);
  CHECK(next_sample_number(database, filled.problem_id, put_model(database, "new")) == 0);
}

TEST_CASE("a run keeps the version of the benchmark that it judged") {
  // The dataset's row was overwritten by the next command, and the report said of old verdicts that
  // they were made with the new files.
  Filled filled;
  Database& database = *filled.database;
  put_dataset(database, "d", "2", "another note");
  CHECK(stored_datasets(database).at(0).version == "2");
  CHECK(stored_models(database).at(0).dataset_version == "1");
}

TEST_CASE("verdicts under other limits than the suite's do not count, and are judged again") {
  // The limits of a suite follow from the time that its reference took on one machine; the condition
  // held only what the user asks for, so that verdicts of two machines looked alike.
  Filled filled;
  Database& database = *filled.database;
  const auto model = stored_models(database).at(0);
  const auto not_run = [&] { return counts(database, model, {"base"}, {"base"}).not_run; };
  const auto judged = [&] {
    std::int64_t n = 0;
    for (const Cell& cell : cells(database, filled.problem_id, filled.base_id, filled.condition_id,
                                  {filled.model_id})) {
      n += cell.status.has_value();
    }
    return n;
  };
  Verdict right = filled.verdict(0, filled.base_id, "pass");
  Verdict wrong = filled.verdict(1, filled.base_id, "fail");
  right.raised_limits = R"({"suite_cpu_s":90.0})";
  put_verdict(database, right);
  CHECK(not_run() == 1);
  SUBCASE("the same limits: laid together") { wrong.raised_limits = right.raised_limits; }
  SUBCASE("higher ones") { wrong.raised_limits = R"({"suite_cpu_s":95.0})"; }
  SUBCASE("the condition's own") {}
  put_verdict(database, wrong);
  const bool same = wrong.raised_limits == right.raised_limits;
  CHECK(not_run() == (same ? 0 : 2));
  CHECK(judged() == (same ? 2 : 1));
  CHECK(counts(database, model, {"base"}, {"base"}).not_judged == (same ? 0 : 2));
  right.raised_limits = wrong.raised_limits;
  put_verdict(database, right);
  CHECK(not_run() == 0);
}

TEST_CASE("counts that cannot be are refused on the way in and on the way out") {
  // tp = fp = 2^63 - 1 passed a check that overflowed, and every command on the database failed.
  Filled filled;
  Database& database = *filled.database;
  const std::int64_t huge = std::int64_t{1} << 62;
  for (const ImportedCount& count :
       {ImportedCount{"p", "m", "t", 1, huge, huge, huge}, ImportedCount{"p", "m", "t", 1, -1},
        ImportedCount{"p", "m", "t", 3, 2, 2}, ImportedCount{"p", "m", "t", huge},
        ImportedCount{"p", "m", "t", 2'000'000'000, 1}}) {
    CHECK_THROWS_WITH_AS(put_imported_count(database, count), doctest::Contains("impossible"),
                         Error);
  }
  put_imported_count(database, {"p", "m", "t", 10, 5, 3, 1});
  CHECK(imported_counts(database, "p", "m").at(0).fp == 3);
  database.execute("UPDATE imported_count SET tp = 9223372036854775807, fp = 9223372036854775807");
  CHECK_THROWS_WITH_AS(imported_counts(database, "p", "m"), doctest::Contains("damaged"), Error);
}

TEST_CASE("a damaged row is one clear sentence") {
  // An `expected` row with an empty blob, or none at all, was read beyond its end by a worker.
  Filled filled;
  Database& database = *filled.database;
  ReferenceRun run;
  run.lane = "calls";
  run.cpu_s = {0.25, 1e-9};
  run.chunks = {{1, 10, "abc"}, {1, 20, "de"}};
  put_reference_run(database, "key", run);
  Verdict verdict = filled.verdict(1, filled.base_id, "fail");
  verdict.failing = {0, 2};
  put_verdict(database, verdict);
  const auto model = stored_models(database).at(0);
  const auto read = [&] {
    find_reference_run(database, "key");
    for_each_program(database, model, {.texts = true, .witnesses = true, .failing = true},
                     [&](const JudgedProgram& program) {
                       for (const StoredVerdict& stored : program.verdicts)
                         unpack_failing(database, stored.failing_stored);
                     });
  };
  CHECK_NOTHROW(read());
  for (const char* damage : {"DELETE FROM expected",
                             "DELETE FROM expected WHERE chunk = 1",
                             "UPDATE expected SET answers = x''",
                             "UPDATE expected SET count = 0",
                             "UPDATE expected SET count = 9223372036854775807",
                             "UPDATE expected SET raw_bytes = -1",
                             "UPDATE expected SET raw_bytes = 9223372036854775807",
                             "UPDATE reference_run SET cpu_s = '[0.25, 1e999'",
                             "UPDATE reference_run SET cpu_s = '[0.25, null]'",
                             "UPDATE reference_run SET cpu_s = '[0.25, -1]'",
                             "UPDATE reference_run SET cpu_s = '{}'",
                             "UPDATE reference_run SET cpu_s = x'ff' || ''",
                             "UPDATE reference_run SET cpu_factor = 9e999",
                             "UPDATE reference_run SET memory_mib_min = -1",
                             "UPDATE reference_run SET reply_mib_min = 9223372036854775807",
                             "UPDATE verdict SET judged = 9223372036854775807",
                             "UPDATE verdict SET passed = -1",
                             "UPDATE suite SET tests = -1",
                             "UPDATE suite SET tests = 9223372036854775807",
                             "UPDATE failing SET tests = x'00'",
                             "UPDATE failing SET tests = x'789c'"}) {
    CAPTURE(damage);
    database.execute("SAVEPOINT whole");
    database.execute(damage);
    CHECK_THROWS_WITH_AS(read(), doctest::Contains("is damaged"), Error);
    database.execute("ROLLBACK TO whole; RELEASE whole");
  }
  CHECK_NOTHROW(read());
}

TEST_CASE("names that are not UTF-8 do not take a database out of use") {
  // One sample file named in Latin-1 made every command on the database end in a JSON error.
  Filled filled;
  Database& database = *filled.database;
  const std::string name = "caf\xe9";
  const std::int64_t model_id = put_model(database, name);
  put_sample(database, {filled.problem_id, model_id, name, "right", "right", "solution"});
  put_run_model(database, filled.run_id, model_id);
  const auto model = stored_models(database, "", {name}).at(0);
  std::vector<std::string> ids;
  for_each_program(database, model, {}, [&](const JudgedProgram& program) {
    CHECK(program.samples == 1);
    for (const auto& sample : samples_of(database, model, program)) ids.push_back(sample.sample_id);
  });
  CHECK(ids == std::vector<std::string>{name});
  CHECK(counts(database, model, {name}, {"base"}).not_run == 1);
}

TEST_CASE("the first that stores a reference's answers is believed") {
  Filled filled;
  ReferenceRun run;
  run.lane = "calls";
  run.cpu_s = {0.5};
  run.cpu_factor = 4;
  run.chunks = {{1, 10, "abc"}};
  put_reference_run(*filled.database, "key", run);
  run.cpu_s = {0.7};
  run.chunks = {{1, 10, "xyz"}};
  put_reference_run(*filled.database, "key", run);
  const auto found = find_reference_run(*filled.database, "key");
  CHECK(found->cpu_s.at(0) == 0.5);
  CHECK(found->cpu_factor == 4);
  CHECK(found->chunks.at(0).compressed == "abc");
}
