// Which outputs besides the expected one are right answers: one row per problem that needs it, with
// its reason. What each rule accepts, by mode, is harness/verify/compare/compare.h's and
// docs/comparison.md's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

enum class Rule {
  equal,                 ///< Python's ==, with a tolerance for floats
  root_of_polynomial,    ///< any x with |p(x)| <= atol, p being the argument
  same_set,              ///< equal as sets: the order was never asked for
  unchecked,             ///< the reference is wrong: EvalPlus accepts everything
  or_zero,               ///< also 0
  or_slant_from_height,  ///< also the pyramid's surface with the argument read as its height
  or_padded_digits,      ///< also the digit distance after padding with zeros on the left
  match_or_none,         ///< a match object or None: only which of the two is compared
  as_json,               ///< what JSON can say: a tuple is the list of its items
  as_json_or_item,       ///< so, and the item of a list of one in place of the list
};

struct RuleRow {
  const char* task_id;
  Rule rule;
  const char* reason;
};

/// The table.
const std::vector<RuleRow>& rule_rows();
/// Its row for a problem; equal where there is none.
Rule rule_of(std::string_view task_id);

/// The name of a rule in assay's own form and in hashes ("same_set"), and back.
const char* name_of(Rule rule);
std::optional<Rule> rule_named(std::string_view name);

}  // namespace assay::datasets
