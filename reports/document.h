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
};

/// A command that would fill a gap.
struct Hint {
  std::string text;
};

/// Suite advice of one problem, with the code to copy.
struct Advice {
  std::vector<SuiteAdvice> problems;
};

using Block = std::variant<Paragraph, Table, Chart, Facts, Panel, Hint, Advice>;

struct Section {
  std::string id, heading, lead;
  std::vector<Block> blocks;
};

struct Document {
  std::string title;                  ///< of the window
  std::string headline;               ///< one short sentence
  std::vector<std::string> findings;  ///< whole sentences with their intervals
  std::vector<std::string> notes;
  std::vector<Section> sections;
};

Document document(const ReportModel& model);

// What document() puts together; apart for the tests.
std::string headline(const ReportModel& model);
std::vector<std::string> findings(const ReportModel& model);
Table rates_table(const ReportModel& model);
Table budget_table(const ReportModel& model);
Table match_table(const ReportModel& model);
Table weakest_table(const ReportModel& model);
Table style_table(const ReportModel& model);
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

/// "model", or "model (dataset)" where the report holds more than one dataset.
std::string label(const ReportModel& model, const std::string& dataset, const std::string& name);

}  // namespace assay::reports
