#include "reports/page.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "reports/charts.h"
#include "reports/document.h"
#include "reports/markdown.h"
#include "reports/payload.h"
#include "reports/text.h"
#include "tests/reports/fixture.h"

using namespace assay::reports;

namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The page without its packed blocks: what could be markup.
std::string markup(const std::string& page) { return page.substr(0, page.find("<script type=")); }

}  // namespace

TEST_CASE("the page is self-contained and its policy admits only its own code") {
  const std::string page = render(fixture());
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(page.find("unsafe") == std::string::npos);
  CHECK(page.find("http:") == std::string::npos);
  CHECK(occurrences(page, "<script") == 3);
  CHECK(occurrences(page, "sha256-") == 3);
  CHECK(page.size() < 800 * 1024);
}

TEST_CASE("the same model gives the same bytes") {
  CHECK(render(fixture()) == render(fixture()));
  CHECK(render_markdown(fixture()) == render_markdown(fixture()));
}

TEST_CASE("hostile text becomes text") {
  const std::string page = render(hostile_fixture()), plain = markup(page);
  CHECK(occurrences(page, "<script") == 3);
  CHECK(plain.find("<img") == std::string::npos);
  CHECK(plain.find("onerror=\"") == std::string::npos);
  CHECK(plain.find("{{payload}}") != std::string::npos);  // as text, not filled in
  CHECK(plain.find("\u202e") == std::string::npos);
  for (const char c : plain)
    CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
  const std::string text = render_markdown(hostile_fixture());
  CHECK(text.find("<script") == std::string::npos);
  CHECK(text.find("](javascript") == std::string::npos);
}

TEST_CASE("hostile text in the data is visible text too") {
  auto packed_data = payload(hostile_fixture(), {});
  packed_data.erase("tests");  // code, which must stay as it is
  const auto data = packed_data.dump();
  CHECK(data.find("\u202e") == std::string::npos);
  CHECK(data.find("\\u001b") == std::string::npos);
  for (const Chart& chart : charts(hostile_fixture()))
    CHECK_NOTHROW(nlohmann::json::parse(chart.spec));
}

