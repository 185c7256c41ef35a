// A server that scores prefixes, as verifier. The end of its address says how it is asked:
//   /classify  vLLM: {model, input: [texts]} -> data[{index, probs}]: one probability, or that of the
//              second of two classes
//   /pooling   vLLM: {model, input: [texts]} -> data[{index, data}]: a raw number (of the text, or of
//              each token, of which the last counts) through the logistic function, or after each step
//              the probabilities of wrong and right, of which the last pair counts
//   /score     vLLM: {model, text_1: prompt, text_2: [texts]} -> data[{index, score}]
//   else       a hook of your own: {prompt, prefix, problem, finished} -> {score}: one text a request
// A score is from 0 to 1; anything else is an error that names it, except where a raw number is
// documented. null, and what the server refuses to score, is not judged. Thread-safe.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "harness/endpoint/client.h"
#include "harness/endpoint/replies.h"
#include "harness/search/verifier.h"

namespace assay::endpoint {

class RewardVerifier : public search::PrefixVerifier {
 public:
  /// `model` is sent where the form has one. Throws assay::Error for an address that is none.
  RewardVerifier(const std::string& url, std::string model, Client& client, Replies& replies);

  search::Stage stage() const override { return search::Stage::prefixes; }
  /// Throws Stopped, and assay::Error where nothing answers or a score means nothing.
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

  /// Scores that the server refused, each as often as it was asked for.
  std::int64_t refused() const { return refused_; }

 private:
  enum class Form { classify, pooling, score, hook };
  struct Item;
  nlohmann::json body_of(const search::Problem& problem,
                         const std::vector<const Item*>& items) const;
  void take(const Reply& reply, const std::vector<Item*>& items);
  void ask(const search::Problem& problem, const std::vector<Item*>& items, std::size_t together);

  std::string url_, model_;
  Form form_;
  Client& client_;
  Replies& replies_;
  std::atomic<std::int64_t> refused_ = 0;
};

/// The score that an item of vLLM's /pooling means. Throws assay::Error where it is of no form above.
double pooled_score(const nlohmann::json& data, const std::string& where);

}  // namespace assay::endpoint
