// How a long command hears that it shall end.
#pragma once

#include <atomic>

namespace assay::cli {

/// From now on the first SIGINT or SIGTERM sets the flag, so that the command ends cleanly; a second
/// one kills as usual. The flag is the same one each time.
const std::atomic<bool>& stop_on_signals();

}  // namespace assay::cli
