#include "harness/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

#include "harness/base/error.h"

namespace assay {

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest() : state_(std::make_unique<State>()) {
  ASSAY_INVARIANT(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Digest::~Digest() = default;

void Digest::take(std::string_view bytes) {
  ASSAY_INVARIANT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  ASSAY_INVARIANT(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

Hasher& Hasher::add(std::string_view field) {
  const std::uint64_t size = field.size();
  digest_.take({reinterpret_cast<const char*>(&size), sizeof size});
  digest_.take(field);
  return *this;
}

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.take(bytes);
  return digest.hex();
}

}  // namespace assay
