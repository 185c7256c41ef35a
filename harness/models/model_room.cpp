// The program's side of the door.
#include "harness/models/model_room.h"

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/torch_library.h"

namespace assay::models {

const ModelRoom& model_room() {
  static const LibraryEntry entry =
      torch_entry(kModelLibraryEntry, "to train models and to use TorchScript modules");
  if (!entry.address) throw Error(entry.missing);
  static const ModelRoom* room = reinterpret_cast<decltype(&assay_model_room)>(entry.address)();
  return *room;
}

double rate_at(const TrainOptions& options, int step) {
  const int warm_up = std::clamp(std::min(options.warm_up, options.steps / 10), 1, options.steps);
  if (step < warm_up) return options.learning_rate * (step + 1) / warm_up;
  const double done = static_cast<double>(step - warm_up) / std::max(1, options.steps - warm_up);
  return options.learning_rate * (0.1 + 0.45 * (1 + std::cos(3.141592653589793 * done)));
}

}  // namespace assay::models
