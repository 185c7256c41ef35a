// The program's side of the door.
#include "harness/models/model_room.h"

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

}  // namespace assay::models
