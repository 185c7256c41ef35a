// The program's side of the door.
#include "harness/simulator/torch_room.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "harness/base/error.h"

namespace assay::simulator {
namespace {

/// Never unloaded: libtorch's threads live as long as the program.
TorchDoor open_door() {
  if (!built_with_torch())
    return {nullptr,
            "this assay was built without libtorch: install libtorch-dev and build again with "
            "-DASSAY_TORCH=ON to fit models"};
  void* handle = dlopen(kTorchLibraryName, RTLD_NOW | RTLD_LOCAL);
  void* entry = handle ? dlsym(handle, kTorchLibraryEntry) : nullptr;
  if (entry) return {reinterpret_cast<decltype(&assay_torch_room)>(entry)(), ""};
  const char* why = dlerror();
  return {nullptr, fmt::format("{} cannot be loaded ({}): it must lie beside the program, and "
                               "libtorch must be installed",
                               kTorchLibraryName, why ? why : "unknown reason")};
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
