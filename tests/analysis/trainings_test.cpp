#include "harness/analysis/trainings.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::analysis;
using nlohmann::json;
using store::TrainingAnswer;

namespace {

struct Filled {
  tests::Scratch scratch;
  std::unique_ptr<store::Database> database = store::open(scratch.path("t.db"), true);
  int stored = 0;

  void put(const std::string& method, std::int64_t seed, const json& options, const json& record,
           const std::vector<TrainingAnswer>& answers, const std::string& task = "thoughts") {
    store::put_training(*database, {std::to_string(++stored), method, task, seed, options.dump(),
                                    record.dump(), answers});
  }
  Learning learned() const {
    stats::BootstrapOptions options;
    options.replicates = 500;
    return learning(*database, options);
  }
};

/// Problem `i` of the task, of difficulty 1 for even and 2 for odd ones.
TrainingAnswer answer(const std::string& who, int i, int tokens, int right, int chain,
                      int accepted) {
  return {who,
          "thoughts",
          "thoughts/" + std::to_string(i),
          1 + i % 2,
          1,
          tokens,
          right,
          chain,
          accepted,
          accepted && !chain};
}

json under(double fpr) {
  return {{"eval", json::object()},
          {"options", {{"filter", fpr > 0 ? "fpr=" + json(fpr).dump() : "exact"}, {"fpr", fpr}}}};
}

const Learned* row_of(const Learning& learning, const std::string& method,
                      const std::string& filter = "") {
  for (const Learned& row : learning.rows)
    if (row.method == method && (filter.empty() || row.filter == filter)) return &row;
  return nullptr;
}

}  // namespace

TEST_CASE("seeds are counted together, by problem and by difficulty") {
  Filled filled;
  filled.put("star", 1, {{"from", "base1.gpt"}}, under(0),
             {answer("trained", 0, 4, 1, 1, 1), answer("trained", 1, 8, 1, 0, 1),
              answer("trained", 2, 4, 1, 1, 1), answer("trained", 3, 8, 0, 0, 0)});
  filled.put("star", 2, {{"from", "base2.gpt"}}, under(0),
             {answer("trained", 0, 2, 1, 1, 1), answer("trained", 1, 6, 1, 1, 1),
              answer("trained", 2, 2, 1, 1, 1), answer("trained", 3, 6, 1, 0, 1)});
  const Learning learned = filled.learned();
  REQUIRE(learned.rows.size() == 1);
  const Learned& row = learned.rows[0];
  CHECK(row.seeds == 2);
  CHECK(row.problems == 4);
  CHECK(row.distinction == "");
  CHECK(row.filter == "exact");
  CHECK(*row.filter_fpr == 0);
  CHECK(*row.accuracy.value == doctest::Approx(7.0 / 8));
  CHECK(*row.right_chain.value == doctest::Approx(5.0 / 8));
  CHECK(*row.tokens.value == doctest::Approx(5));
  CHECK(row.accuracy.interval->lo == doctest::Approx(.156).epsilon(.01));  // t with three degrees
  CHECK(row.accuracy.interval->hi == doctest::Approx(.996).epsilon(.01));
  // Accepted, of the three answers that are not right in every step.
  CHECK(*row.fpr.value == doctest::Approx(2.0 / 3));
  CHECK_FALSE(row.fpr_before.value);
  CHECK_FALSE(row.fpr_moved.value);
  REQUIRE(row.levels.size() == 2);
  CHECK(row.levels[0].difficulty == 1);
  CHECK(*row.levels[0].accuracy.value == doctest::Approx(1));
  // Two problems that are always right: what others would do is bounded exactly.
  CHECK(row.levels[0].accuracy.interval->lo ==
        doctest::Approx(1 - stats::zero_event_bound(2, .95)));
  CHECK(*row.levels[0].tokens.value == doctest::Approx(3));
  CHECK(*row.levels[1].accuracy.value == doctest::Approx(3.0 / 4));
  CHECK(*row.levels[1].right_chain.value == doctest::Approx(1.0 / 4));
  CHECK(*row.levels[1].tokens.value == doctest::Approx(7));
  CHECK_FALSE(row.fit);
  CHECK(learned.against.empty());
}

