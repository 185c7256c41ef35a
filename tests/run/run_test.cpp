#include "harness/run/run.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "harness/store/facts.h"
#include "harness/store/queries.h"
#include "harness/store/slow.h"
#include "tests/support/fake_clock.h"
#include "tests/support/own_problem.h"
#include "tests/support/scratch.h"

using namespace assay;
using sandbox::End;

namespace {

/// Runs over a database of its own, with programs that are named by what they are in the script.
struct Bench {
  tests::Scratch scratch;
  tests::Script script;
  std::unique_ptr<store::Database> database = store::open(scratch.path("a.db"), true);
  datasets::Dataset dataset;
  run::Options options;
  std::atomic<bool> stop = false;
  std::function<void(const run::Progress&)> progress;

  Bench() {
    dataset.name = "own";
    dataset.problems = {tests::own_problem()};
    script.put("reference", {tests::passes()});
    options.jobs = 2;
    options.style = false;
    options.command = "assay run";
    options.launch = [this](const sandbox::Config&) {
      return std::make_unique<tests::FakeExecutor>(script);
    };
  }
  /// A sample of each of these programs, in this order.
  void samples(const std::vector<std::string>& programs, const std::string& task = "Own/0") {
    std::string rows;
    for (const std::string& program : programs)
      rows +=
          nlohmann::json{{"task_id", task}, {"model", "m"}, {"solution", program}}.dump() + "\n";
    options.samples.files = {scratch.write(
        std::to_string(options.samples.files.size()) + task.substr(4) + ".jsonl", rows)};
  }
  run::Summary run() { return run::run(*database, dataset, options, progress, stop); }
  /// "pass", "fail", ..., "decided", or "" where the suite has not judged the program.
  std::string status(const std::string& program, const std::string& suite) {
    std::string found;
    for (const auto& model : store::stored_models(*database)) {
      store::for_each_program(*database, model, {.texts = true},
                              [&](const store::JudgedProgram& one) {
                                if (one.text != program) return;
                                if (const auto* verdict = one.verdict(suite))
                                  found = name_of(verdict->verdict.status);
                                for (const std::string& spared : one.decided)
                                  if (spared == suite) found = "decided";
                              });
    }
    return found;
  }
  bool marginal(const std::string& program, const std::string& suite) {
    bool found = false;
    store::for_each_program(*database, store::stored_models(*database).at(0), {.texts = true},
                            [&](const store::JudgedProgram& one) {
                              if (one.text == program) found = one.verdict(suite)->verdict.marginal;
                            });
    return found;
  }
  stats::ModelCounts counts(const std::vector<std::string>& proxy = {"base"},
                            const std::vector<std::string>& gold = {"base", "plus"}) {
    return store::counts(*database, store::stored_models(*database).at(0), proxy, gold);
  }
  std::int64_t verdicts() {
    std::size_t count = 0;
    store::for_each_program(*database, store::stored_models(*database).at(0), {.texts = true},
                            [&](const store::JudgedProgram& one) { count += one.verdicts.size(); });
    return static_cast<std::int64_t>(count);
  }
};

tests::Play marginal(tests::Play play) {
  play.outcome.marginal = true;
  return play;
}

}  // namespace

TEST_CASE("run: true and false positives, and what base rejects is not judged by plus") {
  Bench bench;
  bench.script.put("right", {tests::passes()});
  bench.script.put("false positive", {tests::passes(), tests::wrong_at(2)});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "false positive", "wrong", "wrong"});
  const run::Summary summary = bench.run();
  CHECK(summary.cells == 8);
  CHECK(summary.shared == 2);
  CHECK(summary.judged == 5);
  CHECK(summary.decided == 1);
  CHECK(summary.missing == 0);
  CHECK(bench.script.runs("wrong") == 1);
  CHECK(bench.status("wrong", "plus") == "decided");
  const auto counts = bench.counts();
  REQUIRE(counts.problems.size() == 1);
  CHECK(counts.problems[0].tp == 1);
  CHECK(counts.problems[0].fp == 1);
  CHECK(counts.problems[0].tn == 2);
  CHECK(counts.not_run == 0);

  const run::Summary again = bench.run();  // nothing twice
  CHECK(again.judged == 0);
  CHECK(again.already == 5);
  CHECK(again.decided == 1);
  CHECK(bench.script.runs("reference") == 2);
}

