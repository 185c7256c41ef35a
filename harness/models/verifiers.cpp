#include "harness/models/verifiers.h"

#include <cmath>

#include "harness/models/token_policy.h"

namespace assay::models {

using search::Prefix;
using search::Score;

namespace {

constexpr std::size_t kTokensKeptMax = 50'000;  ///< some 50 MB with a small model

/// The same for the same problem and the same steps, also where two tasks share a name.
std::uint64_t key_of(std::uint64_t prompt, const Prefix& prefix) {
  return prefix->key * 0x9e3779b97f4a7c15ULL ^ prompt;
}

}  // namespace

std::optional<Known> ReadingVerifier::found(Key key) {
  const std::lock_guard lock(mutex_);
  const auto at = known_.find(key);
  return at == known_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<Score> ReadingVerifier::score(const search::Problem& problem,
                                          std::span<const Prefix> prefixes) {
  const std::uint64_t prompt = std::hash<std::string>()(problem.prompt);
  std::unordered_map<Key, Known> here;
  std::vector<std::vector<Prefix>> unknown;  ///< by depth
  std::unordered_map<Key, bool> listed;
  for (const Prefix& prefix : prefixes) {
    for (Prefix at = prefix; at; at = at->parent) {
      const Key key = key_of(prompt, at);
      if (listed[key]) break;
      listed[key] = true;
      if (const std::optional<Known> known = found(key)) {
        here.emplace(key, *known);
        break;
      }
      const auto depth = static_cast<std::size_t>(at->depth);
      if (unknown.size() <= depth) unknown.resize(depth + 1);
      unknown[depth].push_back(at);
    }
  }
  std::size_t kept = 0;
  for (const std::vector<Prefix>& level : unknown) {
    std::vector<Step> steps;
    std::vector<Key> keys;
    for (const Prefix& prefix : level) {
      const Key key = key_of(prompt, prefix);
      Step step;
      if (prefix->parent) step.from = here.at(key_of(prompt, prefix->parent));
      auto tokens = step_tokens(model_.tokenizer(), problem, *prefix);
      step.from.readable &=
          tokens && step.from.length + tokens->size() <= static_cast<std::size_t>(model_.context());
      if (!step.from.readable || tokens->empty()) {
        // An answer's end is no text: it is worth what it ends.
        step.from.readable &= step.from.length > 0;
        here[key] = step.from;
        continue;
      }
      step.tokens = *std::move(tokens);
      kept += step.tokens.size();
      steps.push_back(std::move(step));
      keys.push_back(key);
    }
    if (!steps.empty()) read(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) here[keys[i]] = std::move(steps[i].to);
  }
  std::vector<Score> scores;
  for (const Prefix& prefix : prefixes) {
    const Known& known = here.at(key_of(prompt, prefix));
    scores.push_back({known.readable ? std::exp(known.log_score) : 0, known.readable});
  }
  const std::lock_guard lock(mutex_);
  tokens_kept_ += kept;
  if (tokens_kept_ > kTokensKeptMax) known_.clear(), tokens_kept_ = kept;
  known_.insert(here.begin(), here.end());
  return scores;
}

void GenerativeVerifier::read(std::span<Step> steps) {
  // The last token of what is before a step is read with it: what comes behind that is its first.
  std::vector<std::shared_ptr<Past>> reading;
  for (Step& step : steps) {
    std::vector<std::int32_t> tokens = step.tokens;
    step.to = step.from;
    step.to.last = tokens.back();
    step.to.length += static_cast<std::int32_t>(tokens.size());
    tokens.pop_back();
    if (step.from.length > 0) tokens.insert(tokens.begin(), step.from.last);
    const auto read = chain(step.from.past, tokens);
    if (!read.empty()) step.to.past = read.back();
    reading.insert(reading.end(), read.begin(), read.end());
  }
  std::vector<float> logits;
  model_->read(reading, &logits);
  const auto vocabulary = static_cast<std::size_t>(model_->tokenizer().size());
  std::size_t at = 0;
  for (Step& step : steps) {
    if (step.from.length == 0) {  // the prompt, of which nothing is asked
      at += step.tokens.size() - 1;
      continue;
    }
    double sum = 0;
    for (const std::int32_t token : step.tokens) {
      sum += log_softmax({&logits[at++ * vocabulary], vocabulary})[static_cast<std::size_t>(token)];
    }
    step.to.log_score += sum / static_cast<double>(step.tokens.size());
  }
}

void ValueVerifier::read(std::span<Step> steps) {
  std::vector<std::shared_ptr<Past>> reading;
  std::vector<std::size_t> ends;
  for (Step& step : steps) {
    const auto read = chain(step.from.past, step.tokens);
    step.to.past = read.back();
    step.to.length = read.back()->length;
    reading.insert(reading.end(), read.begin(), read.end());
    ends.push_back(reading.size() - 1);
  }
  const std::vector<double> odds = gpt_->values(reading);
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i].to.log_score = -std::log1p(std::exp(-odds[ends[i]]));
}

}  // namespace assay::models
