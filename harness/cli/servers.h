// The servers of a search: those that `endpoint:URL` names, and what they share.
#pragma once

#include <atomic>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/endpoint/policy.h"
#include "harness/endpoint/reward.h"

namespace CLI {
class App;
}

namespace assay::cli {

/// How servers are asked, whatever they are asked for.
struct ClientWords {
  std::string key_variable;  ///< of the environment; empty: OPENAI_API_KEY, which may be missing
  int in_flight = 64, attempts = 8;
  double timeout_seconds = 600;
};
void add_client_options(CLI::App& command, ClientWords& words, const std::string& group);
/// Throws assay::Error (usage) where the variable of the key is not there.
endpoint::ClientOptions client_options(const ClientWords& words);
/// The file of certificates that the environment names; empty: the system's.
std::string trusted_certificates();

struct ServerOptions {
  std::string model, reward_model;
  ClientWords client;
  std::string replies;
  int tokens_max = 0;  ///< of a step, or of a whole answer; 0: the default
};
void add_server_options(CLI::App& command, ServerOptions& options);

/// Must outlive what it makes. Thread-safe once that is made.
class Servers {
 public:
  static constexpr std::string_view kPrefix = "endpoint:";
  /// Throws assay::Error where the file of replies or the key is not to be had.
  Servers(const ServerOptions& options, const std::atomic<bool>& stop);

  std::unique_ptr<search::Policy> policy(const std::string& url, const search::StepRule& step,
                                         const search::Sampling& sampling);
  std::unique_ptr<search::PrefixVerifier> verifier(const std::string& url);

  /// What the user has to know before the search: what a server cannot do.
  std::vector<std::string> notes() const;
  /// The model that proposes, also where it was not named; empty: none does.
  std::string model() const;
  /// What was asked and what was not to be had, after the search, while what was made lives.
  nlohmann::json counts() const;
  std::string summary() const;

 private:
  ServerOptions options_;
  endpoint::Replies replies_;
  endpoint::Client client_;
  std::vector<const endpoint::EndpointPolicy*> policies_;
  std::vector<const endpoint::RewardVerifier*> verifiers_;
};

}  // namespace assay::cli
