// Tallies against what they stand for: whatever is written, and whichever of them are kept, rates are those of
// the verdicts.
#include "harness/store/tally.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/generation.h"
#include "harness/store/judging.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

namespace {

constexpr int kProblems = 3, kModels = 2, kPrograms = 6;

/// Three problems, two models, programs that both may have; anything may be written in any order.
class Written {
 public:
  Written() : database_(open(scratch_.path("tallies.db"), true)) {
    const std::int64_t dataset_id = put_dataset(*database_, "d", "1", "");
    conditions_ = {put_condition(*database_, {"{}", "strict", "3.11"}),
                   put_condition(*database_, {"{\"test_cpu_s\":2}", "strict", "3.11"})};
    for (int p = 0; p < kProblems; ++p) {
      datasets::Problem problem;
      problem.task_id = "T/" + std::to_string(p);
      problem.entry_point = "f";
      problems_.push_back(put_problem(*database_, dataset_id, p, problem));
      for (const char* suite : {"base", "plus"})
        suites_.push_back(put_suite(*database_, problems_.back(), suite, "old", 8));
    }
    for (int m = 0; m < kModels; ++m)
      models_.push_back(put_model(*database_, "m" + std::to_string(m)));
    for (int i = 0; i < kPrograms; ++i)
      programs_.push_back(put_program(*database_, "p" + std::to_string(i)));
    for (const std::int64_t condition : conditions_)
      runs_.push_back(
          begin_run(*database_, {dataset_id, condition, "full", "assay run", "{}", "{}"}));
    for (const std::int64_t model : models_) put_run_model(*database_, runs_[0], model);
    dataset_id_ = dataset_id;
  }

  Database& operator*() { return *database_; }

  void write_something() {
    switch (draw(8)) {
      case 0:
      case 1: {
        const int program = draw(kPrograms);
        SampleRow row{problems_[one_of(problems_)], models_[one_of(models_)],
                      std::to_string(++samples_)};
        row.program = row.given = "p" + std::to_string(program);
        row.form = "solution";
        if (draw(3) == 0) row.rules = "cut";
        put_sample(*database_, row);
        last_sample_ = row.id;
        if (draw(3) == 0)
          database_->execute(
              "INSERT INTO generation SELECT max(id), 'length', 1, 1, 1, '' FROM sample");
        break;
      }
      case 2:  // the other condition becomes the models' newest
        if (draw(8) == 0) {
          runs_.push_back(begin_run(*database_, {dataset_id_, conditions_[one_of(conditions_)],
                                                 "full", "assay run", "{}", "{}"}));
          put_run_model(*database_, runs_.back(), models_[one_of(models_)]);
        }
        break;
      case 3:  // another text under a suite's name
        if (draw(8) == 0) {
          const std::size_t problem = one_of(problems_);
          suites_.push_back(
              put_suite(*database_, problems_[problem], "plus", draw(2) ? "new" : "old", 8));
        }
        break;
      case 4:
        if (draw(20) > 0) break;
        put_decided(*database_, programs_[one_of(programs_)], suites_[one_of(suites_)],
                    conditions_[one_of(conditions_)]);
        break;
      default:
        put_verdict(*database_, any_verdict());
    }
  }

  int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

 private:
  template <typename T>
  std::size_t one_of(const std::vector<T>& all) {
    return static_cast<std::size_t>(draw(static_cast<int>(all.size())));
  }

  Verdict any_verdict() {
    static constexpr Status kAny[] = {Status::pass, Status::pass,    Status::pass,   Status::fail,
                                      Status::fail, Status::timeout, Status::missing};
    Verdict verdict;
    verdict.program_id = programs_[one_of(programs_)];
    verdict.suite_id = suites_[one_of(suites_)];
    verdict.condition_id = conditions_[one_of(conditions_)];
    verdict.run_id = runs_[0];
    verdict.status = kAny[draw(7)];
    verdict.judged = 8;
    verdict.passed = verdict.status == Status::pass ? 8 : 6;
    if (verdict.status == Status::fail) {
      verdict.failing = {static_cast<std::uint32_t>(draw(3)), 7};
      verdict.witness = Witness{verdict.failing[0], "1", "2", std::to_string(draw(2))};
    }
    if (verdict.status == Status::timeout) verdict.message = "f() (line 3)";
    if (draw(20) == 0) verdict.raised_limits = R"({"test_cpu_s":9})";
    verdict.forgeable = draw(5) == 0;
    return verdict;
  }

