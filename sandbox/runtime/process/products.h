// What compilers made, kept for the life of the process within a bound on bytes, so that the tests of one
// program compile it once. Thread-safe; shared by all workers.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "harness/base/fd.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

/// A sealed file in memory that no process can change, or how compiling failed.
struct Product {
  Fd file;
  std::uint64_t bytes = 0;
  Outcome failure;  ///< where there is no file
};

class Products {
 public:
  explicit Products(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  /// Null where it is not kept.
  std::shared_ptr<const Product> find(const std::string& key);
  /// Those used longest ago make room.
  void keep(const std::string& key, std::shared_ptr<const Product> product);
  void forget_all();

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Product> product;
  };
  std::mutex mutex_;
  std::list<Kept> kept_;  ///< the latest used first
  std::unordered_map<std::string, std::list<Kept>::iterator> by_key_;
  std::uint64_t bytes_ = 0;
  const std::uint64_t bytes_max_;
};

/// Of this process. It is never more than some hundred descriptors.
Products& products();

}  // namespace assay::sandbox
