// The part on learning: every number of it stands where it is looked for, and what was not learned is not
// there.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "reports/charts.h"
#include "reports/document.h"
#include "reports/markdown.h"
#include "reports/page.h"

using namespace assay;
using namespace assay::reports;
using analysis::Learned;
using analysis::Level;
using nlohmann::json;

namespace {

Learned row(const std::string& method, double fpr, double accuracy, double chains, double tokens) {
  Learned out;
  out.task = "thoughts", out.method = method, out.seeds = 3, out.problems = 500;
  out.filter = fpr > 0 ? "fpr=0.3" : "exact";
  out.filter_fpr = fpr;
  out.accuracy = {accuracy, Interval{accuracy - .02, accuracy + .02}};
  out.right_chain = {chains, Interval{chains - .03, chains + .03}};
  out.tokens = {tokens, Interval{tokens - .1, tokens + .1}};
  out.levels = {Level{1, {accuracy + .05, {}}, {chains, {}}, {tokens - 1, {}}},
                Level{6, {accuracy - .05, {}}, {chains, {}}, {tokens + 1, {}}}};
  out.fpr_before = {.10, Interval{.05, .15}};
  out.fpr = {.30, Interval{.25, .35}};
  out.fpr_moved = {.20, Interval{.15, .25}};
  return out;
}

ReportModel learned() {
  ReportModel model;
  Learned base = row("base verbose", 0, .95, .94, 9);
  base.before = true, base.filter = "", base.filter_fpr.reset();
  base.fpr = base.fpr_before = base.fpr_moved = {};
  model.learning.rows = {base, row("star", 0, .90, .85, 5), row("star", .3, .91, .70, 4),
                         row("metareason", 0, .89, .86, 3)};
  model.learning.against = {{3, 1, {.6, Interval{.55, .65}}, {-.01, Interval{-.02, .005}}, {}}};
  Learned flow;
  flow.task = "symbols", flow.method = "gflownet", flow.seeds = 2;
  flow.fit = analysis::PosteriorFit{{.31, .30, .32}, {.2, .2, .2},    {7.02, 7.02, 7.02},
                                    {.97, .97, .97}, {.52, .52, .52}, {812, 800, 824}};
  flow.fit_before =
      analysis::PosteriorFit{{}, {.9, .9, .9}, {5, 5, 5}, {.2, .2, .2}, {}, {10, 10, 10}};
  flow.target_entropy = {7.21, 7.21, 7.21}, flow.target_purity = {.55, .55, .55};
  flow.target_legal = {1, 1, 1}, flow.modes = {1000, 1000, 1000};
  flow.fpr = {.46, {}}, flow.fpr_before = {.16, {}}, flow.fpr_moved = {.30, {}};
  model.learning.rows.push_back(flow);
  return model;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

json values_of(const Chart& chart) { return json::parse(chart.spec)["data"]["values"]; }

}  // namespace

TEST_CASE("nothing learned, nothing said") {
  const ReportModel none;
  CHECK(learning_charts(none).empty());
  CHECK(learning_findings(none).empty());
  CHECK_FALSE(has(render_markdown(none), "learned"));
}

TEST_CASE("what was learned is said in sentences with its numbers") {
  const std::string text = render_markdown(learned());
  for (
      const char* part :
      {"What was learned on thoughts", "On 500 problems of thoughts: star is right in 90.0%",
       "with 5.0 [4.9, 5.1] tokens of thought", "; metareason is right in 89.0%", "3 seeds",
       "metareason thinks 40.0% [35.0, 45.0] fewer tokens than star",
       "its accuracy is 1.0 [-0.5, 2.0] points lower",
       "accepts 30.0% of the wrong answers instead of 0.0%, star comes to 91.0%",
       "gflownet comes within a KL of 0.310 nats of the posterior", "2 seeds", "from \u2013 before",
       "its entropy is 7.020 nats where the posterior has 7.210", "it finds 812 of 1000 modes",
       "the verifier accepts 30.0% [25.0, 35.0] of what star writes that is not right in every step",
       "20.0 [15.0, 25.0] points above the 10.0% [5.0, 15.0] before it learned",
       "accepts 46.0% of what gflownet writes that is not right, 30.0 points above the 16.0%"})
    CHECK_MESSAGE(has(text, part), part, "\n", text);
  CHECK_FALSE(has(text, "nan"));
}

TEST_CASE("a sampler that has gone away from the posterior is not said to have come near") {
  // "comes within a KL of 2.383 nats of the posterior, from 1.711 before" read like success.
  ReportModel model = learned();
  model.learning.rows.back().fit->kl = {2.383, 2.383, 2.383};
  model.learning.rows.back().fit_before->kl = {1.711, 1.711, 1.711};
  CHECK(has(render_markdown(model), "gflownet goes away to a KL of 2.383 nats from the posterior"));
}

TEST_CASE(
    "the tables of learning: what was reached, the posterior, the verifier before and after") {
  const ReportModel model = learned();
  const Table all = learning_table(model);
  REQUIRE(all.rows.size() == 4);
  CHECK(all.rows[0][2].text == "\u2013");  // the model before learned under no filter
  CHECK(all.rows[2][2].text == "fpr=0.3");
  CHECK(all.rows[2][5].text == "70.0%");
  CHECK(all.rows[2][5].detail == "[67.0, 73.0]");
  const Table levels = level_table(model);
  CHECK(levels.columns.size() == 4);
  CHECK(levels.rows.size() == 3);  // under filters that never err
  CHECK(levels.rows[1][3].text == "85.0%");
  CHECK(levels.rows[1][3].detail == "6.0 tokens");
  const Table fit = posterior_table(model);
  REQUIRE(fit.rows.size() == 3);
  CHECK(fit.rows[0][0].text == "the posterior");
  CHECK(fit.rows[0][4].text == "7.210");
  CHECK(fit.rows[0][5].text == "1000");
  CHECK(fit.rows[1][2].text == "\u2013");  // infinite
  CHECK(fit.rows[2][2].text == "0.310");
  CHECK(fit.rows[2][2].detail == "0.300 to 0.320");
  CHECK(fit.rows[2][3].detail == "");
  const Table fpr = fpr_table(model);
  REQUIRE(fpr.rows.size() == 4);
  CHECK(fpr.rows[0][4].text == "30.0%");
  CHECK(fpr.rows[0][5].text == "+20.0 pp");
  CHECK(fpr.rows[0][5].detail == "[+15.0, +25.0]");
  CHECK(fpr.rows[3][3].text == "16.0%");
  CHECK(against_table(model).rows.at(0).at(5).text == "\u2013");
}

TEST_CASE("the charts of learning hold every point, its task and its interval") {
  const auto charts = learning_charts(learned());
  REQUIRE(charts.size() == 4);
  std::set<std::string> ids;
  for (const Chart& chart : charts) {
    CHECK(ids.insert(chart.id).second);
    CHECK(chart.alt.size() > 20);
    CHECK(chart.choices == std::vector<std::string>{"thoughts"});
  }
  const json points = values_of(charts[0]);
  REQUIRE(points.size() == 3);  // star under a filter that errs has its place elsewhere
  CHECK(points[0]["kind"] == "before");
  CHECK(points[1]["tokens"] == 5);
  CHECK(points[1]["tokens_lo"] == doctest::Approx(4.9));
  CHECK(points[1]["hi"] == doctest::Approx(.92));
  CHECK(values_of(charts[1])[1]["value"] == 10);
  CHECK(values_of(charts[2])[2]["value"] == doctest::Approx(.95));
  const json filters = values_of(charts[3]);
  REQUIRE(filters.size() == 4);  // star alone learned under two filters
  CHECK(filters[3]["fpr"] == doctest::Approx(.3));
  CHECK(filters[3]["figure"] == "right in every step");
  CHECK(filters[3]["value"] == doctest::Approx(.7));
}

TEST_CASE("a page of nothing but trainings shows them, and hostile names stay text") {
  ReportModel model = learned();
  model.learning.rows[1].distinction = "from </script><img src=x onerror=alert(1)>";
  const std::string page = render(model);
  const std::string markup = page.substr(0, page.find("<script type="));
  CHECK(has(markup, "What each way of learning came to"));
  CHECK(has(markup, "Tokens and accuracy"));
  CHECK_FALSE(has(markup, "<img"));
}