TEST_CASE("a model before is counted once, and what the verifier lets through is held against it") {
  Filled filled;
  // The same base, whose answers each training's own filter judged otherwise.
  const std::vector<TrainingAnswer> base = {
      answer("base", 0, 4, 1, 1, 1), answer("base", 1, 6, 1, 0, 1), answer("base", 2, 6, 0, 0, 0)};
  std::vector<TrainingAnswer> exact = base, erring = base;
  erring[2] = answer("base", 2, 6, 0, 0, 1);
  for (const int i : {0, 1, 2}) exact.push_back(answer("trained", i, 2, i < 2, i < 1, i < 2));
  for (const int i : {0, 1, 2}) erring.push_back(answer("trained", i, 2, i < 2, 0, 1));
  filled.put("star", 1, json::object(), under(0), exact);
  filled.put("star", 1, {{"filter", "fpr=0.3"}}, under(.3), erring);
  const Learning learned = filled.learned();
  REQUIRE(learned.rows.size() == 3);
  CHECK(learned.rows[0].before);
  CHECK(learned.rows[0].method == "base");
  CHECK(learned.rows[0].seeds == 1);
  CHECK(*learned.rows[0].accuracy.value == doctest::Approx(2.0 / 3));
  const Learned& clean = *row_of(learned, "star", "exact");
  CHECK(*clean.fpr_before.value == doctest::Approx(1.0 / 2));
  CHECK(*clean.fpr.value == doctest::Approx(1.0 / 2));
  CHECK(*clean.fpr_moved.value == doctest::Approx(0));
  const Learned& dirty = *row_of(learned, "star", "fpr=0.3");
  CHECK(*dirty.filter_fpr == doctest::Approx(.3));
  CHECK(dirty.distinction == "");  // filters have a place of their own
  CHECK(*dirty.fpr_before.value == doctest::Approx(1));
  CHECK(*dirty.fpr.value == doctest::Approx(1));
}

TEST_CASE(
    "rows are held against STaR under the same filter and the models before, problem by problem") {
  Filled filled;
  std::vector<TrainingAnswer> star, metareason;
  for (int i = 0; i < 10; ++i) {
    star.push_back(answer("trained", i, 4 + i % 3, i < 8, i < 8, i < 8));
    metareason.push_back(answer("trained", i, (4 + i % 3) / 2, i < 7, i < 6, i < 7));
    metareason.push_back(answer("base verbose", i, 10, i < 9, i < 9, i < 9));
  }
  filled.put("metareason", 1, {{"gamma", "0.1"}}, under(0), metareason);
  filled.put("star", 1, json::object(), under(0), star);
  filled.put("star", 1, {{"filter", "fpr=0.3"}}, under(.3), star);
  const Learning learned = filled.learned();
  const auto held = [&](const std::string& row, const std::string& other) -> const Against& {
    const Against* found = nullptr;
    for (const Against& one : learned.against)
      if (learned.rows[one.row].method == row && learned.rows[one.row].filter == "exact" &&
          learned.rows[one.other].method == other) {
        REQUIRE_FALSE(found);
        found = &one;
      }
    REQUIRE(found);
    return *found;
  };
  const Against& against = held("metareason", "star");
  // 4, 5, 6 tokens become 2, 2, 3: 4 of ten problems have 4.
  CHECK(*against.tokens.value == doctest::Approx(23.0 / 49));
  CHECK(against.tokens.interval->lo > .4);
  CHECK(against.tokens.interval->hi < .53);
  CHECK(*against.accuracy.value == doctest::Approx(-.1));
  CHECK(*against.right_chain.value == doctest::Approx(-.2));
  CHECK(against.accuracy.interval->lo < -.2);
  CHECK(against.accuracy.interval->hi > 0);  // they differ on one problem of ten: chance may be all
  CHECK(*held("metareason", "base verbose").tokens.value == doctest::Approx(.23));
  CHECK(*held("star", "base verbose").accuracy.value == doctest::Approx(-.1));
}

TEST_CASE("a training is held against the model that it began with, whatever others began with") {
  // The models before of all trainings were pooled, and a loss was told as a gain.
  Filled filled;
  filled.put("star", 1, {{"from", "good.gpt"}}, under(0),
             {answer("trained", 0, 4, 1, 1, 1), answer("trained", 1, 4, 0, 0, 0),
              answer("base", 0, 4, 1, 1, 1), answer("base", 1, 4, 1, 1, 1)});
  filled.put("shortest", 1, {{"from", "bad.gpt"}}, under(0),
             {answer("trained", 0, 4, 1, 1, 1), answer("trained", 1, 4, 0, 0, 0),
              answer("base", 0, 4, 0, 0, 0), answer("base", 1, 4, 0, 0, 0)});
  const Learning learned = filled.learned();
  int held = 0;
  for (const Against& one : learned.against) {
    if (!learned.rows[one.other].before) continue;
    const bool star = learned.rows[one.row].method == "star";
    CHECK(*one.accuracy.value == doctest::Approx(star ? -.5 : .5));
    ++held;
  }
  CHECK(held == 2);
}

TEST_CASE("what stages of one seed began with is not shown as one model") {
  // An sft began with a base, a gflownet with that sft: their mean was told as a base of two seeds.
  Filled filled;
  filled.put("sft", 1, json::object(), under(0),
             {answer("base", 0, 4, 0, 0, 0), answer("trained", 0, 4, 1, 1, 1)});
  filled.put("gflownet", 1, json::object(), under(0),
             {answer("base", 0, 4, 1, 1, 1), answer("trained", 0, 4, 1, 1, 1)});
  const Learning learned = filled.learned();
  CHECK(!row_of(learned, "base"));
  const Learned* mixed = row_of(learned, "base: the mean of 2 models, what each began with");
  REQUIRE(mixed);
  CHECK(*mixed->accuracy.value == doctest::Approx(.5));
  for (const Against& one : learned.against) {
    const double gain = learned.rows[one.row].method == "sft" ? 1 : 0;
    CHECK(*one.accuracy.value == doctest::Approx(gain));
  }
}

