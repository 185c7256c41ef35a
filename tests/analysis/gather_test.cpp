#include "harness/analysis/gather.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/style.h"
#include "reports/page.h"
#include "reports/page_size.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::analysis;

namespace {

// Two problems; models a and b with samples whose verdicts each test sets.
struct Filled {
  tests::Scratch scratch;
  std::unique_ptr<store::Database> database = store::open(scratch.path("r.db"), true);
  std::int64_t dataset = store::put_dataset(*database, "tiny", "v1", "made for a test");
  std::int64_t condition =
      store::put_condition(*database, {R"({"test_cpu_s":1})", "strict", "3.11.2"});
  std::int64_t run = store::begin_run(
      *database, {dataset, condition, "full", "assay run --dataset tiny", "{}", R"({"cpus":2})"});
  std::int64_t problems[2], base[2], plus[2];

  Filled() {
    for (int i = 0; i < 2; ++i) {
      datasets::Problem problem;
      problem.task_id = "Tiny/" + std::to_string(i);
      problem.entry_point = "f";
      problems[i] = store::put_problem(*database, dataset, i, problem);
      base[i] = store::put_suite(*database, problems[i], "base", "b" + std::to_string(i), 3);
      plus[i] = store::put_suite(*database, problems[i], "plus", "p" + std::to_string(i), 100);
    }
  }
  void sample(const std::string& model, int problem, const std::string& id, const std::string& text,
              const char* base_status, const char* plus_status,
              const std::vector<std::uint32_t>& failing = {}) {
    const auto model_id = store::put_model(*database, model);
    store::put_run_model(*database, run, model_id);
    REQUIRE(store::put_sample(*database, {problems[problem], model_id, id, text, text,
                                          "solution"}) == store::Put::added);
    store::Verdict verdict;
    verdict.program_id = store::put_program(*database, text);
    verdict.condition_id = condition;
    verdict.run_id = run;
    verdict.suite_id = base[problem];
    verdict.status = store::status_named(base_status).value();
    verdict.judged = verdict.passed = 3;
    store::put_verdict(*database, verdict);
    verdict.suite_id = plus[problem];
    verdict.status = store::status_named(plus_status).value();
    verdict.judged = 100;
    verdict.passed = 100 - static_cast<std::int64_t>(failing.size());
    verdict.failing = failing;
    if (!failing.empty()) verdict.witness = {failing.front(), "(1, 2)", "3", "4"};
    store::put_verdict(*database, verdict);
  }
  ReportModel report() {
    GatherOptions options;
    options.bootstrap.replicates = 200;
    return gather(*database, select(*database, {}), options);
  }
};

}  // namespace

TEST_CASE("a database becomes a report") {
  Filled f;
  f.sample("a", 0, "0", "def f(x):\n    return x\n", "pass", "pass");
  f.sample("a", 0, "1", "def f(x):\n    return -x\n", "pass", "fail", {7, 9});
  f.sample("a", 0, "2", "def f(x):\n    return -x\n", "pass", "fail", {7, 9});
  f.sample("a", 1, "0", "def f(x):\n    pass\n", "fail", "fail", {0});
  f.sample("b", 0, "0", "def f(x):\n    return -x\n", "pass", "fail", {7, 9});
  f.sample("b", 0, "1", "def f(x):\n    return 0\n", "pass", "timeout", {9});
  const ReportModel report = f.report();
  CHECK(report.title == "tiny");
  CHECK(report.notes == std::vector<std::string>{"made for a test"});
  REQUIRE(report.pooled.size() == 1);
  CHECK(report.pooled[0].accepted == 5);
  CHECK(report.pooled[0].fp == 4);
  CHECK(*report.pooled[0].fdr.value == doctest::Approx(0.8));
  REQUIRE(report.false_positives.size() == 2);
  const FalsePositive& fp = report.false_positives[0];
  CHECK(fp.copies.size() == 2);  // one program of two models
  CHECK(fp.copies[0].count == 2);
  CHECK(fp.nearest_correct == "def f(x):\n    return x\n");
  CHECK(fp.kind == "fail");
  CHECK(fp.test == 7);
  CHECK(fp.tests_failed == 2);
  CHECK(fp.all_judged);
  REQUIRE(report.advice.size() == 1);
  CHECK(report.advice[0].false_positives == 4);
  REQUIRE(report.advice[0].tests.size() == 1);  // test 9 catches both programs
  CHECK(report.advice[0].tests[0].test == 9);
  CHECK(report.advice[0].tests[0].catches == 4);
  // What a witness says is text of the jail's: it is shown, and never offered as code.
  CHECK(report.advice[0].tests[0].call == "f(1, 2)");
  CHECK(report.advice[0].code.empty());
  CHECK(reports::render(report).find("Tiny/0") != std::string::npos);
}

