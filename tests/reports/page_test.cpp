#include "reports/page.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/charts.h"
#include "reports/document.h"
#include "reports/markdown.h"
#include "reports/payload.h"
#include "reports/text.h"
#include "tests/reports/fixture.h"
#include "tests/support/sanitized.h"

using namespace assay::reports;

namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool has_word(const std::string& text, const std::string& word) {
  const auto is_in_word = [&](std::size_t at) {
    return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
  };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    if ((at == 0 || !is_in_word(at - 1)) && !is_in_word(at + word.size())) return true;
  return false;
}

std::string first_answer(const ReportModel& m) { return answers(m)[0].sentences[0]; }

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
  CHECK(occurrences(text, "](javascript") == occurrences(text, "\\](javascript"));  // no link's end
}

TEST_CASE("hostile text in the data is visible text too") {
  auto packed_data = payload(hostile_fixture(), {});
  packed_data.erase("tests");  // code, which must stay as it is
  const auto data = packed_data.dump();
  CHECK(data.find("\u202e") == std::string::npos);
  CHECK(data.find("\\u001b") == std::string::npos);
  for (const Chart& chart : charts(hostile_fixture())) CHECK(nlohmann::json::accept(chart.spec));
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
    const std::string plain = markup(page);
    CHECK(plain.find("model-000") != std::string::npos);
    CHECK_FALSE(has_word(plain, "nan"));
    CHECK_FALSE(has_word(plain, "inf"));
    CHECK(plain.find("null") == std::string::npos);
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
  CHECK(ids.size() == 11);
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

TEST_CASE("a change of any number of the limits, of style, advice or programs shows on the page" *
          doctest::skip(assay::tests::kSanitized)) {
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
  changes("too slow", [](auto& m) { m.advice[0].too_slow += 1; });
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
  for (auto& row : m.rates) row.fp = 0;
  m.rates[0].fp = 30, m.rates[1].fp = 8, m.rates[1].fp_timeout = 7;
  const auto said = answers(m)[0].sentences;
  CHECK(said[1] ==
        "7 of these 38 wrong passes ran out of time; the others gave a wrong value or raised an "
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

TEST_CASE("the answers quote the numbers with their intervals") {
  ReportModel m = fixture();
  m.pooled[0].accepted = 4012;
  m.pooled[0].fp = 393;
  m.pooled[0].fdr = {0.098, Interval{0.071, 0.129}};
  CHECK(headline(m) == "fixture: 9.8% of the passes of all 3 models are wrong");
  CHECK(first_answer(m) ==
        "Of 4,012 programs from 3 models that passed fixture's base tests, 9.8% [7.1, 12.9] are "
        "wrong by base and plus.");
  m.pooled[0].fp = 0;
  m.pooled[0].fdr = {0.0, Interval{0, 0.02}};
  CHECK(first_answer(m).find("none was found wrong") != std::string::npos);
  CHECK(first_answer(m).find("2.0%") != std::string::npos);
  m.pooled[0].gold = "base";
  CHECK(first_answer(m).find("nothing here can show a false positive") != std::string::npos);
  // Imported counts carry proxy and gold "imported" and have false positives all the same.
  m.pooled[0].proxy = m.pooled[0].gold = "imported";
  m.pooled[0].fp = 3;
  CHECK(first_answer(m).find("passed fixture's tests, 0.0% [0.0, 2.0] are wrong.") !=
        std::string::npos);
  m.pooled[0].accepted = 0;
  CHECK(first_answer(m).find("no pass to doubt") != std::string::npos);
}

TEST_CASE("the first screen has three numbers and one chart, which is no second time on the page") {
  const Document doc = document(fixture());
  REQUIRE(doc.numbers.size() == 3);
  CHECK(doc.numbers[0].name == "wrong among passes");
  CHECK(doc.numbers[1].explanation == "model-002, the most accurate of 3 models");
  CHECK(doc.numbers[2].explanation.starts_with("from model-002"));
  REQUIRE(doc.opening);
  CHECK(doc.opening->id == "passes");
  const std::string page = markup(render(fixture()));
  CHECK(occurrences(page, "data-chart=\"passes\"") == 1);
  CHECK(page.find("data-chart=\"passes\"") < page.find("<nav"));
  // One model has nothing to be held against: what drawing again does to it is the chart.
  CHECK(document(fixture({1, 20, 50, 3})).opening->id == "resampling-right");
  CHECK(document(fixture({1, 20, 1, 3})).opening->id == "passes");
  CHECK_FALSE(document(ReportModel{}).opening);
  CHECK(document(ReportModel{}).numbers.empty());
}

TEST_CASE("four questions are answered, and each answer leads to a section that is there") {
  const Document doc = document(fixture());
  std::vector<std::string> asked;
  std::set<std::string> sections;
  for (const Section& section : doc.sections) sections.insert(section.id);
  for (const Answer& answer : doc.answers) {
    asked.push_back(answer.question);
    CHECK(sections.contains(answer.section));
  }
  CHECK(asked == std::vector<std::string>{"How far can I trust this pass rate?", "Which model?",
                                          "How many samples?", "Which tests should I add?"});
}

TEST_CASE("how many samples to draw is the smallest number that does as well as the best") {
  // "Draw at least 20 (5 do as well)" left it to the reader which of the two.
  ReportModel m = fixture();
  for (ModelLimits& row : m.limits)
    for (auto& u : row.utility) {
      u.k_opt = 20, u.regret_lo = 5, u.regret_hi = 20, u.infinite = u.censored = false;
      u.value[5] = 0.25;
    }
  const auto said = answers(m)[2].sentences;
  bool found = false;
  for (const std::string& sentence : said)
    found |= sentence.find(
                 "Draw at most 5 samples of a problem from model-002, until one passes.") == 0 &&
             sentence.find(", 20 is the best number up to 50, worth ") != sentence.npos &&
             sentence.find(" a problem, and 5 are less than 0.01 below it.") != sentence.npos;
  CHECK(found);
  CHECK(numbers(m)[2].value == "5");
  for (ModelLimits& row : m.limits)
    for (auto& u : row.utility) u.k_opt = 0, u.regret_lo = 0;
  CHECK(numbers(m)[2].value == "0");
  CHECK(answers(m)[2].sentences[1].find("is best not used at all") != std::string::npos);
}

// A stranger took for the word on 97 models what three of them had said, whose passes were 85% of all.
TEST_CASE("a rate over all models says where a few have most of the passes") {
  ReportModel m = fixture();
  const RatesRow row = m.rates[0];
  m.pooled.resize(1);
  m.pooled[0].dataset = row.dataset, m.pooled[0].fp = 10;
  m.rates.clear();
  for (int i = 0; i < 7; ++i) {
    m.rates.push_back(row);
    m.rates.back().model = "m" + std::to_string(i);
    m.rates.back().fdr.value = 0.1 * i;
    m.rates.back().tp = i < 3 ? 25 : 6, m.rates.back().fp = 1;
  }
  m.pooled[0].models = 7, m.pooled[0].accepted = 3 * 26 + 4 * 7;
  const auto says = [&](const std::string& text) {
    const auto said = answers(m)[0].sentences;
    return std::find(said.begin(), said.end(), text) != said.end();
  };
  CHECK(says(
      "73.6% of these passes are from m0, m1 and m2; of the median model's passes 30.0% are wrong."));
  CHECK(numbers(m)[0].explanation.ends_with(", 73.6% of them from 3 models"));
  m.rates.pop_back();  // of six models three are not few
  CHECK(!numbers(m)[0].explanation.ends_with("from 3 models"));
}

TEST_CASE("models are told apart by the intervals that hold for all pairs at once") {
  ReportModel m = fixture();
  for (auto& pair : m.paired) pair.simultaneous = Interval{-0.1, 0.2};
  CHECK(answers(m)[1].sentences[0].find("not told apart from model-000 and model-001") !=
        std::string::npos);
  for (auto& pair : m.paired) pair.simultaneous = Interval{-0.3, -0.1};
  CHECK(answers(m)[1].sentences[0].find("ahead of every other one") != std::string::npos);
  const Table table = paired_table(m);
  REQUIRE(table.rows.size() == 3);
  for (const auto& row : table.rows) {
    CHECK(row[2].text.starts_with("+"));  // the more accurate one stands first
    CHECK(row[3].text == "[+10.0, +30.0]");
    CHECK(row[4].text == "yes");
  }
  // Of many models only the pairs with the most accurate one are shown.
  const ReportModel many = fixture({9, 20, 20, 0});
  CHECK(paired_table(many).rows.size() == 8);
  CHECK(paired_table(many).note.find("36 pairs") != std::string::npos);
}

TEST_CASE("kinds of failure are shown by model, the most frequent first") {
  ReportModel m = fixture();
  m.counts[0].statuses["base"] = {{"pass", 60}, {"fail", 30}, {"timeout", 10}};
  m.counts[1].statuses["base"] = {{"pass", 90}, {"error", 10}};
  const Table table = failures_table(m);
  REQUIRE(table.rows.size() == 2);
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  CHECK(names == std::vector<std::string>{"model", "samples", "passed", "wrong value", "exception",
                                          "too slow"});
  CHECK(table.rows[0][0].text == "model-001");  // the more accurate one
  CHECK(table.rows[0][3].text == "0");
  CHECK(table.rows[0][3].detail.empty());
  CHECK(table.rows[1][3].text == "30");
  CHECK(table.rows[1][3].detail == "30.0%");
  m.wrong_kinds = {{}, {{"fail", 3}, {"timeout", 1}}, {}};
  REQUIRE(wrong_kinds_table(m).rows.size() == 1);
  CHECK(wrong_kinds_table(m).rows[0][0].text == "model-001");
  CHECK(wrong_kinds_table(m).rows[0][1].text == "4");
}

TEST_CASE("disputed problems are listed, and the rate without them is said") {
  ReportModel m = fixture();
  CHECK(markup(render(m)).find("id=\"disputed\"") == std::string::npos);
  Dispute dispute;
  dispute.suite.dataset = "fixture", dispute.suite.task_id = "Fixture/007",
  dispute.suite.name = "plus";
  dispute.input = "([1],)", dispute.expected = "1", dispute.answer = "2";
  dispute.programs = 9, dispute.models = 2, dispute.reference_programs = 3,
  dispute.reference_models = 1;
  dispute.wrong = 12;
  m.disputes = {dispute};
  m.undisputed = m.pooled;
  m.undisputed[0].fdr = {0.05, Interval{0.02, 0.09}};
  bool said = false;
  const std::vector<std::string> sentences = answers(m)[0].sentences;
  for (const std::string& sentence : sentences)
    said |= sentence.find("1 problem is disputed (Fixture/007)") == 0 &&
            sentence.find("Without it 5.0% [2.0, 9.0] of the passes are wrong.") != sentence.npos;
  CHECK(said);
  const Table table = disputed_table(m);
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0][3].text == "2");
  CHECK(table.rows[0][3].detail == "9 programs of 2 models");
  CHECK(render_markdown(m).find("Fixture/007") != std::string::npos);
}

TEST_CASE("verifiers with a score have a curve and a table with intervals") {
  ReportModel m = fixture();
  CHECK(score_charts(m).empty());
  assay::stats::Roc roc;
  roc.samples = 100;
  roc.auc = {0.81, Interval{0.7, 0.9}};
  roc.auc_within = {0.6, Interval{0.5, 0.7}};
  roc.points = {{4, 10, {0.3}, {0.1}, {0.2}}, {1, 100, {1.0}, {1.0}, {0.5}}};
  assay::stats::BestThreshold best;
  best.lambda = kCostRatio, best.threshold = 4;
  best.worth = {-0.125, Interval{-0.2, -0.05}};
  roc.best = {best};
  m.scored = {{"fixture", "model-000", "judge", "plus", roc}};
  REQUIRE(score_charts(m).size() == 1);
  const auto values = nlohmann::json::parse(score_charts(m)[0].spec)["data"]["values"];
  REQUIRE(values.size() == 3);  // from nothing accepted on
  CHECK(values[0]["tpr"] == 0);
  CHECK(values[1]["fpr"] == 0.1);
  const Table table = scores_table(m);
  CHECK(table.rows[0][3].text == "0.810");
  CHECK(table.rows[0][3].detail == "[0.700, 0.900]");
  CHECK(table.rows[0][7].text == "4");
  CHECK(table.rows[0][8].text == "\u22120.125");
  CHECK(score_findings(m)[0].find("81.0% [70.0, 90.0]") != std::string::npos);
  // A database of scores alone is no empty one.
  ReportModel scores_only;
  scores_only.scored = m.scored;
  CHECK(headline(scores_only) == "How far the scores of judge can be trusted");
}

TEST_CASE("Markdown has the curves as tables and what can stand in a paper") {
  const ReportModel m = fixture();
  const std::string text = render_markdown(m);
  for (const char* caption :
       {"**Answered right after at most K draws**", "**Answered wrong after at most K draws**",
        "**Wrong among what passes first at attempt k**",
        "**Wrong among passes, by number of tests**",
        "**The wrong programs that passed most often**"})
    CHECK_MESSAGE(text.find(caption) != std::string::npos, caption);
  CHECK(text.find("| model | K = 1 | K = 2 | K = 5 | K = 10 | K = 20 | K = 50 |") !=
        std::string::npos);
  const ModelLimits& row = m.limits.front();
  const std::string cell =
      percent(row.mean.tp[5]) + " " + percent_interval(Interval{*row.tp.lo[5], *row.tp.hi[5]});
  CHECK_MESSAGE(text.find("| " + cell + " |") != std::string::npos, cell);
  CHECK(text.find("```bibtex\n@misc{stroebl2024limits,") != std::string::npos);
  CHECK(text.find("We judged 3,000 samples of 3 models on 20 problems of fixture") !=
        std::string::npos);
  CHECK(text.find("\\[") == std::string::npos);  // nothing is escaped that means nothing
  CHECK(text.find("\\(") == std::string::npos);
  CHECK(text.find("\\.") == std::string::npos);
}
