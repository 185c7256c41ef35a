#include "harness/run/task.h"

#include <doctest/doctest.h>

#include "harness/base/value/value.h"
#include "sandbox/sandbox.h"

using namespace assay;

TEST_CASE("a reference that did not end is not waited for again") {
  // A looping reference held a run for over six minutes: two minutes of CPU time and more by base,
  // then the same by plus.
  datasets::Problem problem;
  problem.task_id = "Own/7";
  problem.entry_point = "f";
  problem.reference = "def f(x):\n    while True: pass\n";
  Value arguments;
  arguments.kind = Kind::tuple;
  put_suite(problem, {"plus", datasets::DifferentialSuite{{encode(arguments)}}});
  const auto hopeless = std::make_shared<std::atomic<bool>>(true);
  const datasets::Suite& plus = problem.suites.front();
  run::SuiteWork work({1, "key", "Own/7, suite plus"}, verify::verifier_of(problem, plus, {}),
                      std::nullopt, hopeless);
  sandbox::Config config;
  config.allow_weaker = true;
  sandbox::Worker worker(config);
  bool began = false;
  const auto learnt = work.learn(worker, [&] { began = true; });
  CHECK_FALSE(began);
  CHECK(learnt.trouble == "the reference does not end by another suite of this problem");
  CHECK_FALSE(learnt.to_store.has_value());
}
