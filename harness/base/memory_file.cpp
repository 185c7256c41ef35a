#include "harness/base/memory_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "harness/base/error.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace assay {

[[noreturn]] static void failed(const char* what) {
  throw Error(fmt::format("{} a file in memory failed: {}", what, std::strerror(errno)));
}

Fd new_memory_file(const char* name, bool executable) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = -1;
  // Kernels before 6.3 do not know the flag and need none.
  if (executable) fd = memfd_create(name, kFlags | MFD_EXEC);
  if (fd < 0) fd = memfd_create(name, kFlags);
  if (fd < 0) failed("making");
  return Fd(fd);
}

void write_whole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) failed("writing");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void seal(int descriptor) {
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  constexpr int kTries = 200;
  // The kernel answers EBUSY while it holds a page itself, for as long as it moves or scans it.
  for (int tries = 0; fcntl(descriptor, F_ADD_SEALS, kSeals) != 0; ++tries) {
    if (errno != EBUSY || tries == kTries) failed("sealing");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Fd memory_file(const char* name, std::string_view bytes, bool executable) {
  Fd file = new_memory_file(name, executable);
  write_whole(file.get(), bytes);
  lseek(file.get(), 0, SEEK_SET);
  seal(file.get());
  return file;
}

}  // namespace assay
