#include "harness/cli/interrupt.h"

#include <csignal>

namespace assay::cli {

static std::atomic<bool> stop_requested = false;

static void request_stop(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);
}

const std::atomic<bool>& stop_on_signals() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  return stop_requested;
}

}  // namespace assay::cli