TEST_CASE("run --full judges what was decided, and no rate changes") {
  Bench bench;
  bench.script.put("right", {tests::passes()});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "wrong"});
  bench.run();
  const auto lazy = bench.counts();
  bench.options.depth = run::Depth::full;
  CHECK(bench.run().judged == 1);
  CHECK(bench.status("wrong", "plus") == "fail");
  const auto full = bench.counts();
  REQUIRE(full.problems.size() == 1);
  CHECK(full.problems[0].tn == lazy.problems[0].tn);
  CHECK(full.problems[0].tp == lazy.problems[0].tp);
  bench.options.depth = run::Depth::decided;
  CHECK(bench.run().judged == 0);
}

TEST_CASE("run --only-slow judges wrong passes by time once more, and only once") {
  Bench bench;
  const tests::Play slow = tests::ends(End::timeout_cpu, 1);  // plus starts again behind test 1
  bench.script.put("right", {tests::passes()});
  bench.script.put("only slow", {tests::passes(), slow, tests::passes(), tests::passes()});
  bench.script.put("slow and wrong", {tests::passes(), slow, tests::passes(), tests::wrong_at(2)});
  bench.script.put("loops", {tests::passes(), slow});
  bench.script.put("wrong", {tests::passes(), tests::wrong_at(2)});
  bench.script.put("rejected", {slow});
  bench.samples({"right", "only slow", "slow and wrong", "loops", "wrong", "rejected"});
  CHECK(bench.run().slow_judged == 0);
  const auto before = bench.counts().problems.at(0);
  CHECK(before.fp == 4);
  CHECK(before.fp_timeout == 3);

  bench.options.only_slow = true;
  const run::Summary summary = bench.run();
  CHECK(summary.judged == 0);
  CHECK(summary.slow_judged == 3);
  CHECK(summary.slow_passed == 1);
  CHECK(bench.counts().problems.at(0).fp == before.fp);  // no verdict changes
  std::map<std::string, std::string> found;
  for (const auto& [key, status] : store::slow_verdicts(*bench.database, summary.condition_id)) {
    CHECK(std::get<2>(key) == "plus");
    found[store::program_text(*bench.database, std::get<1>(key))] = store::name_of(status);
  }
  CHECK(found == std::map<std::string, std::string>{
                     {"only slow", "pass"}, {"slow and wrong", "fail"}, {"loops", "timeout"}});

  const int runs = bench.script.runs("loops");
  CHECK(bench.run().slow_judged == 0);
  CHECK(bench.script.runs("loops") == runs);
}

TEST_CASE("run --only-slow tries again what was lost, and stores nothing for it") {
  Bench bench;
  const tests::Play slow = tests::ends(End::timeout_cpu, 1);
  bench.script.put("only slow", {tests::passes(), slow, tests::passes(),
                                 tests::ends(End::missing, 0, "lost"), tests::passes()});
  bench.samples({"only slow"});
  bench.options.only_slow = true;
  const run::Summary first = bench.run();
  CHECK(first.slow_judged == 0);
  CHECK(first.missing == 1);
  const run::Summary second = bench.run();
  CHECK(second.slow_passed == 1);
  CHECK(second.missing == 0);
}

TEST_CASE("a rate by another proxy than the run's does not rest on what was accepted alone") {
  // Of what base rejects there is no verdict of plus: the programs with one are those that base
  // accepts, and an accuracy of 1 would come of them.
  Bench bench;
  bench.script.put("right", {tests::passes()});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "wrong"});
  bench.run();
  auto counts = bench.counts({"plus"}, {"base"});
  CHECK(counts.problems.empty());
  CHECK(counts.needs_full == 1);
  CHECK(counts.not_run == 2);
  CHECK(bench.counts({"plus"}, {"plus"}).problems.empty());
  CHECK(bench.counts({"base", "plus"}, {"base", "plus"}).problems.at(0).tn == 1);
  bench.options.depth = run::Depth::full;
  bench.run();
  counts = bench.counts({"plus"}, {"base"});
  CHECK(counts.needs_full == 0);
  CHECK(counts.problems.at(0).n() == 2);
}

