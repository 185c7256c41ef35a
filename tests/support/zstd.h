// Compresses bytes for a test: one frame of zstd.
#pragma once

#include <zstd.h>

#include <string>

namespace assay::tests {

inline std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

}  // namespace assay::tests
