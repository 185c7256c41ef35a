// Content hashes: identity of texts, suites and configurations. SHA-256 by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace assay {

/// Lower-case hexadecimal SHA-256 of `bytes` (64 characters).
std::string sha256(std::string_view bytes);

/// SHA-256 of bytes that come piece by piece. Not thread-safe; one object per hash.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void take(std::string_view bytes);
  /// Finishes; the object may not be used afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 over a sequence of fields, each framed by its length, so that ("ab","c") and ("a","bc")
/// differ. Not thread-safe; one object per hash.
class Hasher {
 public:
  Hasher& add(std::string_view field);
  /// Finishes; the object may not be used afterwards.
  std::string hex() { return digest_.hex(); }

 private:
  Digest digest_;
};

}  // namespace assay
