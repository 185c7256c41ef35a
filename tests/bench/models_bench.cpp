// Tokens a second of the hosted GPT: drawn with a cache forked by prefix, beside a loop without one that
// reads the whole text anew for each token, on the same model in the same run, on one thread. One unit
// of work is a batch of texts of 64 tokens. Run: build/release/models_bench [stories260K.bin tok512.bin]
#include <fmt/format.h>

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/models/gpt.h"
#include "harness/models/token_policy.h"

using namespace assay;
using namespace assay::models;

namespace {

constexpr int kLength = 64;

/// Never ends a text of itself, so that all rows have one length.
class Endless final : public Tokenizer {
 public:
  explicit Endless(std::int32_t size) : size_(size) {}
  std::optional<std::vector<std::int32_t>> encode(std::string_view) const override {
    return std::vector<std::int32_t>();
  }
  std::string text(std::int32_t, std::int32_t) const override { return "x"; }
  std::int32_t size() const override { return size_; }
  std::int32_t begin() const override { return 1; }
  bool ends(std::int32_t) const override { return false; }

 private:
  std::int32_t size_;
};

double with_cache(const std::shared_ptr<const Gpt>& gpt, int batch) {
  TokenPolicy policy(gpt, {"\n", kLength, 1}, {});
  std::vector<search::Ask> asks;
  const search::Prefix root = policy.open({"bench", ""});
  for (int i = 0; i < batch; ++i) asks.push_back({root, RandomStream(1, std::to_string(i))});
  return static_cast<double>(policy.extend(asks).size());
}

double without_cache(const std::shared_ptr<const Gpt>& gpt, int batch) {
  double read = 0;
  const auto vocabulary = static_cast<std::size_t>(gpt->config().vocabulary);
  std::vector<std::vector<std::int32_t>> texts(static_cast<std::size_t>(batch), {1});
  std::vector<RandomStream> streams;
  for (int i = 0; i < batch; ++i) streams.emplace_back(1, std::to_string(i));
  std::vector<float> logits;
  for (int t = 0; t < kLength; ++t) {
    std::vector<std::shared_ptr<Past>> reading;
    for (const auto& text : texts)
      for (auto& past : chain(nullptr, text)) reading.push_back(std::move(past));
    gpt->read(reading, &logits);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::size_t last = (i + 1) * texts[i].size() - 1;
      texts[i].push_back(
          drawn_token({logits.data() + last * vocabulary, vocabulary}, {}, false, streams[i]));
      ++read;
    }
  }
  return read;
}

double tokens_a_second(const std::shared_ptr<const Gpt>& gpt, int batch,
                       double (*work)(const std::shared_ptr<const Gpt>&, int)) {
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    const auto begin = kSteadyClock.now();
    work(gpt, batch);
    best = std::max(best, batch * kLength / kSteadyClock.seconds_since(begin));
  }
  return best;
}

void table(const char* name, Model model) {
  model.tokenizer = std::make_shared<Endless>(model.weights.config.vocabulary);
  const auto gpt = std::make_shared<Gpt>(model);
  for (const int batch : {1, 8, 64}) {
    const double cached = tokens_a_second(gpt, batch, with_cache),
                 plain = tokens_a_second(gpt, batch, without_cache);
    fmt::print("{:12} batch {:3}: {:9.0f} tokens/s, without a cache {:8.0f}: {:5.1f} times\n", name,
               batch, cached, plain, cached / plain);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Config config;
  config.vocabulary = 64;
  table("gpt 96x2", {random_weights(config, 1), nullptr});
  if (argc > 2) table("stories260K", load_llama2c(argv[1], argv[2]));
}
