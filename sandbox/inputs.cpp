#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "harness/base/error.h"
#include "sandbox/fd.h"
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

void fill(char* to, const std::vector<std::string>& encoded,
          const std::vector<std::uint64_t>& offsets) {
  const assay_inputs head{kInputsMagic, encoded.size()};
  std::memcpy(to, &head, sizeof head);
  std::memcpy(to + sizeof head, offsets.data(), offsets.size() * sizeof offsets[0]);
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    std::memcpy(to + offsets[i], encoded[i].data(), encoded[i].size());
  }
}

}  // namespace

std::shared_ptr<const Inputs> Inputs::make(const std::vector<std::string>& encoded) {
  const std::vector<std::uint64_t> offsets = offsets_of(encoded);
  const std::size_t size = offsets.back();
  Fd file(memfd_create("assay-inputs", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ftruncate(file.get(), static_cast<off_t>(size))) failed("no shared memory");
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) failed("mmap");
  fill(static_cast<char*>(memory), encoded, offsets);
  munmap(memory, size);
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
    failed("sealing");
  }
  const int descriptor = fcntl(file.get(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) failed("no descriptor left");
  return std::shared_ptr<const Inputs>(new Inputs(descriptor, encoded.size()));
}

Inputs::~Inputs() { ::close(descriptor_); }

}  // namespace assay::sandbox
