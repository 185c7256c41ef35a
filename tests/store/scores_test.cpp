// What accepts a sample by its score, and what is stored of scores.
#include "harness/store/scores.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "harness/store/acceptance.h"
#include "harness/store/facts.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

namespace {

using Scores = std::vector<std::optional<double>>;

const std::vector<SuiteStatus> kPasses = {{"base", Status::pass}},
                               kFails = {{"base", Status::fail}},
                               kUnknown = {{"base", std::nullopt}};

}  // namespace

TEST_CASE("a word of --proxy: suites, scores, both, either") {
  const Acceptance alone({"judge>=4"});
  CHECK(alone.suites().empty());
  CHECK(alone.verifiers() == std::vector<std::string>{"judge"});
  CHECK(alone.accepts({}, Scores{4}) == true);
  CHECK(alone.accepts({}, Scores{3.9}) == false);
  CHECK(alone.accepts({}, Scores{std::nullopt}) == std::nullopt);

  const Acceptance both({"base+judge>=4"}), either({"base|judge>=4"}), apart({"base", "judge>=4"});
  for (const Acceptance* one : {&both, &apart}) {
    CHECK(one->suites() == std::vector<std::string>{"base"});
    CHECK(one->accepts(kPasses, Scores{4}) == true);
    CHECK(one->accepts(kFails, Scores{4}) == false);
    CHECK(one->accepts(kPasses, Scores{1}) == false);
  }
  CHECK(either.accepts(kPasses, Scores{1}) == true);
  CHECK(either.accepts(kFails, Scores{4}) == true);
  CHECK(either.accepts(kFails, Scores{1}) == false);
  // What one has not judged is in no rate, whatever the other says: else the rejected would be lost.
  for (const Acceptance* one : {&both, &either, &apart}) {
    CHECK_FALSE(one->accepts(kUnknown, Scores{4}).has_value());
    CHECK_FALSE(one->accepts(kFails, Scores{std::nullopt}).has_value());
  }

  const Acceptance two({"a>=1e+3+b>=-.5", "a>=2000"});
  CHECK(two.verifiers() == std::vector<std::string>{"a", "b"});
  CHECK(two.accepts({}, Scores{2000, 0}) == true);
  CHECK(two.accepts({}, Scores{1999, 0}) == false);
  CHECK(two.accepts({}, Scores{2000, -1}) == false);
  const Acceptance any({"a>=1|b>=1"});
  CHECK(any.accepts({}, Scores{0, 1}) == true);
  CHECK(any.accepts({}, Scores{0, 0}) == false);
}

TEST_CASE("a word that cannot be read is refused by what is wrong with it") {
  for (const auto& [given, why] : {std::pair("judge>=", "no number"),
                                   {"judge>=x", "no number"},
                                   {">=4", "a name is missing"},
                                   {"base+>=4", "a name is missing"},
                                   {"judge>=4x", "not read"},
                                   {"judge>=nan", "no number"},
                                   {"base+a>=1|b>=2", "in one word"},
                                   {"a>=1+", "a name is missing"}}) {
    const std::string word = given;
    CAPTURE(word);
    CHECK_THROWS_WITH_AS(Acceptance({word}), doctest::Contains(why), Error);
  }
  CHECK_FALSE(trouble_of_verifier("gpt-3.5 judge"));
  for (const char* name : {"", "a+b", "a|b", "a,b", "a>=b"}) CHECK(trouble_of_verifier(name));
}

namespace {

/// One problem; samples 0 and 1 are the same program, which passes base and fails plus; 2 passes both.
struct Filled {
  tests::Scratch scratch;
  std::unique_ptr<Database> database = open(scratch.path("s.db"), true);
  StoredModel model;

  Filled() {
    const auto dataset = put_dataset(*database, "d", "1", "");
    datasets::Problem problem;
    problem.task_id = "T/0", problem.entry_point = "f";
    const auto problem_id = put_problem(*database, dataset, 0, problem);
    const auto model_id = put_model(*database, "m");
    const auto condition = put_condition(*database, {"{}", "strict", "3.11"});
    const auto run = begin_run(*database, {dataset, condition, "full", "", "{}", "{}"});
    put_run_model(*database, run, model_id);
    const char* texts[] = {"wrong", "wrong", "right"};
    for (int i = 0; i < 3; ++i)
      put_sample(*database,
                 {problem_id, model_id, std::to_string(i), texts[i], texts[i], "solution"});
    for (const char* suite : {"base", "plus"}) {
      const auto suite_id = put_suite(*database, problem_id, suite, suite, 1);
      for (const char* text : {"wrong", "right"}) {
        Verdict verdict;
        verdict.program_id = put_program(*database, text);
        verdict.suite_id = suite_id, verdict.condition_id = condition, verdict.run_id = run;
        const bool fails = suite == std::string("plus") && text == std::string("wrong");
        verdict.status = fails ? Status::fail : Status::pass;
        put_verdict(*database, verdict);
      }
    }
    model = stored_models(*database).at(0);
  }
  stats::ModelCounts by(const std::string& proxy) {
    return counts(*database, model, {proxy}, {"base", "plus"});
  }
};

}  // namespace