  tests::Scratch scratch_;
  std::unique_ptr<Database> database_;
  std::int64_t dataset_id_ = 0, last_sample_ = 0;
  std::vector<std::int64_t> conditions_, problems_, suites_, models_, programs_, runs_;
  int samples_ = 0;
  std::mt19937 random_{7};
};

/// By the view for users, sample by sample: accepted by base, correct by both.
std::map<std::string, stats::Counts> slow_counts(Database& database, const std::string& model) {
  std::map<std::string, stats::Counts> out;
  Statement rows = database.use(R"sql(
    SELECT b.task_id AS task_id, b.status AS base, p.status AS plus
    FROM judged_sample b JOIN judged_sample p ON p.id = b.id AND p.suite = 'plus'
    WHERE b.suite = 'base' AND b.model = ?
  )sql");
  rows.bind(model);
  while (rows.step()) {
    const std::string base = rows.text("base"), plus = rows.text("plus");
    if (base == "missing" || plus == "missing" || base == "decided" || base.empty()) continue;
    const bool accepted = base == "pass";
    if (accepted && (plus == "decided" || plus.empty())) continue;
    stats::Counts& cell = out[rows.text("task_id")];
    ++(accepted ? (plus == "pass" ? cell.tp : cell.fp) : cell.tn);
  }
  return out;
}

std::int64_t kept(Database& database) {
  Statement rows = database.use("SELECT count(*) AS n FROM tally");
  rows.step();
  return rows.integer("n");
}

bool keeps(Database& database, std::int64_t problem_id, std::int64_t model_id) {
  Statement rows =
      database.use("SELECT count(*) AS n FROM tally WHERE problem_id = ? AND model_id = ?");
  rows.bind(problem_id).bind(model_id);
  rows.step();
  return rows.integer("n") > 0;
}

/// Everything that tallies say, as text.
std::string all_of(Database& database, const StoredModel& model) {
  std::string out;
  for_each_tally(
      database, model,
      [&](const std::string& task_id, const Tally& tally) {
        out += task_id + ":";
        std::multimap<std::string, std::string> groups;
        for (const Tally::Group& group : tally.groups) {
          std::string says;
          for (const StoredVerdict& stored : group.verdicts) {
            const Verdict& v = stored.verdict;
            if (v.witness)
              says += "at " + std::to_string(v.witness->test) + " " + v.witness->actual + " ";
            says += stored.suite + " " + name_of(v.status) + std::to_string(v.passed) +
                    std::to_string(v.judged) + std::to_string(stored.tests) +
                    (v.forgeable ? "f" : "") + "[";
            for (const std::uint32_t test : unpack_failing(database, stored.failing_stored))
              says += std::to_string(test) + ",";
            says += "] ";
          }
          for (const std::string& suite : group.decided) says += suite + " decided ";
          for (const std::string& suite : group.unjudged) says += suite + " unjudged ";
          says += "of ";
          std::int64_t samples = 0;
          for (const Tally::Member& member : group.members) {
            says += std::to_string(member.program_id) + "x" + std::to_string(member.samples) + "#" +
                    std::to_string(member.code) + " ";
            samples += member.samples;
          }
          CHECK(samples == group.samples);
          groups.emplace(says, std::to_string(group.samples) + " cut " + std::to_string(group.cut));
        }
        for (const auto& [says, samples] : groups) out += says + "= " + samples + ";";
        for (const auto& [rule, n] : tally.rules) out += rule + std::to_string(n);
        for (const auto& [reason, n] : tally.finishes) out += reason + std::to_string(n);
        for (const auto& [suite, said] : tally.said)
          for (const auto& [one, n] : said) out += suite + one.message + std::to_string(n);
        out += "\n";
      },
      Members::wanted);
  return out;
}

}  // namespace

