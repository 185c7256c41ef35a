// Datasets that are made of several files. Each takes the paths in the order of the registry's row
// and throws Error for a file that cannot be read or is of another form.
#pragma once

#include <string>
#include <vector>

#include "datasets/problem.h"

namespace assay::datasets {

/// `humaneval`, of {HumanEval, HumanEval+}: HumanEval's tests and solution as suite `official`;
/// everything else HumanEval+'s.
Dataset join_humaneval(const std::vector<std::string>& paths);

/// `mbpp`, of {MBPP, its sanitized edition, MBPP+}: all of MBPP; where the sanitized edition has a
/// problem, its tests and code are taken, for MBPP+ was made from it (some functions have other
/// names or arguments there).
Dataset join_mbpp(const std::vector<std::string>& paths);

}  // namespace assay::datasets
