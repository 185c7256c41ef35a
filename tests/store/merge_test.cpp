#include "harness/store/merge.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/queries.h"
#include "harness/store/shards.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

namespace {

/// A database with one problem, one model and a run that began at `started`.
struct Shelf {
  tests::Scratch scratch;
  std::unique_ptr<Database> database = open(scratch.path("d.db"), true);
  Database& in = *database;
  std::int64_t problem_id = 0, model_id = 0, base_id = 0, plus_id = 0, condition_id = 0, run_id = 0;

  explicit Shelf(const std::string& started = "2026-01-01T00:00:00Z",
                 const std::string& interpreter = "3.11", const std::string& hash = "hash-b") {
    const std::int64_t dataset_id = put_dataset(in, "d", "1", "a note");
    datasets::Problem problem;
    problem.task_id = "T/0";
    problem_id = put_problem(in, dataset_id, 0, problem);
    base_id = put_suite(in, problem_id, "base", hash, 3);
    plus_id = put_suite(in, problem_id, "plus", "hash-p", 100);
    model_id = put_model(in, "m");
    condition_id = put_condition(in, {"{}", "strict", interpreter});
    run_id = begin_run(in, {dataset_id, condition_id, "full", "assay run", "{}", "{}"});
    put_run_model(in, run_id, model_id);
    in.execute("UPDATE run SET started = '" + started + "'");
  }
  Shelf& sample(const std::string& id, const std::string& text) {
    REQUIRE(put_sample(in, {problem_id, model_id, id, text, text, "solution"}) == Put::added);
    return *this;
  }
  Shelf& verdict(const std::string& text, const char* status, const char* scope = "full",
                 const std::string& raised = "") {
    Verdict verdict{put_program(in, text), base_id, condition_id, run_id};
    verdict.status = status_named(status).value();
    verdict.scope = scope;
    verdict.raised_limits = raised;
    if (verdict.status == Status::fail) {
      verdict.witness = Witness{2, "input", "expected", text};
      verdict.failing = {2};
    }
    put_verdict(in, verdict);
    return *this;
  }
  std::string status(const std::string& text) {
    for (const Cell& cell : cells(in, problem_id, base_id, condition_id, {model_id}))
      if (program_text(in, cell.program_id) == text)
        return cell.status ? name_of(*cell.status) : cell.decided ? "decided" : "";
    return "no program";
  }
};

MergeCounts merged(Database& into, const std::vector<Shelf*>& from, bool beside = false) {
  Transaction transaction(into);
  Merger merger(into, beside);
  for (Shelf* one : from) merger.take(one->in);
  transaction.commit();
  return merger.counts();
}

/// Every row that merging makes, without the ids that databases give.
std::vector<std::string> rows_of(Database& database) {
  std::vector<std::string> rows;
  Statement verdicts = database.use(R"sql(
    SELECT g.text || ' ' || u.name || ' ' || c.interpreter || ' ' || v.status || ' ' || v.scope || ' '
           || r.started || ' ' || coalesce(w.actual, '-') || ' ' || coalesce(hex(f.tests), '-') AS row
    FROM verdict v JOIN program g ON g.id = v.program_id JOIN suite u ON u.id = v.suite_id
    JOIN condition c ON c.id = v.condition_id JOIN run r ON r.id = v.run_id
    LEFT JOIN witness w ON w.verdict_id = v.id LEFT JOIN failing f ON f.verdict_id = v.id
    UNION ALL SELECT 'conflict ' || g.text || ' ' || x.status || ' ' || r.started
    FROM conflict x JOIN program g ON g.id = x.program_id JOIN run r ON r.id = x.run_id
    UNION ALL SELECT 'sample ' || s.sample_id || ' ' || g.text FROM sample s JOIN program g ON g.id = s.program_id
    UNION ALL SELECT 'run ' || started || coalesce(ended, ' goes on') FROM run
    UNION ALL SELECT 'decided ' || g.text FROM decided x JOIN program g ON g.id = x.program_id
  )sql");
  while (verdicts.step()) rows.push_back(verdicts.text("row"));
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

TEST_CASE("merge: what databases know of different programs is laid together, once") {
  Shelf one, two;
  one.sample("0", "right").sample("2", "right").verdict("right", "pass");
  two.sample("1", "wrong").verdict("wrong", "fail");
  const tests::Scratch scratch;
  const auto out = open(scratch.path("out.db"), true);
  const MergeCounts counts = merged(*out, {&one, &two});
  CHECK(counts.runs == 2);
  CHECK(counts.samples_added == 3);
  CHECK(counts.verdicts_added == 2);
  const auto rows = rows_of(*out);
  CHECK(rows.size() == 7);
  const MergeCounts again = merged(*out, {&two, &one, &two});
  CHECK(again.runs == 0);
  CHECK(again.samples_added == 0);
  CHECK(again.samples_known == 4);
  CHECK(again.verdicts_added == 0);
  CHECK(again.verdicts_known == 3);
  CHECK(rows_of(*out) == rows);
  const auto counted = store::counts(*out, stored_models(*out).at(0), {"base"}, {"base"});
  REQUIRE(counted.problems.size() == 1);
  CHECK(counted.problems[0].tp == 2);
  CHECK(counted.problems[0].tn == 1);
  CHECK(conflicts(*out).empty());
}

TEST_CASE(
    "merge: of contradicting verdicts the furthest and then the earliest counts, in any order") {
  Shelf early("2026-01-01T00:00:00Z"), middle("2026-01-02T00:00:00Z"), late("2026-01-03T00:00:00Z"),
      lost("2025-01-01T00:00:00Z");
  for (Shelf* one : {&early, &middle, &late, &lost}) one->sample("0", "x").sample("1", "y");
  early.verdict("x", "timeout").verdict("y", "pass", "one_process");
  middle.verdict("x", "fail").verdict("y", "pass", "one_process");
  late.verdict("x", "timeout").verdict("y", "fail", "full");
  lost.verdict("x", "missing").verdict("y", "missing");
  std::vector<Shelf*> order = {&early, &middle, &late, &lost};
  std::sort(order.begin(), order.end());
  std::vector<std::string> expected;
  do {
    const tests::Scratch scratch;
    const auto out = open(scratch.path("out.db"), true);
    for (Shelf* one : order) merged(*out, {one});
    const auto rows = rows_of(*out);
    if (expected.empty()) expected = rows;
    CHECK(rows == expected);
    const auto found = conflicts(*out);
    REQUIRE(found.size() == 2);
    CHECK(found[0].sample_id == "0");
    CHECK(found[0].counts == "timeout");
    CHECK(found[0].other == "fail");
    CHECK(found[0].started == "2026-01-02T00:00:00Z");
    CHECK(found[1].counts == "fail");
    CHECK(found[1].other == "pass");
    CHECK(found[1].started == "2026-01-01T00:00:00Z");
  } while (std::next_permutation(order.begin(), order.end()));

  // What is in conflict in one database is so in the next.
  const tests::Scratch scratch;
  const auto first = open(scratch.path("first.db"), true),
             second = open(scratch.path("2.db"), true);
  merged(*first, {&late, &middle});
  Transaction transaction(*second);
  Merger merger(*second, false);
  merger.take(*first);
  merger.take(early.in);
  merger.take(lost.in);
  transaction.commit();
  CHECK(rows_of(*second) == expected);
}

TEST_CASE("merge: other limits or another Python are refused, or laid beside") {
  Shelf here, there("2026-01-02T00:00:00Z", "3.12");
  here.sample("0", "x").verdict("x", "pass");
  there.sample("0", "x").verdict("x", "fail");
  const tests::Scratch scratch;
  const auto out = open(scratch.path("out.db"), true);
  merged(*out, {&here});
  const auto before = rows_of(*out);
  CHECK_THROWS_WITH_AS(merged(*out, {&there}), doctest::Contains("other conditions"), Error);
  CHECK(rows_of(*out) == before);
  CHECK(merged(*out, {&there}, true).verdicts_added == 1);
  CHECK(conflicts(*out).empty());
  const auto model = stored_models(*out).at(0);
  CHECK(model.interpreter == "3.12");  // that of the newest run
  CHECK(store::counts(*out, model, {"base"}, {"base"}).problems.at(0).tn == 1);
}

TEST_CASE("merge: another version of the benchmark is refused, or laid beside and does not count") {
  Shelf here, there("2026-01-02T00:00:00Z", "3.11", "other tests");
  here.sample("0", "x").verdict("x", "pass");
  there.sample("0", "x").verdict("x", "fail");
  const tests::Scratch scratch;
  const auto out = open(scratch.path("out.db"), true);
  CHECK_THROWS_WITH_AS(merged(*out, {&here, &there}), doctest::Contains("other tests"), Error);
  merged(*out, {&here, &there}, true);
  CHECK(store::counts(*out, stored_models(*out).at(0), {"base"}, {"base"}).problems.at(0).tp == 1);
}

TEST_CASE("merge: other raised limits are refused, or kept uncounted") {
  Shelf here, there("2026-01-02T00:00:00Z");
  here.sample("0", "x").verdict("x", "pass", "full", R"({"test_cpu_s":[9]})");
  there.sample("0", "x").sample("1", "y");
  there.verdict("x", "timeout", "full", R"({"test_cpu_s":[8]})");
  there.verdict("y", "timeout", "full", R"({"test_cpu_s":[8]})");
  const tests::Scratch scratch;
  const auto out = open(scratch.path("out.db"), true);
  merged(*out, {&here});
  CHECK_THROWS_WITH_AS(merged(*out, {&there}), doctest::Contains("--references"), Error);
  CHECK(merged(*out, {&there}, true).verdicts_uncounted == 2);
  CHECK(merged(*out, {&there}, true).verdicts_added == 0);
  CHECK(conflicts(*out).empty());
  const auto counted = store::counts(*out, stored_models(*out).at(0), {"base"}, {"base"});
  CHECK(counted.problems.at(0).tp == 1);
  CHECK(counted.not_run == 1);  // y has no verdict that counts
}

TEST_CASE(
    "merge: a verdict takes the place of what was missing or decided, and never the reverse") {
  for (const bool verdict_first : {true, false}) {
    Shelf judged, spared("2026-01-02T00:00:00Z");
    for (Shelf* one : {&judged, &spared}) one->sample("0", "x").sample("1", "y");
    judged.verdict("x", "fail").verdict("y", "missing");
    put_decided(spared.in, put_program(spared.in, "x"), spared.base_id, spared.condition_id);
    put_decided(spared.in, put_program(spared.in, "y"), spared.base_id, spared.condition_id);
    Shelf out("2026-01-03T00:00:00Z");
    if (verdict_first) {
      merged(out.in, {&judged, &spared});
    } else {
      merged(out.in, {&spared, &judged});
    }
    CHECK(out.status("x") == "fail");
    CHECK(out.status("y") == "decided");
    CHECK(count_missing(out.in) == 0);
  }
}

TEST_CASE("merge: another text under the same identity is refused by name") {
  Shelf here, there;
  here.sample("0", "x");
  there.sample("0", "y");
  CHECK_THROWS_WITH_AS(merged(here.in, {&there}), doctest::Contains("sample 0 of T/0 by m"), Error);
}

TEST_CASE("which shards of a work are there") {
  Shelf one("2026-01-01T00:00:00Z"), four, again;
  put_shard(one.in, {one.run_id, 1, 4, "w", 10});
  put_shard(four.in, {four.run_id, 4, 4, "w", 10});
  put_shard(again.in, {again.run_id, 4, 4, "w", 10});
  end_run(one.in, one.run_id);
  const tests::Scratch scratch;
  const auto out = open(scratch.path("out.db"), true);
  CHECK(sharded_works(*out).empty());
  merged(*out, {&four, &one});
  auto works = sharded_works(*out);
  REQUIRE(works.size() == 1);
  CHECK(works[0].dataset == "d");
  CHECK(works[0].samples == 10);
  CHECK(works[0].ended == std::vector<std::int64_t>{1});
  CHECK(works[0].unended == std::vector<std::int64_t>{4});
  CHECK(works[0].absent == std::vector<std::int64_t>{2, 3});
  CHECK_FALSE(works[0].complete());
  // The shard went on in another run, which ended; and the same run ended where it went on.
  end_run(again.in, again.run_id);
  merged(*out, {&again});
  CHECK(sharded_works(*out).at(0).ended == std::vector<std::int64_t>{1, 4});
  end_run(four.in, four.run_id);
  merged(*out, {&four});
  Statement open_runs = out->use("SELECT count(*) AS n FROM run WHERE ended IS NULL");
  REQUIRE(open_runs.step());
  CHECK(open_runs.integer("n") == 0);
}
