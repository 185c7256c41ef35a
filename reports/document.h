// What the report says, in order, before it is HTML or Markdown: headline, sections, tables,
// charts. document(model) is pure; every number of the report is put into words or cells here and
// only here. All texts are plain: page.cpp and markdown.cpp escape them.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reports/charts.h"
#include "reports/model.h"

namespace assay::reports {

struct Cell {
  std::string text;
  std::string detail;           ///< interval or remark, printed smaller
  std::optional<double> value;  ///< exact: what sorting uses, and what the page carries
  /// Its record in the data of `rates --json` or `limits --json`: "fdr"; empty for other cells.
  std::string field;
};

struct Column {
  std::string name;
  std::string explanation;  ///< one line of plain words
  bool numeric = true;
};

struct Table {
  std::string id, caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< the first cell of a row is its header
  std::string note;                     ///< one line below it
  std::size_t rows_shown = 0;           ///< the page folds what lies beyond; 0: none
};

struct Paragraph {
  std::string text;
};

/// A list of terms, each with its value and, in smaller words, what it means.
struct Facts {
  std::vector<Fact> facts;
};

/// A part that the page builds from the payload: "utility", "false-positives".
struct Panel {
  std::string name;
  Table otherwise;  ///< what stands for it in Markdown, and where no script runs
};

/// A chart's curves as numbers: folded on the page.
struct Curves {
  Table table;
};

/// To be copied as it is: a paragraph, or an entry of a bibliography.
struct Quote {
  std::string text;
  std::string language;  ///< "bibtex"; empty: prose
};

/// A command that would fill a gap.
struct Hint {
  std::string text;
};

/// Suite advice of one problem, with the code to copy.
struct Advice {
  std::vector<SuiteAdvice> problems;
};

using Block = std::variant<Paragraph, Table, Chart, Facts, Panel, Curves, Quote, Hint, Advice>;

struct Section {
  std::string id, heading, lead;
  std::vector<Block> blocks;
};

/// One of the three numbers of the first screen.
struct Number {
  std::string name, value, interval;
  std::string explanation;  ///< of what, a few words
};

/// What the report says to a question that it is read for, in whole sentences with their intervals.
struct Answer {
  std::string question;
  std::string section;  ///< id of the section that has more
  std::vector<std::string> sentences;
};

struct Document {
  std::string title;             ///< of the window
  std::string headline;          ///< one short sentence
  std::vector<Number> numbers;   ///< three, or none
  std::optional<Chart> opening;  ///< the chart of the first screen
  std::vector<Answer> answers;
  std::vector<std::string> notes;
  std::vector<Section> sections;
};

Document document(const ReportModel& model);

// What document() puts together; apart for the tests.
std::string headline(const ReportModel& model);
std::vector<Number> numbers(const ReportModel& model);
std::vector<Answer> answers(const ReportModel& model);
Table rates_table(const ReportModel& model);
Table budget_table(const ReportModel& model);
Table match_table(const ReportModel& model);
Table weakest_table(const ReportModel& model);
Table style_table(const ReportModel& model);
Table pass_at_table(const ReportModel& model);
Table paired_table(const ReportModel& model);
Table failures_table(const ReportModel& model);
Table wrong_kinds_table(const ReportModel& model);
Table disputed_table(const ReportModel& model);
Table scores_table(const ReportModel& model);
/// Names of the verifiers with a score, each once.
std::vector<std::string> verifiers_of(const ReportModel& model);
/// What the scores of each verifier tell, in words with intervals.
std::vector<std::string> score_findings(const ReportModel& model);
Table wrong_passes_table(const ReportModel& model);
/// The curves of resampling_charts, attempt_charts and suite_size_charts at a few K each.
Table right_curves_table(const ReportModel& model);
Table wrong_curves_table(const ReportModel& model);
Table attempts_table(const ReportModel& model);
Table suite_size_table(const ReportModel& model);
/// What can stand in a paper: a paragraph a dataset.
std::vector<std::string> paper_paragraphs(const ReportModel& model);
/// The works whose methods the report uses.
std::string method_bibtex();
Table search_table(const ReportModel& model);
/// What a search found, in words with intervals.
std::string search_finding(const analysis::Searched& search);
Table learning_table(const ReportModel& model);
Table level_table(const ReportModel& model);
Table against_table(const ReportModel& model);
Table posterior_table(const ReportModel& model);
Table fpr_table(const ReportModel& model);
/// What was learned, in words with intervals.
std::vector<std::string> learning_findings(const ReportModel& model);

/// The most accurate model of a dataset; null: none has an accuracy.
const RatesRow* strongest(const ReportModel& model, const std::string& dataset);
/// The most accurate model of a dataset that was drawn from at least twice a problem; null: none was.
const ModelLimits* strongest_drawn(const ReportModel& model, const std::string& dataset);
/// "base,plus" in words.
std::string suites_in_words(const std::string& names);
/// What a wrong answer costs, in right ones, wherever one cost is spoken of.
inline constexpr double kCostRatio = 4;
/// Its curve of worth where samples cost nothing; null: none was made.
const stats::UtilityCurve* worth_curve(const ModelLimits& row);

/// "model", or "model (dataset)" where the report holds more than one dataset.
std::string label(const ReportModel& model, const std::string& dataset, const std::string& name);

}  // namespace assay::reports
