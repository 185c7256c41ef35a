#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "sandbox/sandbox.h"

using namespace assay::sandbox;

TEST_CASE("inputs are sealed while another thread starts processes") {
  // Sixteen workers starting at once: a forked child inherited the writable mapping of another
  // suite's inputs, sealing them failed with EBUSY, and the whole run ended.
  std::atomic<bool> over{false};
  std::thread starts([&] {
    while (!over) {
      const pid_t child = fork();
      if (child == 0) {
        usleep(20'000);
        _exit(0);
      }
      waitpid(child, nullptr, 0);
    }
  });
  const std::vector<std::string> inputs(64, std::string(100'000, 'x'));
  for (int i = 0; i < 100; ++i) CHECK_NOTHROW(Inputs::make(inputs));
  over = true;
  starts.join();
}
