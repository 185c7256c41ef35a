#include "harness/run/work.h"

#include <doctest/doctest.h>

#include <thread>

#include "harness/base/error.h"
#include "harness/verify/outcome_text.h"
#include "tests/support/own_problem.h"

using namespace assay;
using namespace assay::run;
using sandbox::End;
using store::Status;

namespace {

struct Bench {
  tests::Script script;
  tests::FakeExecutor executor{script};
  datasets::Problem problem = tests::own_problem();

  Bench() { script.put("reference", {tests::passes()}); }

  std::shared_ptr<ProblemWork> problem_work() {
    auto work = std::make_shared<ProblemWork>();
    const auto hopeless = std::make_shared<std::atomic<bool>>(false);
    std::int64_t id = 0;
    for (const datasets::Suite& suite : problem.suites) {
      work->suites.push_back(std::make_shared<SuiteWork>(
          SuiteWork::Identity{++id, "key of " + suite.name, "Own/0, suite " + suite.name},
          verify::verifier_of(problem, suite, {}), std::nullopt, hopeless));
    }
    return work;
  }
  /// A program that does these things, one after the other, to be judged by base and plus.
  Task task(std::vector<tests::Play> plays, bool spares = true, int tries = 0) {
    script.put("program", std::move(plays));
    Task task;
    task.work = problem_work();
    task.program_id = 5;
    task.program = "program";
    for (std::size_t suite = 0; suite < 2; ++suite) {
      Task::Cell cell;
      cell.suite = suite;
      cell.pending = true;
      cell.decides = spares;
      cell.scope = verify::Scope::one_process;
      cell.tries = tries;
      task.cells.push_back(cell);
    }
    return task;
  }
  std::vector<Result> work(Task task) {
    Channel channel(100);
    REQUIRE(channel.try_give(task));
    channel.close();
    run::work(executor, channel);
    CHECK(channel.left() == 1);
    return channel.collect(std::chrono::milliseconds(0));
  }
};

/// Of all results the last one of that kind about that suite; null where there is none.
template <typename Kind>
const Kind* about(const std::vector<Result>& results, std::size_t suite) {
  const Kind* found = nullptr;
  for (const Result& result : results) {
    const Kind* one = std::get_if<Kind>(&result);
    if (one && one->cell.suite == suite) found = one;
  }
  return found;
}

template <typename Kind>
std::size_t count(const std::vector<Result>& results) {
  std::size_t found = 0;
  for (const Result& result : results) found += std::holds_alternative<Kind>(result);
  return found;
}

}  // namespace

TEST_CASE("work: a program meets its suites in order, and each reference is run once") {
  Bench bench;
  const auto results = bench.work(bench.task({tests::passes()}));
  CHECK(count<ReferenceBegan>(results) == 2);
  CHECK(count<ReferenceEnded>(results) == 2);
  CHECK(count<ReferenceLearnt>(results) == 2);
  REQUIRE(count<Judged>(results) == 2);
  const Judged* plus = about<Judged>(results, 1);
  CHECK(plus->judgement.verdict.status == Status::pass);
  CHECK(plus->cell.program_id == 5);
  CHECK(plus->cell.suite_id == 2);
  CHECK_FALSE(plus->again);
  CHECK(bench.script.runs("reference") == 2);
}

TEST_CASE("work: every end of base decides what becomes of plus") {
  Bench bench;
  for (const End end : tests::early_ends()) {
    for (const bool marginal : {false, true}) {
      for (const int tries : {0, 1}) {
        CAPTURE(sandbox::name_of(end));
        CAPTURE(marginal);
        CAPTURE(tries);
        auto play = tests::ends(end);
        play.outcome.marginal = marginal && end != End::missing;
        const auto results = bench.work(bench.task({play, tests::passes()}, true, tries));
        const Judged* base = about<Judged>(results, 0);
        REQUIRE(base);
        CHECK(base->judgement.verdict.status == verify::status_of(end));
        // Near a limit, by wall clock, tampered or lost: once more, alone; but not a third time.
        const bool unsure = play.outcome.marginal || end == End::timeout_wall ||
                            end == End::tampered || end == End::missing;
        CHECK(base->again == (unsure && tries == 0));
        const bool rejected = !base->again && end != End::missing;
        CHECK((about<Decided>(results, 1) != nullptr) == rejected);
        CHECK((about<Deferred>(results, 1) != nullptr) == base->again);
        // A verdict that stays missing rejects nothing.
        CHECK((about<Judged>(results, 1) != nullptr) == (end == End::missing && tries == 1));
      }
    }
  }
}

TEST_CASE("work: a borderline pass of base lets plus go on at once") {
  Bench bench;
  auto play = tests::passes();
  play.outcome.marginal = true;
  const auto results = bench.work(bench.task({play, tests::passes()}));
  CHECK(about<Judged>(results, 0)->again);
  REQUIRE(about<Judged>(results, 1));
  CHECK(about<Judged>(results, 1)->judgement.verdict.status == Status::pass);
}

