// The simulator's door to libtorch: what needs it stands behind an abstract class, for which the
// program asks once (harness/base/torch_library.h).
//
// What needs torch is added here and in libtorch_room.h, and defined in a file of the library.
#pragma once

#include <string>
#include <vector>

#include "harness/simulator/fit.h"

namespace assay::simulator {

class TorchRoom {
 public:
  virtual ~TorchRoom() = default;

  /// Fits the models. Throws Error for options out of range and where nothing was judged.
  virtual Fit fit(const std::vector<stats::ModelCounts>& models,
                  const FitOptions& options) const = 0;

  /// Runs a TorchScript module, which the user must have named himself: it is a program. Its forward
  /// takes counts [P,4] (tp, fp, fn, tn; float64) and k [k] (float64; 0, 1, ..., k_max) and gives
  /// the tuple (accepted, tp, fp), each [P,k] (float64): the chance that a problem's first accepted
  /// sample comes within k draws, and that it is correct, wrong. Throws Error where it does not.
  virtual ModuleCurves run_module(const std::string& path, const stats::ModelCounts& counts,
                                  int k_max, const std::string& device) const = 0;
};

/// What there is behind the door: a room, or null and one sentence saying why.
struct TorchDoor {
  const TorchRoom* room = nullptr;
  std::string missing;
};
/// Loads the library at the first call. Thread-safe.
const TorchDoor& torch_door();
/// The room; throws the sentence as Error where there is none.
const TorchRoom& torch_room();

inline constexpr char kTorchLibraryEntry[] = "assay_torch_room";

}  // namespace assay::simulator

/// Defined in the library.
extern "C" const assay::simulator::TorchRoom* assay_torch_room();
