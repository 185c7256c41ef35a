#include "harness/verify/verifier.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "harness/verify/audit.h"
#include "harness/verify/outcome_text.h"
#include "tests/support/own_problem.h"

using namespace assay;
using namespace assay::verify;
using sandbox::End;
using store::Status;

namespace {

struct Bench {
  tests::Script script;
  tests::FakeExecutor executor{script};
  datasets::Problem problem = tests::own_problem();
  Demands demands;

  Bench() {
    script.put("reference", {tests::passes()});
    script.put(raising_stub(problem), {tests::ends(End::raised)});
    script.put(text_reader(), {tests::passes()});
  }

  /// A program that does these things, judged by the suite.
  Judgement judge(std::vector<tests::Play> plays, Scope scope, const char* suite = "plus") {
    script.put("program", std::move(plays));
    const auto verifier = verifier_of(problem, *find_suite(problem, suite), demands);
    TriedReference tried = verifier->learn(executor);
    REQUIRE(tried.run.trouble.empty());
    const Prepared prepared = verifier->prepare(std::move(tried.run));
    REQUIRE(prepared.trouble.empty());
    return prepared.judge(executor, "program", scope);
  }
};

const char* const kChecker = "assert f(1) == 1\n";

}  // namespace

TEST_CASE("judging: right answers to the end are a pass, whatever the scope") {
  Bench bench;
  for (const Scope scope : {Scope::first_failure, Scope::one_process, Scope::full}) {
    const Judgement judgement = bench.judge({tests::passes()}, scope);
    CHECK(judgement.verdict.status == Status::pass);
    CHECK(judgement.verdict.passed == 3);
    CHECK(judgement.verdict.judged == 3);
    CHECK(judgement.verdict.scope == name_of(scope));
    CHECK_FALSE(judgement.verdict.witness);
    CHECK_FALSE(judgement.score);
  }
}

TEST_CASE("judging: a wrong answer is a fail with its witness; the scope says how far it goes") {
  Bench bench;
  Judgement judgement = bench.judge({tests::wrong_at(1)}, Scope::first_failure);
  CHECK(judgement.verdict.status == Status::fail);
  CHECK(judgement.verdict.judged == 2);
  CHECK(judgement.verdict.passed == 1);
  REQUIRE(judgement.verdict.witness);
  CHECK(judgement.verdict.witness->test == 1);
  CHECK(judgement.verdict.witness->input == "(1,)");
  CHECK(judgement.verdict.witness->expected == "2");
  CHECK(judgement.verdict.witness->actual == "-7");
  judgement = bench.judge({tests::wrong_at(1)}, Scope::one_process);
  CHECK(judgement.verdict.judged == 3);
  CHECK(judgement.verdict.passed == 2);
  CHECK(judgement.verdict.failing == std::vector<std::uint32_t>{1});
}

TEST_CASE("judging: what a call raises is an error, and a MemoryError is memory") {
  Bench bench;
  auto raising = tests::passes();
  raising.answers[0] = tests::raises("ValueError");
  Judgement judgement = bench.judge({raising}, Scope::one_process);
  CHECK(judgement.verdict.status == Status::error);
  CHECK(judgement.verdict.message == "ValueError");
  CHECK(judgement.verdict.passed == 2);
  raising.answers[0] = tests::raises("MemoryError");
  CHECK(bench.judge({raising}, Scope::one_process).verdict.status == Status::memory);
}

TEST_CASE("judging: an answer far larger than the expected one is wrong without a look into it") {
  Bench bench;
  auto huge = tests::passes();
  huge.answers[1].value = encode(Value::of_str(std::string(2 << 20, 'x')));
  const Judgement judgement = bench.judge({huge}, Scope::first_failure);
  CHECK(judgement.verdict.status == Status::fail);
  REQUIRE(judgement.verdict.witness);
  CHECK(judgement.verdict.witness->actual == "(an answer of 2097157 bytes)");
}