TEST_CASE("work: with --full every suite judges") {
  Bench bench;
  const auto results = bench.work(bench.task({tests::wrong_at(0), tests::wrong_at(2)}, false));
  CHECK(count<Judged>(results) == 2);
  CHECK(about<Judged>(results, 1)->judgement.verdict.witness->test == 2);
}

TEST_CASE("work: a stored rejection decides, a stored pass does not") {
  Bench bench;
  for (const Status stored : {Status::pass, Status::crash}) {
    Task task = bench.task({tests::passes()});
    task.cells[0].pending = false;
    task.cells[0].status = stored;
    const auto results = bench.work(std::move(task));
    CHECK((about<Decided>(results, 1) != nullptr) == (stored == Status::crash));
    CHECK((about<Judged>(results, 1) != nullptr) == (stored == Status::pass));
  }
}

TEST_CASE("work: a failure seen before two losses stands, and decides") {
  Bench bench;
  auto lost = tests::wrong_at(0);
  lost.outcome = tests::ended(End::missing, "gone");
  const auto results = bench.work(bench.task({lost}, true, 1));
  const Judged* base = about<Judged>(results, 0);
  CHECK(base->judgement.verdict.status == Status::missing);
  CHECK(base->judgement.failed_before->status == Status::fail);
  CHECK(about<Decided>(results, 1));
}

TEST_CASE("work: a suite whose reference fails cannot judge, also what is decided") {
  // Where only programs that base rejects had come, a plus that cannot judge would have gone
  // unnoticed, and its problem into the rates of some models and not of others.
  Bench bench;
  bench.script.put("reference", {tests::passes(), tests::ends(End::crash)});
  for (const auto& play : {tests::passes(), tests::wrong_at(0)}) {
    const auto results = bench.work(bench.task({play}));
    CHECK(about<Judged>(results, 0));
    const Unjudgeable* plus = about<Unjudgeable>(results, 1);
    REQUIRE(plus);
    CHECK(plus->trouble.find("killed by signal") != std::string::npos);
    bench.script.put("reference", {tests::passes(), tests::ends(End::crash)});
  }
}

TEST_CASE(
    "work: a reference that never ends is not run by the other suites too; ours is not kept") {
  Bench bench;
  bench.script.put("reference", {tests::ends(End::timeout_cpu)});
  auto results = bench.work(bench.task({tests::passes()}));
  CHECK(bench.script.runs("reference") == 1);
  CHECK(count<ReferenceLearnt>(results) == 1);
  CHECK(about<Unjudgeable>(results, 1)->trouble ==
        "the reference does not end by another suite of this problem");
  bench.script.put("reference", {tests::ends(End::missing, 0, "no jail")});
  results = bench.work(bench.task({tests::passes()}));
  CHECK(count<ReferenceLearnt>(results) == 0);
  CHECK(about<Unjudgeable>(results, 0)->trouble == "no jail");
}

TEST_CASE("work: what an executor throws leaves the worker, which has left the channel") {
  Bench bench;
  tests::Play broken;
  broken.throws = "no shared memory";
  Task task = bench.task({broken});
  Channel channel(100);
  REQUIRE(channel.try_give(task));
  channel.close();
  CHECK_THROWS_WITH_AS(run::work(bench.executor, channel), "no shared memory", Error);
  CHECK(channel.left() == 1);
}

TEST_CASE("work: stored answers that are damaged name their suite") {
  store::ReferenceRun damaged;
  damaged.lane = "calls";
  damaged.cpu_s = {0, 0};
  damaged.chunks.push_back({2, 100, "no zstd"});
  Bench bench;
  SuiteWork work({1, "key", "Own/0, suite base"},
                 verify::verifier_of(bench.problem, bench.problem.suites[0], {}), damaged,
                 std::make_shared<std::atomic<bool>>(false));
  CHECK(work.learn(bench.executor, [] {}).trouble.empty());
  CHECK_THROWS_WITH_AS(
      work.judge(),
      "Own/0, suite base: the database is damaged: expected outputs cannot be unpacked", Error);
}

TEST_CASE("an exchange: full queues hold back both sides, and a drop frees them") {
  Exchange<int, int> exchange(2);
  int task = 1;
  CHECK(exchange.try_give(task));
  CHECK(exchange.try_give(task));
  CHECK_FALSE(exchange.try_give(task));
  std::atomic<int> put = 0;
  std::jthread worker([&] {
    const Exchange<int, int>::Presence presence(exchange);
    for (int i = 0; i < 5; ++i) exchange.put(i), ++put;
  });
  std::vector<int> results;
  while (results.size() < 3) {
    // Results were without bound: a slow disk let them pile up in memory.
    CHECK(put <= static_cast<int>(results.size()) + 2);
    for (int result : exchange.collect(std::chrono::milliseconds(100))) results.push_back(result);
  }
  exchange.drop();
  worker.join();
  CHECK(put == 5);
  CHECK(exchange.left() == 1);
  CHECK(exchange.try_give(task));  // forgotten
  CHECK_FALSE(exchange.take());
  for (int result : exchange.collect(std::chrono::milliseconds(0))) results.push_back(result);
  CHECK(results == std::vector<int>{0, 1, 2, 3, 4});
}
