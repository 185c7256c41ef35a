// The codec's lengths and counts (value.h): seven bits a byte, least significant first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

inline void put_varint(std::uint64_t n, std::string& out) {
  while (n >= 0x80) {
    out += static_cast<char>(n | 0x80);
    n >>= 7;
  }
  out += static_cast<char>(n);
}

/// Removes one from the front of `bytes`. False where none is there or it exceeds 64 bits.
inline bool take_varint(std::string_view& bytes, std::uint64_t& n) {
  n = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return false;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return true;
  }
  return false;
}

}  // namespace assay
