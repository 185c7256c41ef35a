// The score of a sample in a row that someone gives us.
#pragma once

#include <optional>
#include <string>

#include "datasets/forms/rows.h"

namespace assay::datasets {

/// The finite number under `key`, which a table's cell holds as a text. Nothing where it is null or an
/// empty text: the sample was not judged. Throws RowError for all else.
std::optional<double> score_under(const Row& row, const std::string& key);

}  // namespace assay::datasets
