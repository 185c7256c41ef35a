#include <unistd.h>

#include "harness/base/memory_file.h"
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
    write_whole(descriptor, chunk);
    chunk.clear();
  }
  write_whole(descriptor, chunk);
}

}  // namespace

std::shared_ptr<const Inputs> Inputs::make(const std::vector<std::string>& encoded) {
  const std::vector<std::uint64_t> offsets = offsets_of(encoded);
  Fd file = new_memory_file("assay-inputs");
  fill(file.get(), encoded, offsets);
  seal(file.get());
  return std::shared_ptr<const Inputs>(new Inputs(file.release(), encoded.size()));
}

Inputs::~Inputs() { ::close(descriptor_); }

}  // namespace assay::sandbox
