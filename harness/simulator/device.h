// The device that a fit or a module runs on. Thread-safe.
#pragma once

#include <string>

namespace assay::simulator {

/// "cpu" or "cuda" for cpu, cuda, or auto: cuda where libtorch has one. Throws Error for other words,
/// and for cuda where there is none.
std::string chosen_device(const std::string& wanted);

}  // namespace assay::simulator
