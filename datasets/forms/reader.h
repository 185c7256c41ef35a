// Reads a benchmark file of whatever form. The form is told by the keys of its first row, never by
// the file's name (README.md, key by key). JSONL or one JSON array, plain or gzipped. Inputs become
// encoded argument tuples row by row, so memory is what the encoded inputs take and one row's JSON.
// Errors name file, line and key. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "datasets/forms/form.h"
#include "datasets/problem.h"
#include "harness/base/text_file.h"

namespace assay::datasets {

/// A file of any form. The dataset's name is the file's stem (assay's own form may say another).
/// A row that cannot be read goes to `refused`, and the rest is read; without it, the first is thrown.
Dataset read_dataset(const std::string& path, const TakeRefused& refused = {});
Dataset read_dataset(LineReader reader, const std::string& name, const TakeRefused& refused = {});

/// The same of a user's file, where any row that cannot be read is an Error: it names the first of them
/// all, and their number.
Dataset read_whole_dataset(const std::string& path);

/// The form that a row is of. Throws RowError where it is of none.
const Form& form_of(const Row& row);

/// A file that must be of this form. Throws Error naming the form it is of instead.
Dataset read_dataset_as(const Form& form, const std::string& path);

/// One identity for the files that make a dataset, from the bytes they have on the disk.
std::string version_of(const std::vector<std::string>& paths);

}  // namespace assay::datasets
