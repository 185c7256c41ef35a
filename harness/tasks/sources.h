// Sequences from a source, and a verifier of them: few enough to be counted out, so that all that a model
// should learn is known.
//
//   symbols: 1 to 6 of five, " 0 1 2 0"; the verifier accepts what comes back to where it began
//   numbers: numbers from 0 to 99, small first digits the oftenest, among other words; one number alone is
//            accepted, and all of them are worth the same
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {

struct Source {
  std::vector<std::string> pieces;  ///< of the symbols
  int length_max = 0;
  std::vector<std::int32_t> (*drawn)(RandomStream&);
  bool (*accepts)(std::span<const std::int32_t>);
  bool (*right)(std::span<const std::int32_t>);  ///< a part of what is accepted; null: all of it
  std::string verifier;
  /// Whether a sequence is worth its probability in the source's model, lowered where it is rejected; else
  /// what is accepted is all worth the same.
  bool by_probability = true;
  double floor = 8;  ///< nats that a sequence loses which is rejected, unless asked for otherwise
};

/// None where there is no source of that name.
const Source* source_of(std::string_view name);

explore::Task source_task(const std::string& name, const Source& source);

}  // namespace assay::tasks