TEST_CASE("whatever is written after tallies were kept, rates are those of the verdicts") {
  Written written;
  Database& database = *written;
  std::int64_t compared = 0, held = 0;
  for (int step = 0; step < 1500; ++step) {
    written.write_something();
    if (written.draw(4) == 0) keep_tallies(database);
    if (step % 10 != 0) continue;
    for (const StoredModel& model : stored_models(database)) {
      CAPTURE(step);
      const stats::ModelCounts found = counts(database, model, {"base"}, {"base", "plus"});
      held += kept(database);
      const std::string kept_say = all_of(database, model);
      {  // what the verdicts themselves say
        Transaction transaction(database);
        database.execute("DELETE FROM tally");
        CHECK(all_of(database, model) == kept_say);
      }
      if (found.needs_full > 0) continue;
      const auto slow = slow_counts(database, model.model);
      REQUIRE(slow.size() == found.problems.size());
      for (std::size_t p = 0; p < found.problems.size(); ++p) {
        const stats::Counts &fast = found.problems[p], &other = slow.at(found.task_ids[p]);
        CHECK(fast.tp == other.tp);
        CHECK(fast.fp == other.fp);
        CHECK(fast.tn == other.tn);
        compared += fast.n();
      }
    }
  }
  CHECK(compared > 1000);
  CHECK(held > 100);
}

TEST_CASE("a change drops the tallies that it makes untrue, and no other") {
  Written written;
  Database& database = *written;
  for (int step = 0; step < 200; ++step) written.write_something();
  keep_tallies(database);
  const std::int64_t all = kept(database);
  REQUIRE(all >= kProblems * kModels);
  keep_tallies(database);
  CHECK(kept(database) == all);
  SUBCASE("a sample: of its problem and model") {
    database.execute("UPDATE sample SET rules = 'x' WHERE id = 1");
    CHECK(all - kept(database) <= 2);  // under both conditions
    CHECK(all > kept(database));
  }
  SUBCASE("a suite: of its problem") {
    database.execute("UPDATE suite SET current = 0 WHERE id = 1");
    CHECK(all - kept(database) <= 2 * kModels);
    CHECK(all > kept(database));
  }
  // Somebody's own SQL moved them, and the tallies of where they had been went on counting them.
  SUBCASE("a sample that moves: of both places") {
    database.execute("UPDATE sample SET rules = 'x', problem_id = 1, model_id = 1 WHERE id = 1");
    keep_tallies(database);
    REQUIRE(kept(database) == all);
    database.execute("UPDATE sample SET problem_id = 2, model_id = 2 WHERE id = 1");
    CHECK_FALSE(keeps(database, 1, 1));
    CHECK_FALSE(keeps(database, 2, 2));
  }
  SUBCASE("a suite that moves: of both problems") {
    database.execute("UPDATE suite SET problem_id = 3, name = 'moved' WHERE id = 1");
    CHECK_FALSE(keeps(database, 1, 1));
    CHECK_FALSE(keeps(database, 3, 1));
    CHECK(keeps(database, 2, 1));
  }
  SUBCASE("a run alone: none") {
    database.execute("UPDATE run SET ended = 'now'");
    CHECK(kept(database) == all);
  }
}

TEST_CASE("what a program is shown for is its own text, verdict and witness") {
  Written written;
  Database& database = *written;
  for (int step = 0; step < 300; ++step) written.write_something();
  keep_tallies(database);
  int seen = 0;
  for (const StoredModel& model : stored_models(database))
    for_each_program(
        database, model, {.texts = true, .witnesses = true}, [&](const JudgedProgram& program) {
          for (const StoredVerdict& stored : program.verdicts) {
            const ShownProgram shown = shown_program(database, model, program.problem_id,
                                                     program.program_id, stored.suite);
            CHECK(shown.text == program.text);
            CHECK(shown.stored.id == stored.id);
            CHECK(shown.stored.verdict.witness.has_value() == stored.verdict.witness.has_value());
            seen += stored.verdict.witness.has_value();
          }
        });
  CHECK(seen > 5);
}

TEST_CASE("a tally that is none is told, and how to be rid of it") {
  Written written;
  Database& database = *written;
  for (int step = 0; step < 50; ++step) written.write_something();
  keep_tallies(database);
  database.execute("UPDATE tally SET content = '{\"groups\": 3}'");
  CHECK_THROWS_WITH_AS(counts(database, stored_models(database).at(0), {"base"}, {"plus"}),
                       doctest::Contains("table tally"), Error);
  database.execute("DELETE FROM tally");
  keep_tallies(database);
  database.execute("UPDATE tally SET members = x'05'");
  CHECK_THROWS_WITH_AS(all_of(database, stored_models(database).at(0)),
                       doctest::Contains("table tally"), Error);
}
