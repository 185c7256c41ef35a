// Readers of benchmark files, told apart by the keys of their first row, never by their name:
// HumanEval, HumanEval+, MBPP (full and sanitized), MBPP+ and assay's own form (README.md, key by
// key). JSONL or one JSON array, plain or gzipped. Inputs become encoded argument tuples row by
// row, so memory is what the encoded inputs take and one row's JSON. Errors name file, line and
// key.
#pragma once

#include <string>

#include "datasets/problem.h"
#include "harness/base/text_file.h"

namespace assay::datasets {

/// A file of any form. The dataset's name is the file's stem (assay's own form may say another).
Dataset read_dataset(const std::string& path);
Dataset read_dataset(LineReader reader, const std::string& name);

/// `humaneval`: HumanEval's tests and solution as suite `official`; everything else HumanEval+'s.
Dataset join_humaneval(const std::string& humaneval, const std::string& plus);

/// `mbpp`: all of MBPP; where the sanitized edition has a problem, its tests and code are taken,
/// for MBPP+ was made from it (some functions have other names or arguments there).
Dataset join_mbpp(const std::string& full, const std::string& sanitized, const std::string& plus);

/// The name a MBPP problem's tests call: the last function or class at the top level of `code`
/// whose name stands before a parenthesis in `tests`. Empty where there is none.
std::string entry_point_of(const std::string& code, const std::string& tests);

}  // namespace assay::datasets
