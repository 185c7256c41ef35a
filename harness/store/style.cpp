#include "harness/store/style.h"

#include <algorithm>

#include "harness/store/statements.h"

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

static Style read_style(const Statement& row) {
  Style style;
  for (const auto& [name, field] : style_fields()) {
    if (!row.is_null(name)) style.*field = row.integer(name);
  }
  style.reason = row.text("reason");
  return style;
}

std::vector<std::int64_t> programs_without_style(Database& database, std::int64_t dataset_id,
                                                 const std::vector<std::int64_t>& model_ids,
                                                 const std::string& measured_by) {
  std::vector<std::int64_t> programs;
  for (const std::int64_t model_id : model_ids) {
    Statement rows = database.use(sql::kProgramsWithoutStyle);
    rows.bind(model_id).bind(dataset_id).bind(measured_by);
    while (rows.step()) programs.push_back(rows.integer("program_id"));
  }
  std::sort(programs.begin(), programs.end());
  programs.erase(std::unique(programs.begin(), programs.end()), programs.end());
  return programs;
}

void put_style(Database& database, std::int64_t program_id, const std::string& measured_by,
               const Style& style) {
  Statement insert = database.use(sql::kPutStyle);
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
  Statement row = database.use(sql::kFindStyle);
  if (!row.bind(program_id).step()) return std::nullopt;
  return read_style(row);
}

void for_each_style(Database& database,
                    const std::function<void(std::int64_t program_id, const Style&)>& take) {
  Statement rows = database.use(sql::kStyles);
  while (rows.step()) {
    const std::int64_t program_id = rows.integer("program_id");
    take(program_id, read_style(rows));
  }
}

}  // namespace assay::store
