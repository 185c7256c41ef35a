#include "harness/cli/servers.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace assay::cli {

using nlohmann::json;

namespace {

std::string key_of(const std::string& variable) {
  const char* key = std::getenv(variable.empty() ? "OPENAI_API_KEY" : variable.c_str());
  if (!key && !variable.empty())
    throw Error(fmt::format("--api-key-env {}: there is no such variable", variable),
                ExitCode::usage);
  return key ? key : "";
}

}  // namespace

std::string trusted_certificates() {
  const char* file = std::getenv("SSL_CERT_FILE");
  return file ? file : "";
}

endpoint::ClientOptions client_options(const ClientWords& words) {
  endpoint::ClientOptions out;
  out.key = key_of(words.key_variable);
  out.certificates = trusted_certificates();
  out.in_flight = words.in_flight;
  out.attempts_max = words.attempts;
  out.total_seconds = words.timeout_seconds;
  return out;
}

void add_client_options(CLI::App& command, ClientWords& words, const std::string& group) {
  const auto option = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->group(group);
  };
  option("--in-flight", words.in_flight, "Requests at once")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  option("--attempts", words.attempts, "Of a request, before it is given up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  option("--request-timeout", words.timeout_seconds, "Seconds that an attempt may take")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  option("--api-key-env", words.key_variable,
         "The environment variable that holds the key (default OPENAI_API_KEY)");
}

void add_server_options(CLI::App& command, ServerOptions& options) {
  const std::string group = "Servers (endpoint:URL)";
  const auto option = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->group(group);
  };
  option("--model", options.model,
         "Which of the policy's server (default: the only one that it has)");
  option("--reward-model", options.reward_model, "The same of the verifier's server");
  option("--max-tokens", options.tokens_max,
         "Most tokens of a step, which then ends (default 256); of an answer where a server gives "
         "whole ones only (default 4096)")
      ->check(CLI::Range(1, 1 << 20));
  option("--replies", options.replies,
         "A file in which each reply is kept: the same command asks for nothing that is in it");
  add_client_options(command, options.client, group);
}

Servers::Servers(const ServerOptions& options, const std::atomic<bool>& stop)
    : options_(options), replies_(options.replies), client_(client_options(options.client), stop) {}

std::unique_ptr<search::Policy> Servers::policy(const std::string& url,
                                                const search::StepRule& step,
                                                const search::Sampling& sampling) {
  endpoint::PolicyOptions options{url, options_.model, step, sampling};
  if (options_.tokens_max)
    options.step.tokens_max = options.answer_tokens_max = options_.tokens_max;
  auto made = std::make_unique<endpoint::EndpointPolicy>(options, client_, replies_);
  policies_.push_back(made.get());
  return made;
}

std::unique_ptr<search::PrefixVerifier> Servers::verifier(const std::string& url) {
  auto made =
      std::make_unique<endpoint::RewardVerifier>(url, options_.reward_model, client_, replies_);
  verifiers_.push_back(made.get());
  return made;
}

std::string Servers::model() const { return policies_.empty() ? "" : policies_.front()->model(); }

std::vector<std::string> Servers::notes() const {
  std::vector<std::string> out;
  if (!replies_.note().empty()) out.push_back(replies_.note());
  for (const auto* policy : policies_)
    out.insert(out.end(), policy->notes().begin(), policy->notes().end());
  return out;
}

json Servers::counts() const {
  const endpoint::Counts counts = client_.counts();
  std::int64_t refused = 0, estimated = 0, shortened = 0, full = 0, too_long = 0, unjudged = 0;
  for (const auto* policy : policies_) {
    refused += policy->counts().refused;
    estimated += policy->counts().estimated;
    shortened += policy->counts().shortened;
    full += policy->counts().full;
    too_long += policy->counts().too_long;
  }
  for (const auto* verifier : verifiers_) unjudged += verifier->refused();
  return {{"model", policies_.empty() ? json() : json(policies_.front()->model())},
          {"requests", counts.requests},
          {"attempts", counts.attempts},
          {"retries", counts.retries},
          {"replies_read", replies_.read()},
          {"replies_reused", replies_.reused()},
          {"steps_refused", refused},
          {"steps_estimated", estimated},
          {"steps_shortened", shortened},
          {"steps_cut_at_context", full},
          {"prompts_too_long", too_long},
          {"scores_refused", unjudged}};
}

std::string Servers::summary() const {
  const json all = counts();
  const auto count = [&](const char* key) { return grouped(all.at(key).get<std::int64_t>()); };
  std::string out =
      fmt::format("Servers: {} requests in {} attempts; {} replies were known from before",
                  count("requests"), count("attempts"), count("replies_reused"));
  if (all["steps_refused"] != 0)
    out += fmt::format("; {} steps were refused and answer nothing", count("steps_refused"));
  if (all["steps_estimated"] != 0)
    out += fmt::format("; the tokens of {} steps are estimated", count("steps_estimated"));
  if (all["steps_shortened"] != 0)
    out +=
        fmt::format("; {} steps were asked for again with fewer tokens, for which there was room",
                    count("steps_shortened"));
  if (all["steps_cut_at_context"] != 0)
    out += fmt::format("; {} steps were cut where the model reads no further",
                       count("steps_cut_at_context"));
  if (all["prompts_too_long"] != 0)
    out += fmt::format("; {} times a prompt was too long for the model and answers nothing",
                       count("prompts_too_long"));
  if (all["scores_refused"] != 0)
    out += fmt::format("; {} scores could not be had and are not judged", count("scores_refused"));
  return out + ".\n";
}

}  // namespace assay::cli
