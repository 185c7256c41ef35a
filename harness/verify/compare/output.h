// Whether what a program wrote to standard output is a right output, as judges of competitions compare.
// Pure; thread-safe; in time that grows with the two texts.
#pragma once

#include <string>
#include <string_view>

#include "datasets/rules/output_rule.h"

namespace assay::verify {

using datasets::OutputRule;

/// Whether `written` is as `right` demands.
bool accepts(const OutputRule& rule, std::string_view right, std::string_view written);

/// Where they first part, for people to read: "line 3: 7 in place of 8". REQUIRES: not accepted.
std::string difference(const OutputRule& rule, std::string_view right, std::string_view written);

}  // namespace assay::verify
