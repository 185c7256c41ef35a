// The desk with executors that run nothing: every order of questions, answers and trouble, in no time.
#include "harness/service/desk.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <latch>
#include <mutex>

#include "tests/support/fake_executor.h"

using namespace assay;
using namespace assay::service;
using tests::answer;
using tests::ended;
using tests::plays;
using tests::Script;

namespace {

/// A problem with one call, of which 1 is right.
datasets::Problem problem() {
  datasets::Problem problem;
  problem.task_id = "Own/0";
  problem.entry_point = "f";
  problem.reference = "reference";
  problem.suites = {
      {"base", datasets::DifferentialSuite{{encode(Value::sequence(Kind::tuple, {}))}, {}}}};
  return problem;
}

class Rig {
 public:
  explicit Rig(int jobs = 1, std::size_t waiting_max = 100) : catalog({}, {}) {
    script.put("reference", {plays({answer(1)})});
    script.put("pass\n", {plays({})});
    DeskOptions options;
    options.jobs = jobs;
    options.waiting_max = waiting_max;
    options.launch = [this](const sandbox::Config&) -> std::unique_ptr<sandbox::Executor> {
      if (launches_fail) throw Error("no jail today");
      ++launched;
      return std::make_unique<tests::FakeExecutor>(script);
    };
    desk = std::make_unique<Desk>(options);
    target = catalog.own("own", problem());
  }