TEST_CASE("judging: every end, after every number of answers, in one process") {
  Bench bench;
  for (const End end : tests::early_ends()) {
    for (std::size_t answered = 0; answered < 3; ++answered) {
      if (tests::never_called(end) && answered > 0) continue;
      CAPTURE(sandbox::name_of(end));
      CAPTURE(answered);
      const Judgement judgement = bench.judge({tests::ends(end, answered)}, Scope::one_process);
      const store::Verdict& verdict = judgement.verdict;
      CHECK(verdict.status == status_of(end));
      CHECK(judgement.wall_only == (end == End::timeout_wall));
      CHECK_FALSE(judgement.failed_before);
      if (end == End::missing) {
        CHECK(verdict.judged == 0);
        continue;
      }
      CHECK(verdict.passed == static_cast<std::int64_t>(answered));
      CHECK(verdict.judged ==
            static_cast<std::int64_t>(tests::never_called(end) ? 3 : answered + 1));
      CHECK(verdict.witness.has_value() == !tests::never_called(end));
      if (verdict.witness) CHECK(verdict.witness->test == static_cast<std::int64_t>(answered));
      // A program that ends itself was ended by no limit.
      const bool by_limit = !tests::never_called(end) && verdict.status != store::Status::error;
      CHECK(judgement.ended.size() == (by_limit ? 1 : 0));
      if (by_limit) CHECK(judgement.ended.front() == answered);
    }
  }
}

TEST_CASE("judging in full: every end followed by every end; the first failure gives the status") {
  Bench bench;
  for (const End first : tests::early_ends()) {
    for (const End second : tests::early_ends()) {
      CAPTURE(sandbox::name_of(first));
      CAPTURE(sandbox::name_of(second));
      const int before = bench.script.runs("program");
      const Judgement judgement =
          bench.judge({tests::ends(first), tests::ends(second, 1), tests::passes()}, Scope::full);
      const int processes = bench.script.runs("program") - before;
      const store::Verdict& verdict = judgement.verdict;
      if (first == End::missing || tests::never_called(first)) {
        CHECK(processes == 1);  // nothing can follow
        CHECK(verdict.status == status_of(first));
        continue;
      }
      if (second == End::missing) {
        CHECK(processes == 2);
        CHECK(verdict.status == Status::missing);
        REQUIRE(judgement.failed_before);
        CHECK(judgement.failed_before->status == status_of(first));
        CHECK(judgement.failed_before->scope == name_of(Scope::first_failure));
        continue;
      }
      CHECK(verdict.status == status_of(first));
      REQUIRE(verdict.witness);
      CHECK(verdict.witness->test == 0);
      // A restart that never gets to a call leaves what was seen before.
      CHECK(processes == (tests::never_called(second) ? 2 : 3));
      CHECK(verdict.judged == (tests::never_called(second) ? 1 : 3));
    }
  }
}

TEST_CASE("judging: a failure seen before the process was lost is kept, and is not the verdict") {
  Bench bench;
  auto lost = tests::wrong_at(0);
  lost.answers.resize(2);
  lost.outcome = tests::ended(End::missing, "the jail is gone");
  const Judgement judgement = bench.judge({lost}, Scope::one_process);
  CHECK(judgement.verdict.status == Status::missing);
  CHECK(judgement.verdict.message == "the jail is gone");
  REQUIRE(judgement.failed_before);
  CHECK(judgement.failed_before->status == Status::fail);
  CHECK(judgement.failed_before->witness->actual == "-7");
}

TEST_CASE("judging: what came near a limit is marginal, and costs add up over processes") {
  Bench bench;
  auto near = tests::ends(End::timeout_cpu);
  near.outcome.marginal = true;
  near.outcome.cpu_s = 1.5;
  near.outcome.memory_kib_peak = 700;
  auto rest = tests::passes();
  rest.outcome.cpu_s = 0.5;
  rest.outcome.memory_kib_peak = 900;
  const Judgement judgement = bench.judge({near, rest}, Scope::full);
  CHECK(judgement.verdict.status == Status::timeout);
  CHECK(judgement.verdict.marginal);
  CHECK(judgement.verdict.cpu_ms == doctest::Approx(2000));
  CHECK(judgement.verdict.memory_kib == 900);
}

TEST_CASE("judging by test code: every end is one test") {
  Bench bench;
  bench.problem.suites.push_back({"official", datasets::CheckerSuite{"", kChecker}});
  for (const End end : tests::all_ends()) {
    CAPTURE(sandbox::name_of(end));
    const Judgement judgement = bench.judge({tests::ends(end)}, Scope::full, "official");
    CHECK(judgement.verdict.status == status_of(end));
    CHECK(judgement.verdict.judged == (end == End::missing ? 0 : 1));
    CHECK(judgement.verdict.passed == (end == End::completed ? 1 : 0));
    CHECK_FALSE(judgement.verdict.forgeable);
    CHECK_FALSE(judgement.failed_before);
  }
}

