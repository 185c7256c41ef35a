// JSON that a user has written: read strictly, and what is wrong named by its place.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace assay {

/// Throws Error, beginning with `source` and the line: the text is empty or no JSON (numbers that are none, or
/// larger than any, included), or an object has a key twice, of which one would be lost.
nlohmann::json json_of(const std::string& text, const std::string& source);

}  // namespace assay
