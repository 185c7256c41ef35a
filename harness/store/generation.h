// How samples were drawn from a model, as far as their rows say so. A cut program is not a wrong one:
// its finish reason stays with it. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "datasets/sample.h"
#include "harness/store/queries.h"

namespace assay::store {

/// As a server says that a sample was cut at its greatest length.
inline constexpr const char* kCut = "length";

/// The first that is told of a sample stands.
void put_generation(Database& database, std::int64_t sample_id, const datasets::Drawn& drawn);
/// The text that prompts were put into, and the message in front of it.
void put_template(Database& database, const std::string& hash, const std::string& text,
                  const std::string& system);

}  // namespace assay::store
