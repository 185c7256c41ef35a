// What fit.h says where assay was built without libtorch: one clear sentence.
#include "harness/base/error.h"
#include "harness/simulator/fit.h"
#include "harness/simulator/trajectories.h"

namespace assay::simulator {
namespace {

[[noreturn]] void refuse() {
  throw Error(
      "this assay was built without libtorch: install libtorch-dev and build again with "
      "-DASSAY_TORCH=ON to fit models");
}

}  // namespace

Fit fit(const std::vector<stats::ModelCounts>&, const FitOptions&) { refuse(); }
void save(const Fit&, const std::string&) { refuse(); }
Fit load(const std::string&, const std::vector<stats::ModelCounts>&) { refuse(); }
FittedLimits host_module(const std::string&, const stats::ModelCounts&, const PosteriorOptions&,
                         const stats::BootstrapOptions&, const std::string&) {
  refuse();
}

SimulationResult simulate(const Posterior&, const StoppingRule&, const SimulationOptions&) {
  refuse();
}
SimulationResult simulate(const std::vector<Urn>&, const StoppingRule&, const SimulationOptions&) {
  refuse();
}

}  // namespace assay::simulator