TEST_CASE("a missing verdict is no false positive") {
  Filled f;
  f.sample("a", 0, "0", "def f(): 1", "pass", "missing");
  f.sample("a", 0, "1", "def f(): 2", "pass", "pass");
  const ReportModel report = f.report();
  CHECK(report.false_positives.empty());
  CHECK(report.advice.empty());
  CHECK(report.counts[0].missing == 1);
}

TEST_CASE("an empty database is a report too") {
  Filled f;
  CHECK(f.report().rates.empty());
  CHECK(reports::render(f.report()).find("holds nothing to rate yet") != std::string::npos);
}

TEST_CASE("too many false positives are left out and counted, unless all are asked for") {
  Filled f;
  store::Transaction transaction(*f.database);
  std::uint64_t state = 1;
  for (int i = 0; i < 700; ++i) {
    std::string text = "def f(x):\n    return '";
    for (int j = 0; j < 8000; ++j) {  // text that does not shrink
      state = state * 6364136223846793005u + 1442695040888963407u;
      text += static_cast<char>('!' + (state >> 33) % 5 + (state >> 40) % 80);
    }
    f.sample("a", i % 2, std::to_string(i), text + "'\n", "pass", "fail",
             {static_cast<std::uint32_t>(i % 50)});
  }
  transaction.commit();
  const ReportModel whole = f.report();
  ReportModel some = whole;
  reports::keep_page_small(some);
  CHECK(whole.false_positives.size() == 700);
  CHECK(whole.false_positives_left_out == 0);
  CHECK(some.false_positives_left_out > 0);
  CHECK(some.false_positives.size() + static_cast<std::size_t>(some.false_positives_left_out) ==
        700);
  const std::string page = reports::render(some);
  CHECK(page.size() < 3 * 1024 * 1024);
  CHECK(page.find("assay report --all") != std::string::npos);
}

TEST_CASE("style is compared between right and wrong passes, within problems") {
  Filled f;
  const auto styled = [&](const std::string& text, std::int64_t line_longest) {
    store::Style style;
    style.lines = 2, style.characters = 60, style.line_longest = line_longest;
    style.complexity = line_longest / 10;
    store::put_style(*f.database, store::put_program(*f.database, text), "by hand", style);
  };
  // Problem 0: right ones 1, 1, 0 within 79, wrong one 0. Problem 1: right one 1, wrong one 1
  // twice.
  f.sample("a", 0, "0", "r0", "pass", "pass"), styled("r0", 50);
  f.sample("a", 0, "1", "r0", "pass", "pass");
  f.sample("a", 0, "2", "r1", "pass", "pass"), styled("r1", 80);
  f.sample("a", 0, "3", "w0", "pass", "fail", {7}), styled("w0", 90);
  f.sample("a", 1, "0", "r2", "pass", "pass"), styled("r2", 79);
  f.sample("a", 1, "1", "w1", "pass", "fail", {7}), styled("w1", 10);
  f.sample("a", 1, "2", "w1", "pass", "fail", {7});
  f.sample("a", 1, "3", "rejected", "fail", "fail", {7}), styled("rejected", 500);
  f.sample("a", 1, "4", "unread", "pass", "pass");
  const ReportModel report = f.report();
  const auto row = [&](const char* property) {
    for (const StyleRow& candidate : report.style)
      if (candidate.property == property) return candidate;
    return StyleRow{};
  };
  const StyleRow lines = row("lines within 79");
  CHECK(lines.model == "a");
  CHECK(*lines.correct.value == doctest::Approx(3.0 / 4));
  CHECK(*lines.false_positive.value == doctest::Approx(2.0 / 3));
  CHECK(*lines.paired.value == doctest::Approx((0 - 2.0 / 3 + (1 - 1)) / 2));
  CHECK(lines.paired_problems == 2);
  REQUIRE(lines.paired.interval);
  CHECK(lines.paired.interval->lo < -0.99);  // two problems tell next to nothing
  CHECK(lines.paired.interval->hi > 0.99);
  CHECK(*row("complexity").correct.value == doctest::Approx((5 + 5 + 8 + 7) / 4.0));
  CHECK(*row("line length").paired.value == 0);
  CHECK_FALSE(row("line length").paired.interval);  // no bound is known for a mean
  CHECK(row("snake_case").property.empty());        // nothing measured, no row
  CHECK(report.style_gaps.programs == 6);
  CHECK(report.style_gaps.unmeasured == 1);
  CHECK(report.style_gaps.reasons.empty());
}
