#include "reports/markdown.h"

#include <fmt/format.h>

#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

constexpr std::size_t kProblemsMax = 10;  // of the advice; the page has the rest

struct Writer {
  std::string operator()(const Paragraph& p) const { return markdown(p.text) + "\n\n"; }
  std::string operator()(const Hint& h) const { return "> " + markdown(h.text) + "\n\n"; }
  std::string operator()(const Panel& p) const {
    return p.otherwise.rows.empty() ? "" : (*this)(p.otherwise);
  }
  std::string operator()(const Chart&) const { return ""; }  // its numbers are in a table
  std::string operator()(const Curves& c) const { return (*this)(c.table); }
  std::string operator()(const Quote& q) const {
    if (q.language.empty()) return markdown(q.text) + "\n\n";
    return fmt::format("```{}\n{}```\n\n", q.language, q.text);
  }
  std::string operator()(const Facts& f) const {
    std::string out;
    for (const Fact& fact : f.facts)
      out += fmt::format("- **{}**: {}\n", markdown(fact.name), markdown(fact.value));
    return out + "\n";
  }
  std::string operator()(const Advice& a) const {
    std::string out;
    for (std::size_t i = 0; i < a.problems.size() && i < kProblemsMax; ++i) {
      const SuiteAdvice& p = a.problems[i];
      out += fmt::format("- **{}**: {} of {} passes wrong", markdown(p.task_id),
                         count(p.false_positives), count(p.accepted));
      for (std::size_t t = 0; t < p.tests.size(); ++t)
        out += fmt::format("{}{}",
                           t > 0                 ? ", "
                           : p.tests.size() == 1 ? "; add test "
                                                 : "; add tests ",
                           p.tests[t].test);
      if (!p.tests.empty()) out += fmt::format(" of suite {}", markdown(p.suite));
      out += "\n";
    }
    return out + "\n";
  }
  std::string operator()(const Table& t) const {
    std::string out = fmt::format("**{}**\n\n|", markdown(t.caption)), rule = "|";
    for (const Column& column : t.columns) {
      out += fmt::format(" {} |", markdown(column.name));
      rule += column.numeric ? " ---: |" : " --- |";
    }
    out += "\n" + rule + "\n";
    for (const auto& row : t.rows) {
      out += "|";
      for (std::size_t i = 0; i < row.size(); ++i) {
        const Cell& c = row[i];
        const bool words = i < t.columns.size() && !t.columns[i].numeric;  // a name and its gloss
        const std::string detail = c.detail.empty() ? "" : (words ? ": " : " ") + c.detail;
        out += fmt::format(" {} |", markdown(c.text + detail));
      }
      out += "\n";
    }
    if (!t.note.empty()) out += "\n" + markdown(t.note) + "\n";
    return out + "\n";
  }
};

}  // namespace

std::string render_markdown(const ReportModel& model) {
  const Document doc = document(model);
  std::string out = fmt::format("# {}\n\n", markdown(doc.headline));
  for (const std::string& note : doc.notes) out += fmt::format("> {}\n\n", markdown(note));
  for (const Number& number : doc.numbers)
    out += fmt::format("- {}: **{}** {}{}{}\n", markdown(number.name), markdown(number.value),
                       markdown(number.interval), number.interval.empty() ? "" : "; ",
                       markdown(number.explanation));
  out += doc.numbers.empty() ? "" : "\n";
  for (const Answer& answer : doc.answers) {
    out += fmt::format("**{}**\n\n", markdown(answer.question));
    for (const std::string& sentence : answer.sentences)
      out += fmt::format("{}\n\n", markdown(sentence));
  }
  for (const Section& s : doc.sections) {
    std::string body;
    for (const Block& block : s.blocks) body += std::visit(Writer{}, block);
    if (!body.empty()) out += fmt::format("## {}\n\n{}", markdown(s.heading), body);
  }
  return out;
}

}  // namespace assay::reports