TEST_CASE("judging by test code in the program's own process is marked forgeable") {
  Bench bench;
  bench.problem.suites.push_back({"official", datasets::CheckerSuite{"", kChecker}});
  // The reference fails through the proxy, and passes in one process.
  bench.script.put("reference", {tests::ends(End::assertion), tests::passes()});
  const Judgement judgement = bench.judge({tests::passes()}, Scope::full, "official");
  CHECK(judgement.verdict.status == Status::pass);
  CHECK(judgement.verdict.forgeable);
}

TEST_CASE("a reference by every end: only `missing` is a fault of ours") {
  Bench bench;
  const datasets::Suite& plus = *find_suite(bench.problem, "plus");
  for (const End end : tests::early_ends()) {
    CAPTURE(sandbox::name_of(end));
    bench.script.put("reference", {tests::ends(end, tests::never_called(end) ? 0 : 1, "text")});
    const auto verifier = verifier_of(bench.problem, plus, {});
    TriedReference tried = verifier->learn(bench.executor);
    CHECK((tried.fault == Fault::ours) == (end == End::missing));
    CHECK(tried.timed_out == (end == End::timeout_cpu || end == End::timeout_wall));
    CHECK_FALSE(tried.run.trouble.empty());
    const Prepared prepared = verifier->prepare(std::move(tried.run));
    CHECK_FALSE(prepared.trouble.empty());
    CHECK_FALSE(prepared.judge);
  }
}

TEST_CASE("programs get four times the reference's time and twice its memory and answers") {
  store::ReferenceRun reference;
  reference.cpu_s = {0.1, 2};
  reference.memory_kib = 3 << 20;
  reference.reply_bytes_max = 20 << 20;
  reference.lane = "calls";
  decide_limits(reference);
  const sandbox::Limits user;
  const ProgramLimits limits = limits_of_programs(reference, user);
  CHECK(limits.test_cpu_s_max == std::vector<double>{1, 8});
  CHECK(limits.limits.memory_mib == 6144);
  CHECK(limits.limits.reply_mib == 41);
  CHECK(limits.limits.suite_cpu_s == 60);
  CHECK(limits_of_programs({}, user).limits.memory_mib == user.memory_mib);
  CHECK(limits.limits.test_cpu_s == user.test_cpu_s);
}

TEST_CASE("programs get four times the reference's time by a test text too") {
  // They got one second: by Mbpp/123's own tests, which take its solution longer, nothing could pass.
  store::ReferenceRun reference;
  reference.cpu_s = {2};
  reference.lane = "proxy";
  decide_limits(reference);
  const ProgramLimits limits = limits_of_programs(reference, {});
  CHECK(limits.limits.test_cpu_s == 8);
  CHECK(limits.raised == R"({"test_cpu_s":{"0":8.0}})");
}

TEST_CASE("statuses: one name each, and back") {
  for (const End end : tests::all_ends()) {
    const Status status = status_of(end);
    CHECK(store::status_named(store::name_of(status)) == status);
    CHECK(describe(tests::ended(end, "a cause")).empty() ==
          (end == End::completed || end == End::stopped));
  }
  // A message began with ": " where an end has no exception, and an exit did not tell its status.
  CHECK(describe(tests::ended(End::memory, "too many pages")) == "too many pages");
  CHECK(describe(tests::ended(End::exited, "the process ended itself with status 3: why")) ==
        "the process ended itself with status 3: why");
  CHECK(describe(tests::ended(End::exited, "the process ended itself with status 0")) ==
        "the process ended itself before it had answered");
  CHECK_FALSE(store::status_named("passed"));
  CHECK_FALSE(store::rejects(Status::missing));
  CHECK_FALSE(store::rejects(Status::pass));
  CHECK(store::rejects(Status::tampered));
}

TEST_CASE("limits: one table names every field, and sets what it reads") {
  sandbox::Limits limits;
  for (const sandbox::LimitField& field : sandbox::kLimitFields) {
    field.set(limits, 7);
    CHECK(field.get(limits) == 7);
  }
  CHECK(limits.memory_mib == 7);
  CHECK(limits.wall_factor == 7);
  // A field added to Limits and not to the table changes this size.
  CHECK(sizeof(sandbox::Limits) == 8 * sandbox::kLimitFields.size());
}
