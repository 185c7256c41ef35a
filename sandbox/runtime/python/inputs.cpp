#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "sandbox/protocol.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

namespace {

std::vector<std::uint64_t> offsets_of(const std::vector<std::string>& encoded) {
  std::vector<std::uint64_t> offsets;
  offsets.reserve(encoded.size() + 1);
  std::uint64_t at = sizeof(assay_inputs) + (encoded.size() + 1) * sizeof(std::uint64_t);
  for (const std::string& one : encoded) {
    offsets.push_back(at);
    at += one.size();
  }
  offsets.push_back(at);
  return offsets;
}

[[noreturn]] void failed(const char* what) {
  throw Error(fmt::format("the inputs of a suite: {}: {}", what, std::strerror(errno)));
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) failed("no shared memory");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Written, not mapped: a child that another thread forks at this moment would inherit the writable
/// mapping, and the file could not be sealed while it lives.
void fill(int descriptor, const std::vector<std::string>& encoded,
          const std::vector<std::uint64_t>& offsets) {
  constexpr std::size_t kChunk = 1 << 20;
  const assay_inputs head{kInputsMagic, encoded.size()};
  std::string chunk(reinterpret_cast<const char*>(&head), sizeof head);
  chunk.append(reinterpret_cast<const char*>(offsets.data()), offsets.size() * sizeof offsets[0]);
  for (const std::string& one : encoded) {
    chunk += one;
    if (chunk.size() < kChunk) continue;
    write_all(descriptor, chunk);
    chunk.clear();
  }
  write_all(descriptor, chunk);
}

/// The kernel answers EBUSY while it holds a page itself, for as long as it moves or scans it.
void seal(int descriptor) {
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  constexpr int kTries = 200;
  for (int tries = 0; fcntl(descriptor, F_ADD_SEALS, kSeals) != 0; ++tries) {
    if (errno != EBUSY || tries == kTries) failed("sealing");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

std::shared_ptr<const Inputs> Inputs::make(const std::vector<std::string>& encoded) {
  const std::vector<std::uint64_t> offsets = offsets_of(encoded);
  Fd file(memfd_create("assay-inputs", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) failed("no shared memory");
  fill(file.get(), encoded, offsets);
  seal(file.get());
  const int descriptor = fcntl(file.get(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) failed("no descriptor left");
  return std::shared_ptr<const Inputs>(new Inputs(descriptor, encoded.size()));
}

Inputs::~Inputs() { ::close(descriptor_); }

}  // namespace assay::sandbox
