// An OpenAI-compatible server as policy, continued step by step: each step is a request whose prompt
// is the problem's and the text so far. Thread-safe, as the client and the replies are.
//
// Asks of one call that share a prefix are one request for several choices. Choice i of it is the draw
// of the seed s + i, as vLLM has it; what a reply lacks is asked again by that seed, so that a server
// that keeps to its seeds gives the same answers however often it fails.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/endpoint/client.h"
#include "harness/endpoint/completions.h"
#include "harness/endpoint/replies.h"
#include "harness/search/policy.h"

namespace assay::endpoint {

struct PolicyOptions {
  std::string url;    ///< http://HOST:PORT, with or without /v1
  std::string model;  ///< empty: the only one that the server has
  search::StepRule step;
  search::Sampling sampling;
  int answer_tokens_max = 4096;  ///< where only whole answers can be had
};

class EndpointPolicy : public search::Policy {
 public:
  /// Asks the server what it is: a few small requests, which `replies` may know. Throws assay::Error
  /// where it has no such model or gives no texts, and as the client does.
  EndpointPolicy(PolicyOptions options, Client& client, Replies& replies);

  search::Capabilities capabilities() const override;
  search::Prefix open(const search::Problem& problem) override;
  /// Refused are steps that a filter kept back and those that no reply held. Throws Stopped, and
  /// assay::Error where the server fails for good.
  std::vector<search::Prefix> extend(std::span<search::Ask> asks) override;

  const std::string& model() const { return drawing_.model; }
  /// Sentences for the user: what the server cannot do.
  const std::vector<std::string>& notes() const { return notes_; }
  struct Counts {
    std::atomic<std::int64_t> refused = 0;    ///< steps that could not be had
    std::atomic<std::int64_t> estimated = 0;  ///< steps whose tokens nobody counted
    std::atomic<std::int64_t> shortened = 0;  ///< steps asked for again with fewer tokens
    std::atomic<std::int64_t> full = 0;       ///< answers cut where the model reads no further
    std::atomic<std::int64_t> too_long = 0;   ///< answers that a prompt too long did not get
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Slot;
  void choose_model();
  void probe();
  bool draws(const std::string& prompt, const std::string& so_far, std::string* text,
             std::int64_t* prompt_tokens = nullptr);
  void fetch(const Drawing& drawing, std::vector<Slot>& slots);
  /// Whether some are to be asked for again with fewer tokens.
  bool fetch_once(const Drawing& drawing, std::vector<Slot>& slots, bool together);
  bool shorten(Slot& slot, const std::string& words);
  void tell_ends_apart(std::vector<Slot>& slots);
  search::Prefix step_of(const search::Ask& ask, const Slot& slot);
  [[noreturn]] void fail(const Reply& reply) const;

  PolicyOptions options_;
  Client& client_;
  Replies& replies_;
  Drawing drawing_;
  std::vector<std::string> notes_;
  std::atomic<std::size_t> choices_max_;  ///< that one request may ask for
  std::atomic<int> alone_ = 0;            ///< replies in a row with one choice of several
  Counts counts_;
};

}  // namespace assay::endpoint
