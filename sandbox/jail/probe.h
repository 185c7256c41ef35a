// What to tell a user whose machine grants too little.
#pragma once

#include <string>

namespace assay::sandbox {

/// Which switches grant what this machine refuses; one or more sentences.
std::string advice();

}  // namespace assay::sandbox
