// The library's side of torch_library.h.
#include "harness/simulator/torch_library.h"

using namespace assay::simulator;

extern "C" const TorchLibrary* assay_torch_library() {
  static const TorchLibrary table{fit, save, load, host_module, simulate, simulate};
  return &table;
}
