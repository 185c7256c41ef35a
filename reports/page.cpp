#include "reports/page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/document.h"
#include "reports/payload.h"
#include "reports/text.h"

extern "C" {
extern const char assay_page_html_begin[], assay_page_html_end[];
extern const char assay_page_css_begin[], assay_page_css_end[];
extern const char assay_page_loader_begin[], assay_page_loader_end[];
extern const char assay_page_bundle_begin[], assay_page_bundle_end[];  // packed
extern const char assay_page_bundle_hash_begin[], assay_page_bundle_hash_end[];
}

namespace assay::reports {

namespace {

std::string_view asset(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string paragraphs(const std::vector<std::string>& texts, const char* element) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("<{0}>{1}</{0}>\n", element, html(text));
  return out;
}

std::string cell(const Cell& c, const Column& column, bool is_header) {
  std::string attributes = column.numeric ? " class=\"number\"" : "";
  if (c.value) attributes += fmt::format(" data-value=\"{}\"", *c.value);
  if (!c.field.empty()) attributes += fmt::format(" data-field=\"{}\"", c.field);
  std::string inner = html(c.text);
  // Numbers do not wrap: what is said in parts gets a line each, and so does an interval.
  for (std::string_view rest = c.detail; !rest.empty();) {
    const std::size_t part = rest.find("; "), interval = rest.find(" ["),
                      end = std::min(part, interval);
    inner += fmt::format("<small>{}</small>", html(std::string(rest.substr(0, end))));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + (end == part ? 2 : 1));
  }
  return is_header ? fmt::format("<th scope=\"row\"{}>{}</th>", attributes, inner)
                   : fmt::format("<td{}>{}</td>", attributes, inner);
}

struct Writer {
  std::string operator()(const Paragraph& p) const {
    return fmt::format("<p>{}</p>\n", html(p.text));
  }
  std::string operator()(const Hint& h) const {
    return fmt::format("<p class=\"hint\">{}</p>\n", html(h.text));
  }
  std::string operator()(const Panel& p) const;
  std::string operator()(const Curves& c) const;
  std::string operator()(const Quote& q) const;
  std::string operator()(const Table& t) const;
  std::string operator()(const Chart& c) const;
  std::string operator()(const Facts& f) const;
  std::string operator()(const Advice& a) const;
};

// What the columns mean, below the table, each name once.
std::string terms(const Table& t) {
  std::string out;
  for (const Column& column : t.columns)
    if (!column.explanation.empty())
      out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html(column.name),
                         html(column.explanation));
  return out.empty() ? out : "<dl class=\"terms\">\n" + out + "</dl>\n";
}

std::string Writer::operator()(const Table& t) const {
  std::string out = fmt::format(
      "<h3 id=\"{0}-name\">{1}</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"{0}-name\"><table id=\"{0}\" aria-labelledby=\"{0}-name\" "
      "data-shown=\"{2}\">\n<thead><tr>",
      t.id, html(t.caption), t.rows_shown);
  for (const Column& column : t.columns)
    out += fmt::format("<th scope=\"col\"{}><span class=\"name\">{}</span></th>",
                       column.numeric ? " class=\"number\"" : "", html(column.name));
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : t.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += cell(row[i], t.columns[i], i == 0);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (!t.note.empty()) out += fmt::format("<p class=\"note\">{}</p>\n", html(t.note));
  return out + terms(t);
}

std::string Writer::operator()(const Panel& p) const {
  return fmt::format(
      "<div class=\"panel\" data-panel=\"{}\"><noscript>{}<p class=\"hint\">This part needs "
      "JavaScript.</p></noscript></div>\n",
      p.name, p.otherwise.rows.empty() ? "" : (*this)(p.otherwise));
}

std::string Writer::operator()(const Curves& c) const {
  return fmt::format("<details class=\"curves\"><summary>In numbers: {}</summary>\n{}</details>\n",
                     html(c.table.caption), (*this)(c.table));
}

std::string Writer::operator()(const Quote& q) const {
  return fmt::format("<pre class=\"quote\" tabindex=\"0\" data-language=\"{}\">{}</pre>\n",
                     q.language.empty() ? "prose" : html(q.language), html(q.text));
}

std::string Writer::operator()(const Chart& c) const {
  return fmt::format(
      "<figure class=\"chart\" id=\"chart-{0}\" "
      "data-chart=\"{0}\"><figcaption><h3>{1}</h3><p>{2}</p>"
      "</figcaption><div class=\"plot\" role=\"img\" aria-label=\"{3}\"><p "
      "class=\"hint\">{3}</p></div>"
      "</figure>\n",
      html(c.id), html(c.title), html(c.explanation), html(c.alt));
}

std::string Writer::operator()(const Facts& f) const {
  std::string out = "<dl>\n";
  for (const Fact& fact : f.facts) {
    out += fmt::format("<div><dt>{}</dt><dd>{}", html(fact.name), html(fact.value));
    if (!fact.explanation.empty()) out += fmt::format("<small>{}</small>", html(fact.explanation));
    out += "</dd></div>\n";
  }
  return out + "</dl>\n";
}

