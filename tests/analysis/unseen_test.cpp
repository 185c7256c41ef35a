#include "harness/analysis/unseen.h"

#include <doctest/doctest.h>

#include "harness/store/facts.h"
#include "tests/analysis/tiny_database.h"

using namespace assay;
using namespace assay::analysis;

namespace {

constexpr stats::BootstrapOptions kFew = {.replicates = 100};

/// Problems with one program each of one model: base accepts it, plus (40 tests) says what is put.
struct Judged : tests::TinyDatabase {
  int problems = 0;

  void put(const std::string& model_name, std::vector<std::uint32_t> failing,
           const char* scope = "full", std::int64_t judged = 40) {
    const std::string name = "Tiny/" + std::to_string(++problems);
    const std::int64_t problem = put_problem(name, problems);
    const std::int64_t base = store::put_suite(*database, problem, "base", "b" + name, 3);
    const std::int64_t plus = store::put_suite(*database, problem, "plus", "p" + name, 40);
    const std::int64_t model = store::put_model(*database, model_name);
    store::put_run_model(*database, run, model);
    store::put_sample(*database, {problem, model, "0", name, name, "solution"});
    store::Verdict verdict;
    verdict.program_id = store::put_program(*database, name);
    verdict.condition_id = condition;
    verdict.run_id = run;
    verdict.suite_id = base;
    verdict.status = store::Status::pass;
    verdict.passed = verdict.judged = 3;
    store::put_verdict(*database, verdict);
    verdict.suite_id = plus;
    verdict.scope = scope;
    verdict.judged = judged;
    verdict.passed = judged - static_cast<std::int64_t>(failing.size());
    verdict.status = failing.empty() ? store::Status::pass : store::Status::fail;
    verdict.failing = std::move(failing);
    store::put_verdict(*database, verdict);
  }
  std::vector<UnseenRow> rows() { return unseen(*database, select(*database, {}), kFew); }
};

}  // namespace

TEST_CASE("how many tests of gold catch a wrong program is read from what is stored") {
  Judged judged;
  for (int i = 0; i < 6; ++i) judged.put("m", {7});
  judged.put("m", {3, 9});
  judged.put("m", {0, 1, 2, 3}, "full",
             10);  // its process ended again and again: 30 tests are open
  for (int i = 0; i < 20; ++i) judged.put("m", {});
  const std::vector<UnseenRow> rows = judged.rows();
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].unseen);
  const stats::Unseen& got = *rows[0].unseen;
  CHECK(got.accepted == 28);
  CHECK(got.wrong == 8);
  CHECK(got.caught_by == std::array<std::int64_t, 5>{6, 1, 0, 0, 1});
  CHECK(*got.missed_lower.value * 28 == doctest::Approx(39.0 / 40 * 6 * 5 / (2 * 2)));
}

TEST_CASE("programs judged up to the first failure are no catches of one test") {
  // Each of them would count as caught once, and nearly all would seem to be missed.
  Judged judged;
  for (int i = 0; i < 8; ++i) judged.put("m", {7}, "first_failure", 8);
  const std::vector<UnseenRow> rows = judged.rows();
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].unseen);
  CHECK(rows[0].missing.find("run --full") != std::string::npos);
}

TEST_CASE("models of a dataset are also told together") {
  Judged judged;
  for (int i = 0; i < 3; ++i) judged.put("a", {7}), judged.put("b", {7, 8});
  const std::vector<UnseenRow> rows = judged.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].note.find("too few") != std::string::npos);
  CHECK(rows[2].model.empty());
  CHECK(rows[2].unseen->wrong == 6);
  CHECK(rows[2].unseen->missed_lower.value);
}
