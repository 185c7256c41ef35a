// The program's side of torch_library.h: loads the library at the first use.
#include <dlfcn.h>
#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/simulator/torch_library.h"

namespace assay::simulator {
namespace {

/// Never unloaded: libtorch's threads live as long as the program.
const TorchLibrary& library() {
  static const TorchLibrary& loaded = []() -> const TorchLibrary& {
    void* handle = dlopen(kTorchLibraryName, RTLD_NOW | RTLD_LOCAL);
    void* entry = handle ? dlsym(handle, kTorchLibraryEntry) : nullptr;
    if (!entry) {
      const char* why = dlerror();
      throw Error(
          fmt::format("{} cannot be loaded ({}): it must lie beside the program, and "
                      "libtorch must be installed",
                      kTorchLibraryName, why ? why : "unknown reason"));
    }
    return *reinterpret_cast<decltype(&assay_torch_library)>(entry)();
  }();
  return loaded;
}

}  // namespace

Fit fit(const std::vector<stats::ModelCounts>& models, const FitOptions& options) {
  return library().fit(models, options);
}
void save(const Fit& fit, const std::string& path) { library().save(fit, path); }
Fit load(const std::string& path, const std::vector<stats::ModelCounts>& models) {
  return library().load(path, models);
}
FittedLimits host_module(const std::string& path, const stats::ModelCounts& counts,
                         const PosteriorOptions& options, const stats::BootstrapOptions& bootstrap,
                         const std::string& device) {
  return library().host_module(path, counts, options, bootstrap, device);
}
SimulationResult simulate(const Posterior& posterior, const StoppingRule& rule,
                          const SimulationOptions& options) {
  return library().simulate_posterior(posterior, rule, options);
}
SimulationResult simulate(const std::vector<Urn>& urns, const StoppingRule& rule,
                          const SimulationOptions& options) {
  return library().simulate_urns(urns, rule, options);
}

}  // namespace assay::simulator
