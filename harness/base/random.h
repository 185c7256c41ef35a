// Seeded random streams: the same seed and name give the same draws on every machine, whatever the
// standard library. One stream per purpose, so that adding a draw here never shifts one there.
// Not thread-safe; give each thread its own stream.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string_view>

namespace assay {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name) : engine_(mix(seed, name)) {}

  std::uint64_t next() { return engine_(); }

  /// Uniform in [0, bound). REQUIRES: 1 <= bound < 2^32. Multiply-shift; its bias is below 2^-32.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((engine_() >> 32) * bound >> 32);
  }

  /// Uniform in (0, 1): never an end, so that its logarithm is finite.
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53; }

  double normal() {  // Box-Muller; the second value is dropped to keep the stream stateless
    return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
  }

 private:
  static std::uint64_t mix(std::uint64_t seed, std::string_view name) {
    std::uint64_t h = 14695981039346656037ULL ^ seed * 0x9e3779b97f4a7c15ULL;
    for (unsigned char c : name) h = (h ^ c) * 1099511628211ULL;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
    return h ^ h >> 31;
  }

  std::mt19937_64 engine_;
};

}  // namespace assay
