// Texts as a model learns from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/models/model_room.h"
#include "harness/models/weights.h"

namespace assay::models {

/// A text from its beginning to its end; of its positions those before the answer do not count. Throws
/// Error where the model lacks a token for it, or cannot read it to its end.
Lesson lesson_of(const Model& model, const std::string& prompt, const std::string& answer);

/// The same of tokens: those from `begin` on are to be foretold.
Lesson lesson_behind(const std::vector<std::int32_t>& tokens, std::size_t begin);

}  // namespace assay::models