TEST_CASE("counts by score: samples of one program may be scored in two ways") {
  Filled filled;
  Database& database = *filled.database;
  const auto samples = samples_by_identity(database, "d", "m");
  REQUIRE(samples.size() == 3);
  CHECK(samples_by_identity(database, "d", "other").empty());
  CHECK(models_with_samples(database, "d") == std::vector<std::string>{"m"});
  CHECK(models_with_samples(database, "other").empty());
  const auto judge = put_verifier(database, "judge");
  CHECK(put_verifier(database, "judge") == judge);
  put_score(database, judge, samples.at({"T/0", "0"}), 4);
  put_score(database, judge, samples.at({"T/0", "1"}), 1);
  put_score(database, judge, samples.at({"T/0", "2"}), 2);
  CHECK(verifier_names(database) == std::vector<std::string>{"judge"});

  auto found = filled.by("judge>=2");
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].tp == 1);
  CHECK(found.problems[0].fp == 1);
  CHECK(found.problems[0].tn == 1);
  CHECK(found.proxy == "judge>=2");
  found = filled.by("judge>=4");
  CHECK(found.problems[0].fn == 1);
  CHECK(found.problems[0].fp == 1);
  found = filled.by("base+judge>=2");
  CHECK(found.problems[0].fp == 1);
  found = filled.by("base|judge>=2");
  CHECK(found.problems[0].fp == 2);
  CHECK(not_scored(found) == 0);

  // Not judged is no verdict: such a sample is in no rate, and a new score takes the old one's place.
  put_score(database, judge, samples.at({"T/0", "0"}), std::nullopt);
  found = filled.by("base+judge>=2");
  CHECK(found.problems[0].fp == 0);
  CHECK(found.problems[0].tn == 1);
  CHECK(found.not_run == 1);
  CHECK(not_scored(found) == 1);
  CHECK(filled.by("base").problems[0].fp == 2);

  std::vector<ScoredSample> rows;
  for_each_scored(database, filled.model, "judge",
                  [&](ScoredSample&& sample) { rows.push_back(std::move(sample)); });
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].asked);
  CHECK_FALSE(rows[0].score);
  CHECK(rows[1].score == 1.0);
  CHECK_FALSE(rows[1].correct);
}

TEST_CASE(
    "scores with a truth of their own make counts, and only where scores alone are asked for") {
  const tests::Scratch scratch;
  const auto database = open(scratch.path("s.db"), true);
  const auto put = [&](const char* verifier, const char* task, int sample,
                       std::optional<double> score, bool correct) {
    put_imported_score(*database,
                       {"d", "m", verifier, {task, std::to_string(sample)}, score, correct});
  };
  put("a", "T/0", 0, 1, true), put("a", "T/0", 1, 1, false), put("a", "T/1", 0, 0, true);
  put("b", "T/0", 0, 1, true), put("b", "T/0", 1, std::nullopt, false), put("b", "T/1", 0, 1, true);
  put("a", "T/1", 0, 0, true);  // again
  const auto models = stored_models(*database);
  REQUIRE(models.size() == 1);
  CHECK(scores_only(models[0]));
  auto found = counts(*database, models[0], {"a>=1"}, {"base"});
  CHECK(found.gold == "imported");
  CHECK(found.task_ids == std::vector<std::string>{"T/0", "T/1"});
  CHECK(found.problems[0].tp == 1);
  CHECK(found.problems[0].fp == 1);
  CHECK(found.problems[1].fn == 1);
  found = counts(*database, models[0], {"a>=1|b>=1"}, {"base"});
  CHECK(found.problems[0].tp == 1);
  CHECK(found.problems[0].fp == 0);
  CHECK(found.problems[1].tp == 1);
  CHECK(not_scored(found) == 1);
  CHECK(counts(*database, models[0], {"base"}, {"base"}).problems.empty());
  CHECK(verifier_names(*database) == std::vector<std::string>{"a", "b"});
}
