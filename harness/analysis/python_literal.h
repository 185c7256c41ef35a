// A value as Python code that means exactly it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/base/value/value.h"

namespace assay::analysis {

/// Code of pure ASCII that evaluates to `value`, types included; nothing where there is none, or
/// none of at most `bytes_max` bytes: NaN and infinities, opaque objects, builtins, the mappings
/// and queues of `collections`, deep nesting. No text of the value stands in it but inside quotes,
/// escaped; so a value, wherever it comes from, can never become code.
std::optional<std::string> python_literal(const Value& value, std::size_t bytes_max);

/// The same of a tuple's items, as they stand in a call: "[1, 2], 3".
std::optional<std::string> python_arguments(const Value& tuple, std::size_t bytes_max);

}  // namespace assay::analysis
