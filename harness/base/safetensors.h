// Tensors in a file that holds numbers and nothing else: the safetensors layout (eight bytes of
// header length, a JSON header, raw little-endian numbers). Reading one runs nothing and resolves
// no names, so a file from a stranger is safe to read; what its numbers mean is for the reader to
// check. Our files carry a SHA-256 of their contents in the metadata: a damaged file is refused.
// Errors: assay::Error. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct Tensor {
  std::string dtype;  ///< "F64", "F32", "I64" or "U8"
  std::vector<std::uint64_t> shape;
  std::string bytes;  ///< row by row, little-endian

  static Tensor of(std::span<const double> values);
  static Tensor of(std::span<const float> values);
  static Tensor of(std::span<const std::int64_t> values);
  static Tensor of(std::string_view text);
  /// The values, whatever the shape. Throw Error for another dtype.
  std::vector<double> doubles() const;
  std::vector<float> floats() const;
  std::vector<std::int64_t> integers() const;
  std::string text() const;
};

struct Tensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
  /// Throws Error where there is none of that name: a phrase that goes behind a file's name.
  const Tensor& at(const std::string& name) const;
};

/// The file's bytes. The checksum is added to the metadata.
std::string encode_tensors(const Tensors& tensors);

/// The inverse; the checksum is verified and removed. Throws Error saying what is wrong with the
/// bytes (a phrase that goes behind a file's name).
Tensors decode_tensors(std::string_view bytes);

}  // namespace assay
