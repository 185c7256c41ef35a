// Content hashes: identity of texts, suites and configurations. SHA-256 by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace assay {

/// Lower-case hexadecimal SHA-256 of `bytes` (64 characters).
std::string sha256(std::string_view bytes);

/// SHA-256 over a sequence of fields, each framed by its length, so that ("ab","c") and ("a","bc")
/// differ. Not thread-safe; one object per hash.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(std::string_view field);
  /// Finishes; the object may not be used afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
