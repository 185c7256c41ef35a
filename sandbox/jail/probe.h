// What to tell a user whose machine grants too little.
#pragma once

#include <string>

#include "sandbox/sandbox.h"

namespace assay::sandbox {

/// Which switches grant what this machine refuses for such jails; one or more sentences.
std::string advice(const Config& config);

}  // namespace assay::sandbox