std::string advised_tests(const SuiteAdvice& problem) {
  std::string out = "<ol>\n";
  for (const AdvisedTest& test : problem.tests) {
    out +=
        fmt::format("<li>test {} of {}: catches {} more wrong {}", test.test, html(problem.suite),
                    count(test.catches), test.catches == 1 ? "pass" : "passes");
    if (!test.call.empty())
      out += fmt::format("<br><code>{} == {}</code>", html(cut(test.call, 300)),
                         html(cut(test.expected, 300)));
    else
      out +=
          "<br><small>its input is in the dataset's files, which were not found when this page "
          "was made: see assay datasets list</small>";
    out += "</li>\n";
  }
  return out + "</ol>\n";
}

std::string Writer::operator()(const Advice& a) const {
  std::string out = "<div class=\"advice\">\n";
  for (const SuiteAdvice& problem : a.problems) {
    out += fmt::format(
        "<details{}><summary><strong>{}</strong> <span>{} of {} passes wrong{}; "
        "{}</span></summary>\n",
        &problem == &a.problems.front() ? " open" : "", html(problem.task_id),
        count(problem.false_positives), count(problem.accepted),
        problem.too_slow > 0 ? fmt::format(", {} only too slow", count(problem.too_slow)) : "",
        count(static_cast<std::int64_t>(problem.tests.size()), "test") + " to add");
    out += advised_tests(problem);
    if (problem.uncaught > 0)
      out += fmt::format("<p>{} of the wrong passes {} caught by no single test here.</p>\n",
                         count(problem.uncaught), problem.uncaught == 1 ? "is" : "are");
    if (!problem.code.empty())
      out += fmt::format("<pre class=\"code\" tabindex=\"0\" data-language=\"python\">{}</pre>\n",
                         html(problem.code));
    out += "</details>\n";
  }
  return out + "</div>\n";
}

std::string sections(const Document& doc) {
  std::string out;
  for (const Section& s : doc.sections) {
    out += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\"><h2 id=\"{0}-heading\">{1}</h2>\n",
        s.id, html(s.heading));
    if (!s.lead.empty()) out += fmt::format("<p class=\"lead\">{}</p>\n", html(s.lead));
    for (const Block& block : s.blocks) out += std::visit(Writer{}, block);
    out += "</section>\n";
  }
  return out;
}

std::string contents(const Document& doc) {
  std::string out;
  for (const Section& s : doc.sections)
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", s.id, html(s.heading));
  return out;
}

std::string numbers(const Document& doc) {
  if (doc.numbers.empty()) return "";
  std::string out = "<dl class=\"numbers\">\n";
  for (const Number& number : doc.numbers)
    out += fmt::format(
        "<div><dt>{}</dt><dd><strong>{}</strong> <span>{}</span><small>{}</small></dd></div>\n",
        html(number.name), html(number.value), html(number.interval), html(number.explanation));
  return out + "</dl>\n";
}

std::string answers(const Document& doc) {
  std::string out = "<dl class=\"answers\">\n";
  for (const Answer& answer : doc.answers) {
    const std::string question = html(answer.question);
    out += fmt::format("<div><dt>{}</dt><dd>\n{}</dd></div>\n",
                       answer.section.empty()
                           ? question
                           : fmt::format("<a href=\"#{}\">{}</a>", answer.section, question),
                       paragraphs(answer.sentences, "p"));
  }
  return out + "</dl>\n";
}

// Replaces each {{name}} of the template once, in one pass: what is put in is never looked at
// again.
std::string filled(std::string_view text,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (true) {
    const std::size_t open = text.find("{{");
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find("}}", open);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    out += text.substr(0, open);
    for (const auto& [key, value] : values)
      if (key == name) out += value;
    text.remove_prefix(close + 2);
  }
  out += text;
  return out;
}

}  // namespace

std::string render(const ReportModel& model, const PageOptions& options) {
  const Document doc = document(model);
  std::vector<const Chart*> charts;
  if (doc.opening) charts.push_back(&*doc.opening);
  for (const Section& s : doc.sections)
    for (const Block& block : s.blocks)
      if (const Chart* chart = std::get_if<Chart>(&block)) charts.push_back(chart);
  nlohmann::json data = payload(model, charts);
  data["live"] = options.number;
  const std::string json =
      data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);  // ASCII only
  const std::string_view css = asset(assay_page_css_begin, assay_page_css_end);
  const std::string_view loader = asset(assay_page_loader_begin, assay_page_loader_end);
  const std::string_view bundle = asset(assay_page_bundle_begin, assay_page_bundle_end);
  std::string policy = fmt::format(
      "default-src 'none'; script-src {} {}; style-src {}; img-src data: blob:; base-uri 'none'; "
      "form-action 'none'",
      csp_hash(loader), asset(assay_page_bundle_hash_begin, assay_page_bundle_hash_end),
      csp_hash(css));
  if (options.is_served) policy += "; connect-src 'self'";
  return filled(asset(assay_page_html_begin, assay_page_html_end),
                {{"policy", policy},
                 {"title", html(doc.title)},
                 {"css", std::string(css)},
                 {"headline", html(doc.headline)},
                 {"numbers", numbers(doc)},
                 {"opening", doc.opening ? Writer{}(*doc.opening) : ""},
                 {"answers", answers(doc)},
                 {"notes", paragraphs(doc.notes, "p")},
                 {"contents", contents(doc)},
                 {"sections", sections(doc)},
                 {"version", html(model.assay_version)},
                 {"payload", packed(json)},
                 {"bundle", std::string(bundle)},
                 {"loader", std::string(loader)}});
}

}  // namespace assay::reports