TEST_CASE("an empty database says so and how to fill it") {
  const std::string page = markup(render(ReportModel{}));
  CHECK(page.find("holds nothing to rate yet") != std::string::npos);
  CHECK(page.find("assay run") != std::string::npos);
  CHECK(page.find("<table") == std::string::npos);
  CHECK(page.find("<figure") == std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("small and large databases make a page") {
  for (const FixtureSize size : {FixtureSize{1, 1, 1, 0}, FixtureSize{1, 20, 50, 1},
                                 FixtureSize{2, 1, 2, 0}, FixtureSize{500, 20, 1, 3}}) {
    const std::string page = render(fixture(size));
    CHECK(page.size() < 3 * 1024 * 1024);
    CHECK(std::regex_search(markup(page), std::regex("model-000")));
    CHECK_FALSE(std::regex_search(markup(page), std::regex("\\bnan\\b|\\binf\\b|null")));
  }
}

TEST_CASE("one sample per problem draws no curve") {
  std::set<std::string> ids;
  for (const Chart& chart : charts(fixture({3, 20, 1, 0}))) ids.insert(chart.id);
  CHECK_FALSE(ids.contains("resampling-right"));
  CHECK_FALSE(ids.contains("utility"));
  CHECK(ids.contains("accuracy"));
}

TEST_CASE("every chart has a name of its own, words for those who do not see it, and data") {
  std::set<std::string> ids;
  for (const Chart& chart : charts(fixture())) {
    CHECK(ids.insert(chart.id).second);
    CHECK(chart.alt.size() > 20);
    CHECK(chart.explanation.size() > 20);
    CHECK_FALSE(nlohmann::json::parse(chart.spec)["data"]["values"].empty());
  }
  CHECK(ids.size() == 10);
}

TEST_CASE(
    "the chart of rules says what each is worth, and is left out where nothing was simulated") {
  ReportModel m = fixture();
  const std::vector<Chart> made = rule_charts(m);
  REQUIRE(made.size() == 1);
  CHECK(made[0].choice == m.limits.back().model);
  CHECK(made[0].alt.find("rational is worth 0.450") != std::string::npos);
  const nlohmann::json first = nlohmann::json::parse(made[0].spec)["data"]["values"][0];
  const ModelLimits& row = m.limits[0];
  CHECK(first["rule"] == "first");
  for (std::size_t k = 0; k < row.k.size(); ++k)
    CHECK(first["value"][k].get<double>() ==
          doctest::Approx(row.mean.tp[k] - row.mean.fp[k]).epsilon(1e-6));
  for (auto& s : m.simulations) s.worth[0].costs.lambda = 3;  // not the worth that is drawn
  CHECK(rule_charts(m).empty());
  m.simulations.clear();
  CHECK(rule_charts(m).empty());
}

// The mutation check: whatever number of the model changes, the page changes with it.
TEST_CASE("a change of any number of the rates shows in its cell") {
  const auto cells = [](const ReportModel& m) {
    std::map<std::string, double> out;
    for (const auto& row : rates_table(m).rows)
      for (const Cell& c : row)
        if (!c.field.empty() && c.value) out[row[0].text + "." + c.field] = *c.value;
    return out;
  };
  const ReportModel before = fixture();
  const auto was = cells(before);
  for (const auto& [name, field] : assay::stats::rate_fields()) {
    ReportModel after = before;
    (after.rates[1].*field).value = 0.123456789;
    const auto now = cells(after);
    const std::string key = "model-001." + std::string(name);
    if (!was.contains(key)) continue;
    CHECK(now.at(key) == 0.123456789);
    for (const auto& [other, value] : was)
      if (other != key) CHECK(now.at(other) == value);
    CHECK(render(after).find("data-value=\"0.123456789\"") != std::string::npos);
  }
}

TEST_CASE("a change of any number of the limits, of style, advice or programs shows on the page") {
  const auto said = [](const ReportModel& m) {
    std::string out = render_markdown(m) + markup(render(m));
    for (const Chart& chart : charts(m)) out += chart.spec + chart.alt;
    return out + payload(m, {}).dump();
  };
  ReportModel before = fixture();
  before.limits[1].fitted.emplace();
  before.limits[1].fitted->k = {60, 100};
  before.limits[1].fitted->mean.tp = before.limits[1].fitted->mean.fp = {0.5, 0.6};
  const std::string was = said(before);
  int changed = 0;
  const auto changes = [&](const char* what, const std::function<void(ReportModel&)>& change) {
    ReportModel after = before;
    change(after);
    CHECK_MESSAGE(said(after) != was, what);
    ++changed;
  };
  changes("tp", [](auto& m) { m.limits[1].mean.tp[7] += 1e-4; });
  changes("fp", [](auto& m) { m.limits[1].mean.fp[7] += 1e-4; });
  changes("draws", [](auto& m) { m.limits[1].mean.draws[7] += 1e-4; });
  changes("tp band", [](auto& m) { m.limits[1].tp.lo[7] = 0.0123; });
  changes("fp band", [](auto& m) { m.limits[1].fp.hi[7] = 0.0123; });
  changes("fdr by attempt", [](auto& m) { m.limits[1].fdr_by_attempt[1] = 0.0123; });
  changes("its band", [](auto& m) { m.limits[1].fdr.lo[1] = 0.0123; });
  changes("n", [](auto& m) { m.limits[1].n_min += 1; });
  for (std::size_t i = 0; i < before.limits[1].utility.size(); ++i) {
    changes("best K", [i](auto& m) { m.limits[1].utility[i].k_opt = 17; });
    changes("its worth", [i](auto& m) { *m.limits[1].utility[i].worth.value += 0.01; });
    changes("regret", [i](auto& m) { m.limits[1].utility[i].regret_hi = 777; });
    changes("censored", [i](auto& m) { m.limits[1].utility[i].censored ^= true; });
  }
  changes("match",
          [](auto& m) { m.limits[0].k_match[0].k = 31, m.limits[0].k_match[0].infinite = false; });
  changes("its probability", [](auto& m) { m.limits[0].k_match[0].probability = 0.123; });
  changes("fdr by tests", [](auto& m) { m.limits[1].suite_size->fdr[2].value = 0.0123; });
  changes("its interval", [](auto& m) { m.limits[1].suite_size->fdr[2].interval->hi = 0.0123; });
  changes("fitted tp", [](auto& m) { m.limits[1].fitted->mean.tp[1] += 1e-4; });
  changes("fitted fp", [](auto& m) { m.limits[1].fitted->mean.fp[1] += 1e-4; });
  changes("slope", [](auto& m) { *m.regressions[0].line.slope.value += 1e-3; });
  changes("intercept", [](auto& m) { *m.regressions[0].line.intercept.value += 1e-3; });
  changes("counts", [](auto& m) { m.counts[1].problems[15].fp += 1; });
  changes("pooled", [](auto& m) { m.pooled[0].fdr.value = 0.0123; });
  changes("style", [](auto& m) { m.style[0].paired.value = 0.0123; });
  changes("style's interval", [](auto& m) { m.style[0].paired.interval->lo = -0.123; });
  changes("catches", [](auto& m) { m.advice[0].tests[0].catches += 1; });
  changes("uncaught", [](auto& m) { m.advice[0].uncaught += 1; });
  changes("copies", [](auto& m) { m.false_positives[3].copies[0].count += 1; });
  changes("capped", [](auto& m) { m.false_positives[3].nearest_capped = true; });
  changes("tests failed", [](auto& m) { m.false_positives[3].tests_failed += 1; });
  CHECK(changed > 40);
}

// A page once named a model by 1 wrong pass of 3, [0, 100], and did not say that most samples had
// no verdict yet.
TEST_CASE("the least trusted model is one with evidence, and what is not judged is said") {
  ReportModel m = fixture();
  m.rates[2].fdr = {0.9, Interval{0.0, 1.0}};
  m.rates[0].fdr = {0.2, Interval{0.1, 0.3}};
  m.rates[1].fdr = {0.1, Interval{0.05, 0.2}};
  m.rates[0].not_run = 108;
  const auto said = findings(m);
  CHECK(said[1] ==
        "7 of these 38 wrong passes ran out of time; the others gave a wrong answer or raised an "
        "exception.");
  CHECK(said[2] == "108 of 3,108 samples have no verdict of all these tests and are in no rate.");
  CHECK(said[3].find("passes of model-000: 20.0%") != std::string::npos);
}

TEST_CASE("what cannot be known from one sample fills no table") {
  // 94 rows of dashes, for models with one sample a problem, hid the two that said something.
  ReportModel m = fixture();
  CHECK(render(m, {}).find("left out: what more samples would bring") == std::string::npos);
  for (ModelLimits& row : m.limits) {
    if (row.k_match.size() < 2) continue;  // one model stays as it is
    row.n_min = 1;
    for (auto& match : row.k_match) match.k.reset(), match.infinite = false;
  }
  CHECK(render(m, {}).find("left out: what more samples would bring") != std::string::npos);
}

TEST_CASE("the findings quote the numbers with their intervals") {
  ReportModel m = fixture();
  m.pooled[0].accepted = 4012;
  m.pooled[0].fp = 393;
  m.pooled[0].fdr = {0.098, Interval{0.071, 0.129}};
  CHECK(headline(m) == "fixture: 9.8% of the passes are wrong");
  CHECK(findings(m)[0] ==
        "Of 4,012 programs from 3 models that passed fixture's base tests, 9.8% [7.1, 12.9] are "
        "wrong by base and plus.");
  m.pooled[0].fp = 0;
  m.pooled[0].fdr = {0.0, Interval{0, 0.02}};
  CHECK(findings(m)[0].find("none was found wrong") != std::string::npos);
  CHECK(findings(m)[0].find("2.0%") != std::string::npos);
  m.pooled[0].gold = "base";
  CHECK(findings(m)[0].find("nothing here can show a false positive") != std::string::npos);
  // Imported counts carry proxy and gold "imported" and have false positives all the same.
  m.pooled[0].proxy = m.pooled[0].gold = "imported";
  m.pooled[0].fp = 3;
  CHECK(findings(m)[0].find("passed fixture's tests, 0.0% [0.0, 2.0] are wrong.") !=
        std::string::npos);
  m.pooled[0].accepted = 0;
  CHECK(findings(m)[0].find("no pass to doubt") != std::string::npos);
}