TEST_CASE("run --suite base, then all: nothing counts as decided before the run has come to it") {
  Bench bench;
  bench.script.put("right", {tests::passes()});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "wrong"});
  bench.options.suites = {"base"};
  bench.run();
  CHECK(bench.status("wrong", "plus").empty());
  bench.options.suites = {"plus", "base"};  // in the dataset's order all the same
  const run::Summary summary = bench.run();
  CHECK(summary.judged == 1);
  CHECK(summary.decided == 1);
  CHECK(bench.script.runs("wrong") == 1);
  CHECK(bench.counts().problems.at(0).n() == 2);
}

TEST_CASE("run: every end of the first try followed by every end of the second") {
  for (const End first : {End::timeout_wall, End::tampered, End::missing}) {
    for (const End second : tests::all_ends()) {
      if (second == End::stopped || second == End::assertion) continue;
      CAPTURE(sandbox::name_of(first));
      CAPTURE(sandbox::name_of(second));
      Bench bench;
      bench.script.put(
          "program", {tests::ends(first, 0, "first"),
                      second == End::completed ? tests::passes() : tests::ends(second, 0, "second"),
                      tests::passes()});
      bench.samples({"program"});
      const run::Summary summary = bench.run();
      CHECK(summary.again == 1);
      const std::string base = bench.status("program", "base");
      if (second == End::missing) {
        CHECK(base == "missing");
        CHECK(summary.missing == 1);
        REQUIRE(summary.lost.size() == 1);
        CHECK(summary.lost[0].task_id == "Own/0");
        CHECK(summary.lost[0].suite == "base");
        CHECK(summary.lost[0].model == "m");
        CHECK(summary.lost[0].sample_id == "0");
        CHECK(summary.lost[0].message == "second");
        CHECK(bench.counts().missing == 1);
        bench.run();  // it is tried again, and passes now
        CHECK(bench.status("program", "base") == "pass");
        continue;
      }
      CHECK(summary.lost.empty());
      // Plus waited for the second verdict of base.
      CHECK(bench.status("program", "plus") == (second == End::completed ? "pass" : "decided"));
      CHECK(bench.marginal("program", "base") == (first == End::timeout_wall));
    }
  }
}

TEST_CASE("run: what hung on a second try gets two tries of its own") {
  Bench bench;
  bench.script.put("program", {marginal(tests::ends(End::timeout_cpu)), tests::passes(),
                               tests::ends(End::missing, 0, "plus is lost"), tests::passes()});
  bench.samples({"program"});
  const run::Summary summary = bench.run();
  CHECK(bench.status("program", "base") == "pass");
  CHECK(bench.status("program", "plus") == "pass");
  CHECK(summary.again == 2);
  CHECK(summary.missing == 0);
  CHECK(bench.script.runs("program") == 4);
}

TEST_CASE("run: a program that draws `missing` twice after a failure keeps the failure") {
  Bench bench;
  auto lost = tests::wrong_at(0);
  lost.outcome = tests::ended(End::missing, "gone");
  bench.script.put("program", {lost});
  bench.samples({"program"});
  const run::Summary summary = bench.run();
  CHECK(summary.missing == 0);
  CHECK(bench.status("program", "base") == "fail");
  CHECK(bench.status("program", "plus") == "decided");
}

TEST_CASE("run: a borderline verdict is decided alone and stays marked") {
  Bench bench;
  bench.script.put("slow", {marginal(tests::passes()), tests::passes(), tests::passes()});
  bench.samples({"slow"});
  CHECK(bench.run().again == 1);
  CHECK(bench.marginal("slow", "base"));
  CHECK_FALSE(bench.marginal("slow", "plus"));
  CHECK(bench.counts().problems.at(0).tp == 1);
}

