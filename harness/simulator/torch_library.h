// The border between the program and its library with libtorch: one table of functions, found by
// name. Both are built from the same sources by the same compiler, so C++ types and exceptions
// cross.
#pragma once

#include "harness/simulator/fit.h"
#include "harness/simulator/trajectories.h"

namespace assay::simulator {

struct TorchLibrary {
  Fit (*fit)(const std::vector<stats::ModelCounts>&, const FitOptions&);
  void (*save)(const Fit&, const std::string&);
  Fit (*load)(const std::string&, const std::vector<stats::ModelCounts>&);
  FittedLimits (*host_module)(const std::string&, const stats::ModelCounts&,
                              const PosteriorOptions&, const stats::BootstrapOptions&,
                              const std::string&);
  SimulationResult (*simulate_posterior)(const Posterior&, const StoppingRule&,
                                         const SimulationOptions&);
  SimulationResult (*simulate_urns)(const std::vector<Urn>&, const StoppingRule&,
                                    const SimulationOptions&);
};

inline constexpr char kTorchLibraryName[] = "libassay_torch.so";  ///< lies beside the program
inline constexpr char kTorchLibraryEntry[] = "assay_torch_library";

}  // namespace assay::simulator

/// Defined in the library.
extern "C" const assay::simulator::TorchLibrary* assay_torch_library();
