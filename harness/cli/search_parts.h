// From the words of the command line to the parts of a search.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/servers.h"
#include "harness/explore/task.h"
#include "harness/tasks/samples.h"

namespace assay::cli {

struct PartOptions {
  search::StepRule step;
  search::Sampling sampling;
  std::uint64_t seed = 1;
  int jobs = 1;                ///< threads that calibrate
  int samples = 64;            ///< plain samples of each problem to calibrate on
  Servers* servers = nullptr;  ///< must be there where a text begins with Servers::kPrefix
  /// Those of the policy, where it is "samples:FILE", which is one of the task's own then.
  std::shared_ptr<const tasks::SampleFile> file;
  tasks::Tell tell;  ///< what must be said before the search
};

/// The policy that `text` names: one of the task's own, "gpt:FILE", "llama2c:FILE,TOKENIZER",
/// "module:FILE.pt" or a server. Throws assay::Error (usage) that names what there is, and as a model's
/// file does.
std::unique_ptr<search::Policy> make_policy(const std::string& text, const explore::Task& task,
                                            const PartOptions& options);

/// Whom particles are drawn from instead of `policy`, which `policy_text` has named: a sampler that the
/// task's own policy of that name brings, or a model of the same tokens as a model that is the policy.
/// Throws as make_policy does; tells what it can never draw.
std::unique_ptr<search::Policy> make_proposal(const std::string& text, double temperature,
                                              const std::string& policy_text,
                                              const search::Policy& policy,
                                              const explore::Task& task,
                                              const PartOptions& options);

/// A verifier with its wrappers, each around the one before.
class VerifierChain {
 public:
  void add(std::unique_ptr<search::PrefixVerifier> link) { links_.push_back(std::move(link)); }
  search::PrefixVerifier& verifier() { return *links_.back(); }

 private:
  std::vector<std::unique_ptr<search::PrefixVerifier>> links_;
};

/// "table+calibrated+noise=2+systematic=0.15": one of the task's own, `truth`, "gpt:FILE", "prm:FILE",
/// "module:FILE.pt", "recorded:FILE" or a server, and wrappers. `policy` draws what it is calibrated on. Throws
/// assay::Error (usage) that names what there is.
VerifierChain make_verifier(const std::string& text, const explore::Task& task,
                            search::Policy& policy, const PartOptions& options,
                            const std::atomic<bool>& stop);

}  // namespace assay::cli
