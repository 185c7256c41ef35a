#include "harness/train/target.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "harness/base/error.h"

using namespace assay;
using namespace assay::train;

static std::string trouble(const std::string& json) {
  try {
    parse_target(json, "rewards.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("the nodes of a space are its sequences, the shorter ones first") {
  const Space space = {3, 2};
  CHECK(space.size() == 13);
  CHECK(space.inner() == 4);
  CHECK(space.sequence(0).empty());
  CHECK(space.sequence(3) == std::vector<std::int32_t>{2});
  CHECK(space.sequence(space.child(3, 1)) == std::vector<std::int32_t>{2, 1});
  CHECK(space.sequence(12) == std::vector<std::int32_t>{2, 2});
  CHECK(Space{5, 6}.size() == 19531);
  CHECK(Space{1, 7}.size() == 8);
}

TEST_CASE("the posterior and what is measured against it, by hand") {
  const Target target = parse_target(
      R"({"symbols": 2, "length_max": 1, "log_reward": {"": 0, "0": 1.0986122886681098, "1": null},
          "truth": {"0": 1}})",
      "x");
  const auto log_p = log_posterior(target);
  CHECK(std::exp(log_p[0]) == doctest::Approx(.25));
  CHECK(std::exp(log_p[1]) == doctest::Approx(.75));
  CHECK(std::exp(log_p[2]) == 0);
  CHECK(std::exp(log_posterior(target, .5)[1]) == doctest::Approx(.9));
  const double never = -std::numeric_limits<double>::infinity();
  const Fit fit = fit_of(target, {std::log(.5), std::log(.5), never});
  CHECK(fit.kl == doctest::Approx(.25 * std::log(.5) + .75 * std::log(1.5)));
  CHECK(fit.tv == doctest::Approx(.25));
  CHECK(fit.entropy == doctest::Approx(std::log(2)));
  CHECK(fit.target_entropy == doctest::Approx(-.25 * std::log(.25) - .75 * std::log(.75)));
  CHECK(fit.legal == doctest::Approx(1));
  CHECK(*fit.purity == doctest::Approx(.5));
  CHECK(*fit.target_purity == doctest::Approx(.75));
  CHECK(fit_of(target, log_p).kl == doctest::Approx(0));
  CHECK(std::isinf(fit_of(target, {0, never, never}).kl));
}

TEST_CASE("purity is the share of the right in what is accepted, and unknown without a truth") {
  Target target = parse_target(
      R"({"symbols": 3, "length_max": 1, "log_reward": {"": 0, "0": 0, "1": 0, "2": 0},
          "accepted": {"0": 1, "1": true, "2": 0}, "truth": {"1": 1, "2": 1}})",
      "x");
  const auto log_p = log_posterior(target);
  const Fit fit = fit_of(target, log_p);
  CHECK(fit.target_legal == doctest::Approx(.5));
  CHECK(*fit.target_purity == doctest::Approx(.5));  // what is right and rejected is not chosen
  target.truth.clear();
  CHECK_FALSE(fit_of(target, log_p).purity);
}

TEST_CASE("the verifier's false positive rate on what a policy writes, by hand") {
  const Target target = parse_target(
      R"({"symbols": 3, "length_max": 1, "log_reward": {"": 0, "0": 0, "1": 0, "2": 0},
          "accepted": {"0": 1, "1": 0.5, "2": 1}, "truth": {"2": 1}})",
      "x");
  const Fit fit = fit_of(target, {std::log(.4), std::log(.3), std::log(.2), std::log(.1)});
  CHECK(*fit.fpr == doctest::Approx((.3 + .5 * .2) / .9));
  CHECK(*fit.target_fpr == doctest::Approx(.5));
  Target unknown = target;
  unknown.truth.clear();
  CHECK_FALSE(fit_of(unknown, log_posterior(target)).fpr);
  const double never = -std::numeric_limits<double>::infinity();
  CHECK_FALSE(fit_of(target, {never, never, never, 0}).fpr);  // nothing wrong is written
}