TEST_CASE("options tell rows of a method apart, and files do where a seed comes twice") {
  Filled filled;
  const std::vector<TrainingAnswer> answers = {answer("trained", 0, 1, 1, 1, 1),
                                               answer("trained", 1, 1, 1, 1, 1)};
  filled.put("metareason", 1, {{"gamma", "0.1"}, {"from", "a"}}, under(0), answers);
  filled.put("metareason", 2, {{"gamma", "0.1"}, {"from", "b"}}, under(0), answers);
  filled.put("metareason", 1, {{"gamma", "0.3"}, {"from", "a"}}, under(0), answers);
  filled.put("metareason", 1, {{"gamma", "0.3"}, {"from", "c"}}, under(0), answers);
  const Learning learned = filled.learned();
  REQUIRE(learned.rows.size() == 3);
  CHECK(learned.rows[0].seeds == 2);
  CHECK(learned.rows[0].distinction == "gamma 0.1");
  CHECK(learned.rows[1].distinction == "from a, gamma 0.3");
  CHECK(learned.rows[2].distinction == "from c, gamma 0.3");
}

TEST_CASE("a record without answers is read by its keys") {
  Filled filled;
  const auto record = [](double three, double four, double fpr) {
    return json{{"eval",
                 {{"accuracy", {{"3", three}, {"4", four}}},
                  {"right_chain", {{"3", three / 2}, {"4", four / 2}}},
                  {"fpr", fpr},
                  {"kl", fpr},
                  {"tv", .1},
                  {"entropy", 2},
                  {"target_entropy", 2.5},
                  {"purity", nullptr},
                  {"modes", 10},
                  {"modes_found", 4}}},
                {"before",
                 {{"accuracy", {{"3", .1}, {"4", .1}}},
                  {"fpr", .5},
                  {"kl", nullptr},
                  {"tv", .9},
                  {"entropy", 3}}}};
  };
  filled.put("gflownet", 1, json::object(), record(.8, .6, .2), {}, "arithmetic");
  filled.put("gflownet", 2, json::object(), record(.6, .2, .4), {}, "arithmetic");
  filled.put("prm", 1, json::object(), {{"eval", {{"auc", .9}}}}, {}, "chains");
  filled.put("base", 1, json::object(), {{"eval", {{"accuracy", .9}}}}, {}, "chains");
  const Learning learned = filled.learned();
  REQUIRE(learned.rows.size() == 2);
  CHECK(learned.rows[0].before);
  CHECK(*learned.rows[0].accuracy.value == doctest::Approx(.1));
  CHECK(learned.rows[0].seeds == 1);  // told twice, the same
  const Learned& row = learned.rows[1];
  CHECK(row.task == "arithmetic");
  CHECK(*row.accuracy.value == doctest::Approx(.55));
  CHECK_FALSE(row.accuracy.interval);
  CHECK_FALSE(row.tokens.value);
  REQUIRE(row.levels.size() == 2);
  CHECK(row.levels[1].difficulty == 4);
  CHECK(*row.levels[1].accuracy.value == doctest::Approx(.4));
  CHECK(*row.levels[1].right_chain.value == doctest::Approx(.2));
  CHECK(*row.fpr.value == doctest::Approx(.3));
  CHECK(*row.fpr_before.value == doctest::Approx(.5));
  CHECK(*row.fpr_moved.value == doctest::Approx(-.2));
  REQUIRE(row.fit);
  CHECK(*row.fit->kl.mean == doctest::Approx(.3));
  CHECK(*row.fit->kl.least == doctest::Approx(.2));
  CHECK(*row.fit->kl.most == doctest::Approx(.4));
  CHECK_FALSE(row.fit->purity.mean);
  CHECK(*row.fit->modes_found.mean == 4);
  REQUIRE(row.fit_before);
  CHECK_FALSE(row.fit_before->kl.mean);  // infinite
  CHECK(*row.target_entropy.mean == doctest::Approx(2.5));
}

TEST_CASE("a record that is none is a damaged database") {
  Filled filled;
  store::put_training(*filled.database, {"1", "star", "thoughts", 1, "{}", "{", {}});
  CHECK_THROWS_AS(filled.learned(), Error);
}

TEST_CASE("the rate of wrong acceptance of a list of answers") {
  stats::BootstrapOptions options;
  options.replicates = 200;
  CHECK_FALSE(false_positive_rate({}, options).value);
  CHECK_FALSE(false_positive_rate({answer("base", 0, 1, 1, 1, 1)}, options).value);
  const auto found =
      false_positive_rate({answer("base", 0, 1, 1, 1, 1), answer("base", 1, 1, 1, 0, 1),
                           answer("base", 2, 1, 0, 0, 0), answer("base", 3, 1, 0, 0, 0)},
                          options);
  CHECK(*found.value == doctest::Approx(1.0 / 3));
  CHECK(found.interval);
}
