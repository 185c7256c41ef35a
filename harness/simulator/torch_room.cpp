// The program's side of the door.
#include "harness/simulator/torch_room.h"

#include "harness/base/error.h"
#include "harness/base/torch_library.h"

namespace assay::simulator {
namespace {

TorchDoor open_door() {
  const LibraryEntry entry = torch_entry(kTorchLibraryEntry, "to fit models");
  if (!entry.address) return {nullptr, entry.missing};
  return {reinterpret_cast<decltype(&assay_torch_room)>(entry.address)(), ""};
}

}  // namespace

const TorchDoor& torch_door() {
  static const TorchDoor door = open_door();
  return door;
}

const TorchRoom& torch_room() {
  const TorchDoor& door = torch_door();
  if (!door.room) throw Error(door.missing);
  return *door.room;
}

}  // namespace assay::simulator
