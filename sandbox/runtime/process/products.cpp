#include "sandbox/runtime/process/products.h"

namespace assay::sandbox {

/// What an entry counts besides its file: it holds a descriptor, and a process may have few.
constexpr std::uint64_t kEntryBytes = 2 << 20;
constexpr std::uint64_t kKeptBytesMax = 256 << 20;

std::shared_ptr<const Product> Products::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, at->second);
  return kept_.front().product;
}

void Products::keep(const std::string& key, std::shared_ptr<const Product> product) {
  const std::lock_guard lock(mutex_);
  if (by_key_.count(key)) return;
  bytes_ += product->bytes + kEntryBytes;
  kept_.push_front({key, std::move(product)});
  by_key_[key] = kept_.begin();
  while (bytes_ > bytes_max_ && kept_.size() > 1) {
    bytes_ -= kept_.back().product->bytes + kEntryBytes;
    by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

void Products::forget_all() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
  by_key_.clear();
  bytes_ = 0;
}

Products& products() {
  static Products kept(kKeptBytesMax);
  return kept;
}

}  // namespace assay::sandbox
