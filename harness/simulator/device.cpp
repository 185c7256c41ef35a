#include "harness/simulator/device.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include "harness/base/error.h"

namespace assay::simulator {

std::string chosen_device(const std::string& wanted) {
  if (wanted == "cpu") return wanted;
  if (wanted != "cuda" && wanted != "auto")
    throw Error(fmt::format("there is no device '{}'; use cpu, cuda or auto", wanted));
  if (torch::cuda::is_available()) return "cuda";
  if (wanted == "auto") return "cpu";
  throw Error("this libtorch sees no CUDA device; use --device cpu or auto");
}

}  // namespace assay::simulator
