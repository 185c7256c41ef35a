// Models of tokens as verifiers of prefixes, whoever proposed them: they read the problem's prompt and
// the text of each step, cut into tokens of their own.
//
// What was read is kept by prefix, up to a bound, so that a step costs its own tokens only; a score
// does not depend on what was kept. A prefix that the model has no tokens for, or that is too long for
// it, is not judged. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "harness/models/gpt.h"
#include "harness/search/verifier.h"

namespace assay::models {

/// What a verifier knows of a prefix; none in `Known::past` of a prompt of one token.
struct Known {
  std::shared_ptr<const Past> past;
  std::int32_t last = 0;
  std::int32_t length = 0;
  double log_score = 0;
  bool readable = true;
};

/// What both verifiers below do alike.
class ReadingVerifier : public search::PrefixVerifier {
 public:
  search::Stage stage() const override { return search::Stage::prefixes; }
  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override;

 protected:
  explicit ReadingVerifier(const TokenModel& model) : model_(model) {}

  /// A step to be read behind `from`.
  struct Step {
    Known from;
    std::vector<std::int32_t> tokens;
    Known to;  ///< `from` with the tokens and the score; to be filled
  };
  /// Reads the steps, as one batch.
  virtual void read(std::span<Step> steps) = 0;

 private:
  using Key = std::uint64_t;
  std::optional<Known> found(Key key);

  const TokenModel& model_;
  std::mutex mutex_;
  std::unordered_map<Key, Known> known_;
  std::size_t tokens_kept_ = 0;
};

/// A generative verifier: how likely the model itself would have gone this way. The score of a prefix is
/// the product over its steps of the geometric mean of the probabilities of the step's tokens, so that a
/// step of one token counts p(step). On chains that told right from wrong better than the same with each
/// p divided by the greatest there (of the answers of a policy that is right in half: AUC .98 against
/// .97, wrong ones accepted at .5: 1% against 19%).
class GenerativeVerifier final : public ReadingVerifier {
 public:
  explicit GenerativeVerifier(std::shared_ptr<const TokenModel> model)
      : ReadingVerifier(*model), model_(std::move(model)) {}

 private:
  void read(std::span<Step> steps) override;
  std::shared_ptr<const TokenModel> model_;
};

/// A value head, trained on rollouts whose end is known (`assay train prm`): its probability at the
/// prefix's last token.
class ValueVerifier final : public ReadingVerifier {
 public:
  /// REQUIRES: gpt->config().value.
  explicit ValueVerifier(std::shared_ptr<const Gpt> gpt)
      : ReadingVerifier(*gpt), gpt_(std::move(gpt)) {}

 private:
  void read(std::span<Step> steps) override;
  std::shared_ptr<const Gpt> gpt_;
};

}  // namespace assay::models
