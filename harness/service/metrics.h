// What /metrics tells, in Prometheus's text form. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "harness/service/desk.h"

namespace assay::service {

class Metrics {
 public:
  /// An answer was given on one of our routes; others are counted together.
  void count(const std::string& route, int status);
  std::string text(const Figures& figures, std::size_t connections) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
};

}  // namespace assay::service
