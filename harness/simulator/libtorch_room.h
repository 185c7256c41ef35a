// The library's side of the door in torch_room.h. Only the library, its tests and its studies
// include this; the program asks torch_room().
#pragma once

#include "harness/simulator/torch_room.h"

namespace assay::simulator {

class LibtorchRoom final : public TorchRoom {
 public:
  Fit fit(const std::vector<stats::ModelCounts>& models,
          const FitOptions& options) const override;  // fit.cpp
  ModuleCurves run_module(const std::string& path, const stats::ModelCounts& counts, int k_max,
                          const std::string& device) const override;  // module.cpp
};

}  // namespace assay::simulator
