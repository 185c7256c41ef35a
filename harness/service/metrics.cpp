#include "harness/service/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

namespace assay::service {

void Metrics::count(const std::string& route, int status) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
}

/// Of this process, without its jails; 0 where /proc is not to be read.
static std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

namespace {

class Text {
 public:
  void head(const char* name, const char* type, const char* help) {
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  }
  void one(const char* name, const char* type, const char* help, double value) {
    head(name, type, help);
    out += fmt::format("{} {}\n", name, value);
  }
  std::string out;
};

}  // namespace

std::string Metrics::text(const Figures& f, std::size_t connections) const {
  Text text;
  text.head("assay_requests_total", "counter", "Requests answered, by route and status code.");
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : requests_)
      text.out += fmt::format("assay_requests_total{{route=\"{}\",code=\"{}\"}} {}\n", key.first,
                              key.second, count);
  }
  text.head("assay_verdicts_total", "counter", "Questions answered, by status.");
  for (std::size_t i = 0; i < f.by_status.size(); ++i)
    text.out += fmt::format("assay_verdicts_total{{status=\"{}\"}} {}\n", store::kStatusNames[i],
                            f.by_status[i]);
  text.out += fmt::format("assay_verdicts_total{{status=\"cancelled\"}} {}\n", f.cancelled);
  const auto count = [](auto value) { return static_cast<double>(value); };
  text.one("assay_remembered_total", "counter", "Questions answered from memory.",
           count(f.remembered));
  text.one("assay_joined_total", "counter", "Questions that waited for an equal one.",
           count(f.joined));
  text.one("assay_judged_again_total", "counter",
           "Programs judged a second time, with nothing else running.", count(f.judged_again));
  text.one("assay_queue_depth", "gauge", "Questions that wait for a worker.", count(f.waiting));
  text.one("assay_alone_depth", "gauge", "Questions that wait to be judged again, alone.",
           count(f.alone));
  text.one("assay_in_flight", "gauge", "Questions being judged.", count(f.judging));
  text.one("assay_workers", "gauge", "Workers.", count(f.workers));
  text.one("assay_workers_up", "gauge", "Workers whose jail runs programs.", count(f.workers_up));
  text.one("assay_worker_restarts_total", "counter", "Jails started anew after trouble.",
           count(f.restarts));
  text.one("assay_connections", "gauge", "Open connections.", count(connections));
  text.one("assay_resident_memory_bytes", "gauge", "Memory of this process, without its jails.",
           count(resident_bytes()));
  text.head("assay_judging_seconds", "histogram", "Seconds of judging, waiting apart.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kSecondsBounds.size(); ++i) {
    below += f.seconds_in[i];
    text.out +=
        fmt::format("assay_judging_seconds_bucket{{le=\"{}\"}} {}\n", kSecondsBounds[i], below);
  }
  below += f.seconds_in.back();
  text.out += fmt::format(
      "assay_judging_seconds_bucket{{le=\"+Inf\"}} {0}\nassay_judging_seconds_sum {1}\n"
      "assay_judging_seconds_count {0}\n",
      below, f.seconds_sum);
  return text.out;
}

}  // namespace assay::service
