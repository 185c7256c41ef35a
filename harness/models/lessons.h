// Texts as a model learns from them.
#pragma once

#include <string>

#include "harness/models/model_room.h"
#include "harness/models/weights.h"

namespace assay::models {

/// A text from its beginning to its end; of its positions those before the answer do not count. Throws
/// Error where the model lacks a token for it, or cannot read it to its end.
Lesson lesson_of(const Model& model, const std::string& prompt, const std::string& answer);

}  // namespace assay::models
