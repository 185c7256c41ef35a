#include "datasets/rules/rule.h"

#include <algorithm>
#include <utility>

namespace assay::datasets {

const std::vector<RuleRow>& rule_rows() {
  static const std::vector<RuleRow> rows = {
      {"HumanEval/32", Rule::root_of_polynomial,
       "a polynomial may have several roots, each is right"},
      {"Mbpp/2", Rule::same_set, "shared elements of two tuples: no order is asked for"},
      {"Mbpp/7", Rule::same_set, "words of four letters or more: no order is asked for"},
      {"Mbpp/111", Rule::same_set, "common elements of nested lists: no order is asked for"},
      {"Mbpp/140", Rule::same_set, "distinct numbers of a list of tuples: no order is asked for"},
      {"Mbpp/232", Rule::same_set, "the n largest items: no order is asked for"},
      {"Mbpp/249", Rule::same_set, "intersection of two arrays: no order is asked for"},
      {"Mbpp/579", Rule::same_set, "elements not shared by two tuples: no order is asked for"},
      {"Mbpp/769", Rule::same_set, "difference of two lists: no order is asked for"},
      {"Mbpp/164", Rule::unchecked, "the reference stops at the square root and is often wrong"},
      {"Mbpp/295", Rule::or_zero, "the sum of proper divisors of 1 may be said to be 0"},
      {"Mbpp/558", Rule::or_padded_digits, "numbers of different length: padding is not specified"},
      {"Mbpp/581", Rule::or_slant_from_height,
       "the prompt does not say slant or perpendicular height"},
      {"Mbpp/737", Rule::match_or_none,
       "the reference returns a match object where a bool would do"},
      {"Mbpp/787", Rule::match_or_none,
       "the reference returns a match object where a bool would do"},
      {"Mbpp/794", Rule::match_or_none,
       "the reference returns a match object where a bool would do"},
  };
  return rows;
}

Rule rule_of(std::string_view task_id) {
  for (const RuleRow& row : rule_rows()) {
    if (task_id == row.task_id) return row.rule;
  }
  return Rule::equal;
}

static constexpr std::pair<Rule, const char*> kNames[] = {
    {Rule::equal, "equal"},
    {Rule::root_of_polynomial, "root_of_polynomial"},
    {Rule::same_set, "same_set"},
    {Rule::unchecked, "unchecked"},
    {Rule::or_zero, "or_zero"},
    {Rule::or_slant_from_height, "or_slant_from_height"},
    {Rule::or_padded_digits, "or_padded_digits"},
    {Rule::match_or_none, "match_or_none"},
    {Rule::as_json, "as_json"},
    {Rule::as_json_or_item, "as_json_or_item"},
};

const char* name_of(Rule rule) {
  return std::find_if(std::begin(kNames), std::end(kNames),
                      [rule](const auto& entry) { return entry.first == rule; })
      ->second;
}

std::optional<Rule> rule_named(std::string_view name) {
  for (const auto& [rule, known] : kNames) {
    if (name == known) return rule;
  }
  return std::nullopt;
}

}  // namespace assay::datasets
