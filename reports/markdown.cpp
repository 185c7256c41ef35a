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
  std::string operator()(const Panel&) const { return ""; }
  std::string operator()(const Chart&) const { return ""; }
  std::string operator()(const Facts& f) const {
    std::string out;
    for (const Fact& fact : f.facts)
      out += fmt::format("- {}: {}\n", markdown(fact.name), markdown(fact.value));
    return out + "\n";
  }
  std::string operator()(const Advice& a) const {
    std::string out;
    for (std::size_t i = 0; i < a.problems.size() && i < kProblemsMax; ++i) {
      const SuiteAdvice& p = a.problems[i];
      out += fmt::format("- {}: {} of {} passes wrong; add", markdown(p.task_id),
                         count(p.false_positives), count(p.accepted));
      for (const AdvisedTest& test : p.tests) out += fmt::format(" {}", test.test);
      out += fmt::format(" of {}\n", markdown(p.suite));
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
      for (const Cell& c : row)
        out += fmt::format(" {} |", markdown(c.detail.empty() ? c.text : c.text + " " + c.detail));
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
  for (const std::string& finding : doc.findings) out += fmt::format("- {}\n", markdown(finding));
  out += "\n";
  for (const Section& s : doc.sections) {
    std::string body;
    for (const Block& block : s.blocks) body += std::visit(Writer{}, block);
    if (!body.empty()) out += fmt::format("## {}\n\n{}", markdown(s.heading), body);
  }
  return out;
}

}  // namespace assay::reports
