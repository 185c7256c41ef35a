#include "harness/store/style.h"

#include <algorithm>
#include <iterator>

namespace assay::store {

const std::vector<std::pair<const char*, Style::Number Style::*>>& style_fields() {
  static const std::vector<std::pair<const char*, Style::Number Style::*>> fields = {
      {"lines", &Style::lines},
      {"characters", &Style::characters},
      {"line_longest", &Style::line_longest},
      {"comment_lines", &Style::comment_lines},
      {"names", &Style::names},
      {"names_snake", &Style::names_snake},
      {"names_camel", &Style::names_camel},
      {"functions", &Style::functions},
      {"function_longest", &Style::function_longest},
      {"findings", &Style::findings},
      {"complexity", &Style::complexity}};
  return fields;
}

#define STYLE_COLUMNS                                                                 \
  "lines, characters, line_longest, comment_lines, names, names_snake, names_camel, " \
  "functions, function_longest, findings, complexity, reason"

static Style read_style(const Statement& row, int column) {
  Style style;
  for (const auto& [name, field] : style_fields()) {
    if (!row.is_null(column)) style.*field = row.integer(column);
    ++column;
  }
  style.reason = row.text(column);
  return style;
}

std::vector<std::int64_t> programs_without_style(Database& database, std::int64_t dataset_id,
                                                 const std::vector<std::int64_t>& model_ids,
                                                 const std::string& measured_by) {
  std::vector<std::int64_t> programs;
  for (const std::int64_t model_id : model_ids) {
    Statement rows = database.use(
        "SELECT DISTINCT s.program_id FROM sample s JOIN problem p ON p.id = s.problem_id WHERE "
        "s.model_id = ?1 AND p.dataset_id = ?2 AND EXISTS (SELECT 1 FROM verdict v WHERE "
        "v.program_id = s.program_id AND v.status = 'pass') AND NOT EXISTS (SELECT 1 FROM style t "
        "WHERE t.program_id = s.program_id AND (t.reason = '' OR t.measured_by = ?3))");
    rows.bind(model_id).bind(dataset_id).bind(measured_by);
    while (rows.step()) programs.push_back(rows.integer(0));
  }
  std::sort(programs.begin(), programs.end());
  programs.erase(std::unique(programs.begin(), programs.end()), programs.end());
  return programs;
}

void put_style(Database& database, std::int64_t program_id, const std::string& measured_by,
               const Style& style) {
  Statement insert =
      database.use("INSERT OR REPLACE INTO style (program_id, measured_by, " STYLE_COLUMNS
                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(program_id).bind(measured_by);
  for (const auto& [name, field] : style_fields()) {
    if (style.*field)
      insert.bind(*(style.*field));
    else
      insert.bind_null();
  }
  insert.bind(style.reason).run();
}

std::optional<Style> find_style(Database& database, std::int64_t program_id) {
  Statement row = database.use("SELECT " STYLE_COLUMNS " FROM style WHERE program_id = ?");
  if (!row.bind(program_id).step()) return std::nullopt;
  return read_style(row, 0);
}

void for_each_style(Database& database,
                    const std::function<void(std::int64_t program_id, const Style&)>& take) {
  Statement rows = database.use("SELECT program_id, " STYLE_COLUMNS " FROM style");
  while (rows.step()) take(rows.integer(0), read_style(rows, 1));
}

}  // namespace assay::store
