#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

static long entries_in(const char* folder) {
  long count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

static long lines_of(const char* path) {
  std::ifstream file(path);
  long count = 0;
  for (std::string line; std::getline(file, line);) ++count;
  return count;
}

/// Control groups of this process's making, in every mounted hierarchy.
static long control_groups() {
  const std::string ours = "assay-" + std::to_string(getpid()) + "-";
  long count = 0;
  std::error_code ignored;
  using Walk = std::filesystem::recursive_directory_iterator;
  for (const auto& entry : Walk("/sys/fs/cgroup", ignored)) {
    count += entry.path().filename().string().starts_with(ours);
  }
  return count;
}

static long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long size = 0, resident = 0;
  file >> size >> resident;
  return resident * 4;
}

/// ASSAY_LEAK_PROGRAMS=20000 for the long run.
TEST_CASE("sandbox leak: descriptors, mounts, control groups and memory are as before") {
  const char* wanted = std::getenv("ASSAY_LEAK_PROGRAMS");
  const int programs = wanted ? std::atoi(wanted) : 400;
  const std::string texts[] = {"def f(i): return i",
                               "def f(i): raise KeyError(i)",
                               "def f(i) return",
                               "import os\ndef f(i): os._exit(0)",
                               "import os\ndef f(i): os.abort()",
                               "import threading, time\nthreading.Thread(target=time.sleep, "
                               "args=(99,)).start()\ndef f(i): return i"};
  probe(Config{});  // whatever is made once is made
  const long mounts = lines_of("/proc/self/mountinfo"), outer = entries_in("/proc/self/fd"),
             groups = control_groups();
  {
    Worker worker{Config{}};
    for (const std::string& text : texts) run(worker, text, 3);
    const long descriptors = entries_in("/proc/self/fd"), resident = resident_kib();
    for (int i = 0; i < programs; ++i) {
      const std::string& text = texts[static_cast<std::size_t>(i) % std::size(texts)];
      REQUIRE(run(worker, text, 3).outcome.end != End::missing);
    }
    CHECK(entries_in("/proc/self/fd") == descriptors);
#if !defined(ASSAY_SANITIZED)  // they keep what was freed
    CHECK(resident_kib() < resident + 4096);
#endif
    CHECK(worker.restarts() == 0);
    MESSAGE(programs << " programs; resident before " << resident << " KiB, after "
                     << resident_kib());
  }
  CHECK(entries_in("/proc/self/fd") == outer);
  CHECK(lines_of("/proc/self/mountinfo") == mounts);
  CHECK(control_groups() == groups);
}
