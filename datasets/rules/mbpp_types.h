// MBPP+ keeps its inputs as JSON, which lost their tuples, sets and complex numbers. This restores
// them as EvalPlus does: which problem needs what is one table (mbpp_types.cpp).
#pragma once

#include <string_view>

#include "harness/base/value/value.h"

namespace assay::datasets {

/// Makes `arguments`, a list of arguments as read from JSON, the argument tuple (Kind::tuple) that
/// the problem's function is called with. Throws Error where the data does not have the shape the
/// table says.
void restore_types(std::string_view task_id, Value& arguments);

}  // namespace assay::datasets