TEST_CASE("run: an error on a worker thread is one sentence, and what was judged is stored") {
  // It was std::terminate: exit 134, no word on how to resume, half a second of verdicts lost.
  Bench bench;
  tests::Play broken;
  broken.throws = "cannot make inputs for the programs: no shared memory";
  std::vector<std::string> programs;
  for (int i = 0; i < 40; ++i) {
    programs.push_back("program " + std::to_string(i));
    bench.script.put(programs.back(), {tests::passes()});
  }
  bench.script.put("program 30", {broken, tests::passes()});
  bench.samples(programs);
  CHECK_THROWS_WITH_AS(bench.run(), broken.throws.c_str(), run::Failed);
  const std::int64_t before = bench.verdicts();
  CHECK(before >= 2 * 28);  // all that came before it, but for what the other worker had in hand
  const run::Summary resumed = bench.run();
  CHECK(resumed.judged == 80 - before);
  CHECK(bench.verdicts() == 80);
}

TEST_CASE("run: a damaged row of expected outputs names its suite and keeps what was judged") {
  Bench bench;
  bench.dataset.problems.push_back(tests::own_problem("Own/1"));
  bench.script.put("right", {tests::passes()});
  bench.samples({"right"});
  bench.run();
  CHECK(bench.verdicts() == 2);
  bench.database->execute("UPDATE expected SET answers = x'00112233'");
  bench.script.put("other", {tests::passes()});
  bench.samples({"right", "other"});
  std::string told;
  try {
    bench.run();
  } catch (const run::Failed& error) {
    told = error.what();
  }
  CHECK(told == "Own/0, suite base: the database is damaged: expected outputs cannot be unpacked");
  CHECK(bench.verdicts() == 2);
}

TEST_CASE("run: an interrupt ends a program that hangs, stores nothing of it, and it resumes") {
  Bench bench;
  tests::Play hangs;
  hangs.until_interrupted = true;
  bench.script.put("right", {tests::passes()});
  bench.script.put("hangs", {hangs, tests::passes()});
  bench.samples({"right", "hangs"});
  std::jthread user([&] {
    while (bench.script.runs("hangs") == 0 || bench.script.runs("right") < 2)
      std::this_thread::yield();
    bench.stop = true;
  });
  const run::Summary summary = bench.run();
  user.join();
  CHECK(summary.interrupted);
  CHECK(summary.missing == 0);
  CHECK(bench.status("hangs", "base").empty());
  CHECK(bench.status("right", "plus") == "pass");
  bench.stop = false;
  CHECK_FALSE(bench.run().interrupted);
  CHECK(bench.status("hangs", "plus") == "pass");
}

TEST_CASE("run: an interrupted reference is no trouble of its suite") {
  Bench bench;
  tests::Play hangs;
  hangs.until_interrupted = true;
  bench.script.put("reference", {hangs, tests::passes()});
  bench.script.put("right", {tests::passes()});
  bench.samples({"right"});
  std::jthread user([&] {
    while (bench.script.runs("reference") == 0) std::this_thread::yield();
    bench.stop = true;
  });
  const run::Summary summary = bench.run();
  user.join();
  CHECK(summary.interrupted);
  CHECK(summary.warnings.empty());
  bench.stop = false;
  bench.run();
  CHECK(bench.status("right", "plus") == "pass");
}

TEST_CASE("run: a suite whose reference fails judges nothing and is said once") {
  Bench bench;
  bench.script.put("reference", {tests::passes(), tests::ends(End::crash)});
  bench.script.put("right", {tests::passes()});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "wrong"});
  bench.options.jobs = 1;  // the reference meets base first
  const run::Summary summary = bench.run();
  REQUIRE(summary.warnings.size() == 1);
  CHECK(summary.warnings[0].find("Own/0: suite plus cannot be judged") == 0);
  CHECK(summary.judged == 2);
  CHECK(summary.decided == 0);
  // What base rejects is wrong whatever plus would say; of the other nothing will be known.
  CHECK(bench.counts().problems.size() == 1);
  CHECK(bench.counts().not_run == 1);
  CHECK(bench.counts().undecided == 1);
}

