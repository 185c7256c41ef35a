#include "reports/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/text.h"

namespace assay::reports {

namespace {

void add(Section& section, std::vector<Chart> charts) {
  for (Chart& chart : charts) section.blocks.emplace_back(std::move(chart));
}

void add(Section& section, Table table) {
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
}

void add(Section& section, Curves curves) {
  if (!curves.table.rows.empty()) section.blocks.emplace_back(std::move(curves));
}

Section trust(const ReportModel& model) {
  Section s{
      "trust",
      "How far can the pass rate be trusted?",
      "A pass is wrong when the program passed the tests that accept (the proxy) and failed the "
      "stronger ones that decide (gold). In brackets: 95% intervals over problems.",
      {}};
  add(s, passes_charts(model));
  add(s, rates_table(model));
  add(s, wrong_kinds_table(model));
  return s;
}

Section scores(const ReportModel& model) {
  Section s{"scores",
            "How far can the scores be trusted?",
            "A verifier with a score accepts from a threshold on. In brackets: 95% intervals over "
            "problems.",
            {}};
  add(s, score_charts(model));
  add(s, scores_table(model));
  return s;
}

Section models(const ReportModel& model) {
  Section s{"models",
            "Which model is right most often?",
            "Models are compared problem by problem: what is hard for both does not count as a "
            "difference.",
            {}};
  add(s, accuracy_charts(model));
  add(s, paired_table(model));
  add(s, pass_at_table(model));
  add(s, failures_table(model));
  return s;
}

Section disputed(const ReportModel& model) {
  Section s{
      "disputed",
      "Where may the reference be wrong?",
      "On these problems programs of two or more models agree on another answer than the "
      "reference's, and outnumber those that give it, also with one voice a model. No tests are advised for them, but the rates "
      "count them; assay rates --disputed has the rates without.",
      {}};
  add(s, disputed_table(model));
  return s;
}

Section resampling(const ReportModel& model) {
  Section s{
      "resampling",
      "How high can resampling go?",
      "Drawing again until a sample passes raises the number of right answers and of wrong ones, "
      "up to a ceiling that the tests set.",
      {}};
  auto charts = resampling_charts(model);
  if (charts.empty() && !model.rates.empty())
    s.blocks.emplace_back(
        Paragraph{"With one sample per problem nothing can be said on resampling: "
                  "it takes at least two."});
  const bool is_drawn = !charts.empty();
  add(s, std::move(charts));
  add(s, Curves{right_curves_table(model)});
  add(s, Curves{wrong_curves_table(model)});
  if (is_drawn && !model.fitted_missing.empty()) s.blocks.emplace_back(Hint{model.fitted_missing});
  return s;
}

Section samples(const ReportModel& model) {
  Section s{
      "samples",
      "How many samples should be drawn?",
      "\u03bb is what a wrong answer costs, in right answers. \u03ba is what one sample costs. "
      "K = 0 means: better not to draw at all.",
      {}};
  auto charts = utility_charts(model);
  if (!charts.empty()) {
    add(s, std::move(charts));
    s.blocks.emplace_back(Panel{"utility", {}});
  }
  if (Table table = budget_table(model); table.columns.size() > 2) add(s, std::move(table));
  add(s, match_table(model));
  add(s, rule_charts(model));
  add(s, attempt_charts(model));
  add(s, Curves{attempts_table(model)});
  return s;
}

Section suite(const ReportModel& model) {
  Section s{"suite",
            "Is the test suite strong enough?",
            "Where wrong programs pass, the tests are too few or too alike.",
            {}};
  add(s, difficulty_charts(model));
  auto charts = suite_size_charts(model);
  if (charts.empty())
    for (const ModelLimits& row : model.limits)
      if (!row.suite_size_missing.empty()) {
        s.blocks.emplace_back(Hint{row.suite_size_missing});  // of the first model that lacks them
        break;
      }
  add(s, std::move(charts));
  add(s, Curves{suite_size_table(model)});
  add(s, weakest_table(model));
  return s;
}

Section false_positives(const ReportModel& model) {
  Section s{
      "false-positives",
      "Which passes are wrong?",
      "Every program below passed the tests that accept and failed those that decide; of a disputed "
      "problem it may be right all the same. Beside it: an input on which it fails, and the nearest "
      "correct program as a difference.",
      {}};
  if (model.false_positives.empty()) return s;
  if (model.false_positives_left_out > 0)
    s.blocks.emplace_back(
        Hint{fmt::format("{} more distinct programs are left out to keep the page small; assay "
                         "report --all puts them "
                         "in, assay show TASK --false-positives prints them.",
                         count(model.false_positives_left_out))});
  s.blocks.emplace_back(Panel{"false-positives", wrong_passes_table(model)});
  return s;
}

Section advice(const ReportModel& model) {
  Section s{
      "advice",
      "Which tests should be added?",
      "For each problem, tests of the stronger suite that together would have caught every false "
      "positive seen here. Found by greedy set cover: at each step the test that catches most of "
      "what is left; small, though not proven smallest.",
      {}};
  if (!model.advice.empty()) s.blocks.emplace_back(Advice{model.advice});
  return s;
}

/// "For 3 of 40 passing programs a number is absent: REASON."
std::vector<std::string> style_gaps(const ReportModel& model) {
  std::vector<std::string> out;
  if (model.false_positives.empty()) return out;
  const auto& gaps = model.style_gaps;
  const std::string of = fmt::format("of {}", count(gaps.programs, "passing program"));
  if (gaps.unmeasured > 0)
    out.push_back(
        fmt::format("Code style was not measured for {} {}; assay run, with the same options as "
                    "before, measures it.",
                    count(gaps.unmeasured), of));
  for (const auto& [reason, n] : gaps.reasons)
    out.push_back(fmt::format("For {} {} a number is absent: {}.", count(n), of, reason));
  return out;
}

Section style(const ReportModel& model) {
  Section s{
      "style",
      "Does style tell right from wrong?",
      "How right and wrong passes are written. The difference within problems is the one to trust: "
      "the plain shares mix easy problems, with their simple programs, and hard ones.",
      {}};
  add(s, style_charts(model));
  for (const std::string& gap : style_gaps(model)) s.blocks.emplace_back(Hint{gap});
  add(s, style_table(model));
  return s;
}

/// How many samples ended how, were repaired, or lack something.
Table happened_table(const ReportModel& model) {
  Table table{"happened",
              "What became of the samples",
              {{"model", "", false}, {"samples", "by suite and status, then by rule", false}},
              {},
              "Samples, each with what the suite says of it. Rules: what had to be done to a text "
              "to make a program of it (docs/intake.md).",
              10};
  for (std::size_t i = 0; i < model.happened.size(); ++i) {
    if (model.happened[i].empty()) continue;
    table.rows.push_back(
        {{model.counts[i].model}, {fmt::format("{}", fmt::join(model.happened[i], "; "))}});
  }
  return table;
}

Section searches(const ReportModel& model) {
  Section s{
      "search",
      "Which way of spending compute pays?",
      "assay search draws answers from a policy and chooses by a verifier's scores. Budgets are in "
      "generations: answers that were begun.",
      {}};
  if (!model.pooled.empty())  // else they are the report's findings
    for (const analysis::Searched& search : model.searches)
      s.blocks.emplace_back(Paragraph{search_finding(search)});
  add(s, search_charts(model));
  add(s, search_table(model));
  return s;
}

Section learning(const ReportModel& model) {
  Section s{
      "learning",
      "What was learned, and what did the verifier let through?",
      "assay train teaches a model from what a verifier accepts of its own answers, or from rewards. A "
      "verifier that errs is learned from as well.",
      {}};
  if (!model.pooled.empty() || !model.searches.empty())  // else they are the report's findings
    for (const std::string& finding : learning_findings(model))
      s.blocks.emplace_back(Paragraph{finding});
  add(s, learning_charts(model));
  add(s, learning_table(model));
  add(s, level_table(model));
  add(s, against_table(model));
  add(s, posterior_table(model));
  add(s, fpr_table(model));
  return s;
}

Section paper(const ReportModel& model) {
  Section s{"paper", "For a paper", "To be copied as it is.", {}};
  for (std::string& paragraph : paper_paragraphs(model))
    s.blocks.emplace_back(Quote{std::move(paragraph), ""});
  if (!s.blocks.empty()) s.blocks.emplace_back(Quote{method_bibtex(), "bibtex"});
  return s;
}

/// Takes the chart of the first screen out of its section: what compares models, else the first there is.
std::optional<Chart> opening(std::vector<Section>& sections, bool one_model) {
  Block* chosen = nullptr;
  Section* home = nullptr;
  for (Section& section : sections)
    for (Block& block : section.blocks)
      if (const Chart* chart = std::get_if<Chart>(&block);
          chart && (!chosen || (one_model && chart->id == "resampling-right")))
        chosen = &block, home = &section;
  if (!chosen) return std::nullopt;
  Chart chart = std::get<Chart>(std::move(*chosen));
  home->blocks.erase(home->blocks.begin() + (chosen - home->blocks.data()));
  return chart;
}

Section method(const ReportModel& model) {
  Section s{"method", "How this was made", "", {}};
  if (model.counts.empty()) return s;
  add(s, happened_table(model));
  if (!model.facts.empty()) s.blocks.emplace_back(Facts{model.facts});
  s.blocks.emplace_back(Facts{{
      {"accuracy", "(tp + fn) / n, mean over problems",
       "right samples; tp, fp: accepted and right, accepted and wrong; fn, tn: rejected and right, "
       "rejected and wrong"},
      {"fdr", "fp / (tp + fp)", "false discovery rate: wrong among accepted"},
      {"fpr", "fp / (fp + tn)",
       "false positive rate: accepted among wrong. It may rise while fdr falls"},
      {"ceiling", "mean of tp / (tp + fp), 0 where nothing was accepted",
       "what TP_K tends to as K grows"},
      {"bound", "the same mean, 1 where nothing was accepted",
       "no number of draws exceeds it, whatever problems never passed so far come to"},
      {"conditional accuracy", "the same mean over problems with an accepted sample",
       "the paper's ceiling; leaving out unsolved problems makes it look higher"},
      {"TP_K", "mean of tp / (tp + fp) \u00d7 (1 \u2212 C(n\u2212m, K) / C(n, K)), m = tp + fp",
       "first accepted sample within K draws is right; exact and unbiased for K \u2264 n"},
      {"worth", "TP_K \u2212 \u03bb FP_K \u2212 \u03ba N_K", "N_K: expected number of draws"},
  }});
  if (model.replicates > 0)
    s.blocks.emplace_back(Paragraph{fmt::format(
        "Intervals: Student's t on the logit scale, over whole problems, each left out once; for the "
        "best K, matches and lines a bootstrap over problems, {} replicates, seed {}. The method follows Stroebl, Kapoor and Narayanan, arXiv 2411.17501.",
        count(model.replicates), model.seed)});
  return s;
}

}  // namespace

Document document(const ReportModel& model) {
  Document doc;
  doc.headline = headline(model);
  doc.title = model.title.empty() ? "assay report" : "assay report: " + model.title;
  doc.numbers = numbers(model);
  doc.answers = answers(model);
  doc.notes = model.notes;
  for (auto make : {trust, scores, models, resampling, samples, suite, disputed, false_positives,
                    advice, style, searches, learning, paper, method})
    doc.sections.push_back(make(model));
  doc.opening = opening(doc.sections, model.rates.size() == 1);
  std::erase_if(doc.sections, [](const Section& section) { return section.blocks.empty(); });
  // A question is answered where there is no section that says more.
  for (Answer& answer : doc.answers)
    if (std::none_of(doc.sections.begin(), doc.sections.end(),
                     [&](const Section& section) { return section.id == answer.section; }))
      answer.section.clear();
  return doc;
}

}  // namespace assay::reports
