#include "harness/simulator/libtorch_room.h"

extern "C" const assay::simulator::TorchRoom* assay_torch_room() {
  static const assay::simulator::LibtorchRoom room;
  return &room;
}
