#include "harness/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

#include "harness/base/error.h"

namespace assay {

struct Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  ASSAY_INVARIANT(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Hasher::~Hasher() = default;

Hasher& Hasher::add(std::string_view field) {
  const std::uint64_t size = field.size();
  EVP_DigestUpdate(state_->context, &size, sizeof size);
  EVP_DigestUpdate(state_->context, field.data(), field.size());
  return *this;
}

static std::string finish(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  ASSAY_INVARIANT(EVP_DigestFinal_ex(context, digest.data(), &size) == 1);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string Hasher::hex() { return finish(state_->context); }

std::string sha256(std::string_view bytes) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ASSAY_INVARIANT(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
  std::string hex = finish(context);
  EVP_MD_CTX_free(context);
  return hex;
}

}  // namespace assay