  Question question(const std::string& text) {
    Question asked;
    asked.target = target;
    asked.suites = {0};
    asked.text = text;
    asked.reading = samples::Reading::as_is;
    return asked;
  }
  bool submit(const std::string& text, Desk::Ticket* ticket = nullptr) {
    return desk->submit(
        question(text),
        [this, text](const std::shared_ptr<const Answer>& one, Source source) {
          const std::lock_guard lock(mutex);
          statuses.push_back(text + " " + one->status());
          sources.push_back(source);
          answers.push_back(one);
          changed.notify_all();
        },
        ticket);
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return statuses.size() >= count; });
    return statuses;
  }
  void wait_until_judging() {
    while (desk->figures().judging == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  Script script;
  Catalog catalog;
  std::shared_ptr<const Target> target;
  std::atomic<bool> launches_fail = false;
  std::atomic<int> launched = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> statuses;
  std::vector<Source> sources;
  std::vector<std::shared_ptr<const Answer>> answers;
  std::unique_ptr<Desk> desk;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("desk: a question is judged, and the same one again is answered from memory") {
  Rig rig;
  rig.script.put("right", {plays({answer(1)})});
  rig.script.put("wrong", {plays({answer(2)})});
  REQUIRE(rig.submit("right"));
  REQUIRE(rig.submit("wrong"));
  CHECK(rig.wait_for(2) == Words{"right pass", "wrong fail"});
  REQUIRE(rig.submit("right"));
  CHECK(rig.wait_for(3).back() == "right pass");
  CHECK(rig.sources == std::vector{Source::judged, Source::judged, Source::remembered});
  CHECK(rig.script.runs("right") == 1);
  CHECK(rig.answers[0]->reward() == 1);
  CHECK(rig.answers[1]->reward() == 0);
}

TEST_CASE("desk: an equal question joins the one that is judged") {
  Rig rig;
  rig.script.put("slow", {tests::Play{{}, {}, "", true}, plays({answer(1)})});
  REQUIRE(rig.submit("slow"));
  rig.wait_until_judging();
  REQUIRE(rig.submit("slow"));
  CHECK(rig.desk->figures().joined == 1);
  rig.desk.reset();
  CHECK(rig.statuses == Words{"slow cancelled", "slow cancelled"});
  CHECK_FALSE(rig.answers[0]->reward());
}

TEST_CASE("desk: what came near a limit is judged again, and what is lost twice has no reward") {
  Rig rig;
  sandbox::Outcome near = ended(sandbox::End::completed);
  near.marginal = true;
  rig.script.put("near", {tests::Play{{answer(2)}, near, "", false}, plays({answer(1)})});
  rig.script.put("lost", {plays({}, sandbox::End::missing, "gone"), plays({answer(1)})});
  rig.script.put("twice", {plays({}, sandbox::End::missing, "gone")});
  rig.script.put("throws", {tests::Play{{}, {}, "no memory", false}});
  for (const char* text : {"near", "lost", "twice", "throws"}) REQUIRE(rig.submit(text));
  rig.wait_for(4);
  std::sort(rig.statuses.begin(), rig.statuses.end());
  CHECK(rig.statuses == Words{"lost pass", "near pass", "throws missing", "twice missing"});
  for (const auto& one : rig.answers) {
    if (one->status() == "missing") CHECK_FALSE(one->reward());
    if (one->program == "near") CHECK(one->suites.front().verdict.marginal);
  }
  CHECK(rig.desk->figures().judged_again == 4);
  // What could not be judged is not remembered.
  rig.script.put("twice", {plays({answer(1)})});
  REQUIRE(rig.submit("twice"));
  CHECK(rig.wait_for(5).back() == "twice pass");
}

TEST_CASE(
    "desk: a reference that is lost by our fault is run again, and a wrong one judges nothing") {
  Rig rig;
  rig.script.put("reference", {plays({}, sandbox::End::missing, "gone"), plays({answer(1)})});
  rig.script.put("right", {plays({answer(1)})});
  REQUIRE(rig.submit("right"));
  CHECK(rig.wait_for(1) == Words{"right pass"});
  Rig bad;
  bad.script.put("reference", {plays({}, sandbox::End::raised, "ValueError")});
  REQUIRE(bad.submit("right"));
  CHECK(bad.wait_for(1) == Words{"right missing"});
  CHECK_FALSE(bad.answers[0]->reward());
  CHECK(bad.answers[0]->suites.front().verdict.message.starts_with("this suite cannot judge"));
}

TEST_CASE("desk: a full queue takes nothing, and a cancelled question makes room") {
  Rig rig(1, 2);
  rig.script.put("slow", {tests::Play{{}, {}, "", true}});
  REQUIRE(rig.submit("slow"));
  rig.wait_until_judging();
  Desk::Ticket first = 0;
  REQUIRE(rig.submit("a", &first));
  REQUIRE(rig.submit("b"));
  CHECK(rig.desk->room() == 0);
  CHECK_FALSE(rig.submit("c"));
  rig.desk->cancel(first);
  CHECK(rig.statuses == Words{"a cancelled"});
  CHECK(rig.desk->room() == 1);
  rig.desk->cancel_all(true);
  rig.wait_for(3);
  CHECK(rig.statuses == Words{"a cancelled", "b cancelled", "slow cancelled"});
  CHECK(rig.desk->idle());
}

TEST_CASE("desk: while one that waits is cancelled, an equal one of another goes on") {
  Rig rig;
  rig.script.put("slow", {tests::Play{{}, {}, "", true}, plays({answer(1)})});
  rig.script.put("same", {plays({answer(1)})});
  REQUIRE(rig.submit("slow"));
  rig.wait_until_judging();
  Desk::Ticket mine = 0;
  REQUIRE(rig.submit("same", &mine));
  REQUIRE(rig.submit("same"));
  rig.desk->cancel(mine);
  CHECK(rig.statuses == Words{"same cancelled"});
  CHECK(rig.desk->figures().waiting == 1);
}

TEST_CASE("desk: where no jail runs programs, what waits is answered, and judged once one does") {
  Rig rig;
  rig.launches_fail = true;
  rig.script.put("pass\n", {plays({}, sandbox::End::missing, "gone")});
  rig.script.put("one", {plays({}, sandbox::End::missing, "gone")});
  REQUIRE(rig.submit("one"));
  CHECK(rig.wait_for(1) == Words{"one missing"});
  CHECK(rig.desk->workers_up() == 0);
  rig.script.put("pass\n", {plays({})});
  rig.launches_fail = false;
  while (rig.desk->workers_up() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  rig.script.put("two", {plays({answer(1)})});
  REQUIRE(rig.submit("two"));
  CHECK(rig.wait_for(2).back() == "two pass");
  CHECK(rig.launched == 2);
}

TEST_CASE("desk: alone is one at a time, but those that only slept go together") {
  for (const bool slept : {false, true}) {
    Rig rig(2);
    if (run::worker_configs({}, 2).front().cpu < 0) return;  // one CPU for both
    sandbox::Outcome first = ended(slept ? sandbox::End::timeout_wall : sandbox::End::completed);
    first.marginal = !slept;
    const std::vector<tests::Play> plays = {
        {slept ? std::vector<tests::Answer>{} : std::vector{answer(1)}, first, "", false},
        {{}, {}, "", true}};
    rig.script.put("a", plays);
    rig.script.put("b", plays);
    // Both workers are held in the callbacks of other questions until both of ours wait.
    std::latch held(2), open(1);
    for (const char* text : {"gate", "other gate"}) {
      rig.script.put(text, {tests::plays({answer(1)})});
      REQUIRE(rig.desk->submit(rig.question(text), [&](const auto&, Source) {
        held.count_down();
        open.wait();
      }));
    }
    held.wait();
    REQUIRE(rig.submit("a"));
    REQUIRE(rig.submit("b"));
    open.count_down();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (rig.script.runs("a") + rig.script.runs("b") < (slept ? 4 : 3) &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(slept ? 0 : 100));
    CHECK(rig.desk->figures().judged_again == 2);
    CHECK(rig.desk->figures().judging == (slept ? 2 : 1));
    CHECK(rig.script.runs("a") + rig.script.runs("b") == (slept ? 4 : 3));
  }
}
