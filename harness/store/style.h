// The style of a program's text, as harness/run/style.py measures it; once per distinct program.
// Written at the end of a run for programs that passed a suite: what the report compares is right
// passes with wrong ones. An absent number has its reason.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/store/database.h"

namespace assay::store {

struct Style {
  using Number = std::optional<std::int64_t>;
  Number lines;         ///< that are not blank
  Number characters;    ///< in them, indentation included
  Number line_longest;  ///< characters
  Number comment_lines;
  Number names;  ///< distinct names of functions, parameters and variables that the program defines
  Number names_snake, names_camel;  ///< of them; a name of one word is both
  Number functions;
  Number function_longest;  ///< lines
  Number findings;          ///< of pycodestyle
  Number complexity;        ///< cyclomatic, of the most complex function (mccabe)
  std::string reason;       ///< why a number is absent
};

/// Name and place of every number: the columns of the table, in order.
const std::vector<std::pair<const char*, Style::Number Style::*>>& style_fields();

/// Programs of these models' samples of the dataset that passed a suite and were not measured, or
/// not wholly, and then by something else than `measured_by`; ascending.
std::vector<std::int64_t> programs_without_style(Database& database, std::int64_t dataset_id,
                                                 const std::vector<std::int64_t>& model_ids,
                                                 const std::string& measured_by = "");

/// Replaces what was measured before.
void put_style(Database& database, std::int64_t program_id, const std::string& measured_by,
               const Style& style);

std::optional<Style> find_style(Database& database, std::int64_t program_id);

/// All that is stored, by program id.
void for_each_style(Database& database,
                    const std::function<void(std::int64_t program_id, const Style&)>& take);

}  // namespace assay::store