TEST_CASE("the modes are the fewest sequences with nine tenths, found with half of their mass") {
  // Posterior .5, .3, .15, .05: the first three are modes.
  const Target target = parse_target(
      R"({"symbols": 3, "length_max": 1, "log_reward": {"": -0.6931471805599453, "0": -1.2039728043259361,
          "1": -1.8971199848858813, "2": -2.995732273553991}})",
      "x");
  const Fit fit = fit_of(target, {std::log(.26), std::log(.14), std::log(.08), std::log(.52)});
  CHECK(fit.modes == 3);
  CHECK(fit.modes_found == 2);
  CHECK(fit_of(target, log_posterior(target)).modes_found == 3);
  // Ten of equal mass are held by nine of them, whatever ten tenths add up to.
  const Target level = parse_target(
      R"({"symbols": 9, "length_max": 1, "log_reward": {"": 0, "0": 0, "1": 0, "2": 0, "3": 0, "4": 0,
          "5": 0, "6": 0, "7": 0, "8": 0}})",
      "x");
  CHECK(fit_of(level, log_posterior(level)).modes == 9);
}

TEST_CASE("what is wrong with a file of rewards is said in one sentence that names the place") {
  const std::string head = R"({"symbols": 2, "length_max": 2, "log_reward": )";
  const std::string all = R"({"": 0, "0": 0, "1": 0, "0,0": 0, "0,1": 0, "1,0": 0)";
  CHECK(trouble(head + all + R"(, "1,1": -3}})") == "");
  const auto says = [&](const std::string& json, const char* part) {
    const std::string said = trouble(json);
    CHECK_MESSAGE(said.find(part) != said.npos, said);
    CHECK(said.starts_with("rewards.json"));
  };
  says(head + all + "}}", "has none of sequence 1,1");
  says(head + R"({"0": 0}})", "has none of the empty sequence");
  says(head + all + R"(, "1,1": "x"}})", "sequence 1,1");
  says(head + all + R"(, "1,1": 1e6}})", "from -100000 to 100000");
  says(head + all + R"(, "1,1": -1e999}})", "not JSON");
  says(head + all + R"(, "1,1": -Infinity}})", "not JSON");
  says(head + all + R"(, "1,1": 0, "1,1": 2}})", "stands twice");
  says(head + all + R"(, "1,1": 0, "1,2": 2}})", "symbols from 0 to 1");
  says(head + all + R"(, "1,1": 0, "01": 2}})", "symbols from 0 to 1");
  says(head + all + R"(, "1,1": 0, "1,1,0": 2}})", "`length_max` is 2");
  says(head + all + R"(, "1,1": 0}, "thruth": {}})", "no key `thruth`");
  says(head + all + R"(, "1,1": 0}, "truth": {"1": 2}})", "`truth`, sequence 1");
  says(head + all + R"(, "1,1": 0}, "length_min": 1})", "shorter than `length_min`");
  says(
      head +
          R"({"": null, "0": null, "1": null, "0,0": null, "0,1": null, "1,0": null, "1,1": null}})",
      "nothing to learn");
  says(R"({"symbols": 0, "length_max": 2, "log_reward": {}})", "`symbols`");
  says(R"({"symbols": 10, "length_max": 9, "log_reward": {}})", "too many");
  says(R"({"symbols": 2, "length_max": 2})", "`log_reward`");
  says("[1]", "object");
  says("", "is empty");
}

TEST_CASE("length_min spares the shorter sequences and takes their reward away") {
  const Target target = parse_target(
      R"({"symbols": 2, "length_max": 2, "length_min": 2, "log_reward": {"": null, "0,0": 0, "0,1": 0,
          "1,0": null, "1,1": null}})",
      "x");
  const std::vector<bool> reaches = alive(target);
  CHECK(reaches == std::vector<bool>{true, true, false, true, true, false, false});
}