TEST_CASE("run --stop-at-first-failure goes on from there when more is asked") {
  Bench bench;
  bench.script.put("program", {tests::passes(), tests::wrong_at(0)});
  bench.samples({"program"});
  bench.options.depth = run::Depth::first_failure;
  bench.run();
  CHECK(bench.status("program", "plus") == "fail");
  bench.options.depth = run::Depth::decided;
  CHECK(bench.run().judged == 1);  // plus, to its end
  CHECK(bench.run().judged == 0);
}

TEST_CASE("run: --suite and --task that the dataset lacks are wrong usage") {
  Bench bench;
  bench.script.put("right", {tests::passes()});
  bench.samples({"right"});
  bench.options.suites = {"hidden"};
  CHECK_THROWS_WITH_AS(
      bench.run(), "--suite hidden: no problem of dataset own has it; it has base, plus", Error);
  bench.options.suites.clear();
  bench.options.samples.tasks = {"Own/9"};
  CHECK_THROWS_AS(bench.run(), Error);
}

TEST_CASE(
    "run: problems of one's own names; the first suite accepts, the others decide the truth") {
  Bench bench;
  bench.dataset.problems[0].suites = {tests::calls_suite("public", 1),
                                      tests::calls_suite("hidden", 3)};
  bench.script.put("right", {tests::passes()});
  bench.script.put("wrong", {tests::wrong_at(0)});
  bench.samples({"right", "wrong"});
  const run::Summary summary = bench.run();
  CHECK(summary.judged == 3);
  CHECK(bench.status("wrong", "hidden") == "decided");
  CHECK(bench.counts({"public"}, {"public", "hidden"}).problems.at(0).tn == 1);
}

TEST_CASE("run: what is judged is stored half a second later, while the rest still runs") {
  Bench bench;
  tests::FakeClock clock;
  bench.script.put("right", {tests::passes()});
  tests::Play hangs;
  hangs.until_interrupted = true;
  bench.script.put("hangs", {hangs});
  bench.samples({"right", "hangs"});
  bench.options.clock = &clock;
  bench.options.suites = {"base"};
  std::atomic<bool> one_judged = false;
  bench.progress = [&](const run::Progress& progress) { one_judged = progress.done > 0; };
  std::size_t stored_at_once = 1, stored_later = 0;
  std::jthread reader([&] {
    const auto own = store::open(bench.scratch.path("a.db"), true);
    const auto stored = [&] {
      std::size_t count = 0;
      for (const auto& model : store::stored_models(*own))
        store::for_each_program(*own, model, {},
                                [&](const auto& one) { count += one.verdicts.size(); });
      return count;
    };
    const auto until = [](const auto& holds) {
      for (int i = 0; i < 2000 && !holds(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    };
    until([&] { return one_judged.load(); });
    // Several looks of the writer, all at the same time by the clock.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stored_at_once = stored();
    clock.advance(std::chrono::milliseconds(501));
    until([&] { return stored() > 0; });
    stored_later = stored();
    bench.stop = true;
  });
  const run::Summary summary = bench.run();
  reader.join();
  CHECK(summary.interrupted);
  CHECK(stored_at_once == 0);
  CHECK(stored_later == 1);
}

TEST_CASE("run tells every half second which reference is waited for, and for how long") {
  Bench bench;
  tests::FakeClock clock;
  tests::Play hangs;
  hangs.until_interrupted = true;
  bench.script.put("reference", {hangs});
  bench.script.put("right", {tests::passes()});
  bench.samples({"right"});
  bench.options.clock = &clock;
  std::vector<double> told;
  bench.progress = [&](const run::Progress& progress) {
    if (bench.stop) return;
    CHECK(progress.reference == "working out expected answers: 1 of 2, Own/0 (base)");
    told.push_back(progress.reference_s);
    clock.advance(std::chrono::seconds(2));
    bench.stop = told.size() == 3;
  };
  CHECK(bench.run().interrupted);
  CHECK(told == std::vector<double>{0, 2, 4});
}
