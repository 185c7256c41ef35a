#include "datasets/rules/output_rule.h"

namespace assay::datasets {

using Compare = OutputRule::Compare;

const char* name_of(Compare compare) {
  switch (compare) {
    case Compare::tokens:
      return "tokens";
    case Compare::lines:
      return "lines";
    case Compare::exact:
      return "exact";
  }
  return "";
}

std::optional<Compare> compare_named(std::string_view name) {
  for (const Compare one : {Compare::tokens, Compare::lines, Compare::exact})
    if (name == name_of(one)) return one;
  return std::nullopt;
}

}  // namespace assay::datasets
