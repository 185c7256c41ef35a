// Training: the same model as gpt.h in libtorch, whole texts at a time, with gradients.
#include <fmt/format.h>
#include <malloc.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/models/gpt.h"
#include "harness/models/libmodel_room.h"

namespace assay::models {
namespace {

using torch::Tensor;
namespace F = torch::nn::functional;

/// What LoRA adds to: the matrices of attention, as in arXiv 2310.04363.
bool adapts(const Part& part) {
  return part.where == &Weights::queries || part.where == &Weights::keys ||
         part.where == &Weights::values || part.where == &Weights::attention_out;
}

/// A part of the model as it is learned: all of its numbers, or what is added to them.
struct Learned {
  Part part;
  Tensor given;      ///< as training began, where something is added or nothing is learned
  Tensor in, out;    ///< LoRA: [layers][rank][in] and [layers][out][rank], else undefined
  double scale = 0;  ///< of their product

  Tensor now() const { return in.defined() ? torch::baddbmm(given, out, in, 1, scale) : given; }
};

class Network {
 public:
  Network(const Weights& weights, const TrainOptions& options) : config(weights.config) {
    const int rank = options.lora_rank;
    for (const Part& part : parts_of(config)) {
      const std::vector<float>& values = weights.*part.where;
      Learned one{part, torch::tensor(values, torch::kFloat32).view(part.shape), {}, {}};
      if (rank == 0 || part.where == &Weights::value) {
        one.given.set_requires_grad(true);
      } else if (adapts(part)) {
        // The product begins as nothing, so that the first answers are those of `weights`.
        std::vector<float> drawn(static_cast<std::size_t>(part.shape[0] * rank * part.shape[2]));
        RandomStream stream(options.seed, fmt::format("lora {}", part.name));
        for (float& x : drawn)
          x = static_cast<float>(stream.normal() / std::sqrt(static_cast<double>(part.shape[2])));
        one.in = torch::tensor(drawn).view({part.shape[0], rank, part.shape[2]});
        one.out = torch::zeros({part.shape[0], part.shape[1], rank});
        one.in.set_requires_grad(true), one.out.set_requires_grad(true);
        one.scale = options.lora_alpha / rank;
      }
      parts.push_back(std::move(one));
    }
    std::vector<float> angles;
    const int pairs = config.head_dim() / 2;
    for (int position = 0; position < config.context; ++position)
      for (int pair = 0; pair < pairs; ++pair)
        angles.push_back(
            static_cast<float>(position * std::pow(kRotaryBase, -2.0 * pair / config.head_dim())));
    const Tensor angle = torch::tensor(angles).view({config.context, 1, pairs});
    cosines = angle.cos(), sines = angle.sin();
  }

  Tensor head() const { return at(config.tied ? &Weights::embedding : &Weights::head); }

  Tensor at(std::vector<float> Weights::*where) const {
    return std::find_if(parts.begin(), parts.end(),
                        [&](const Learned& one) { return one.part.where == where; })
        ->now();
  }

  /// The vectors behind the last norm, [B,T,dim], of tokens [B,T].
  Tensor hidden(const Tensor& tokens) const {
    const std::int64_t rows = tokens.size(0), length = tokens.size(1), heads = config.heads,
                       shared = config.kv_heads, dim = config.head_dim();
    const Tensor future = torch::ones({length, length}, torch::kBool).triu(1);
    const Tensor queries = at(&Weights::queries), keys = at(&Weights::keys),
                 values = at(&Weights::values), attention_out = at(&Weights::attention_out);
    Tensor x = F::embedding(tokens, at(&Weights::embedding));
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
      const auto part = [&](std::vector<float> Weights::*where) {
        return at(where).select(0, layer);
      };
      const Tensor h = norm(x, part(&Weights::attention_norm));
      const Tensor q =
          rotated(F::linear(h, queries.select(0, layer)).view({rows, length, heads, dim}));
      Tensor k = rotated(F::linear(h, keys.select(0, layer)).view({rows, length, shared, dim}));
      Tensor v = F::linear(h, values.select(0, layer)).view({rows, length, shared, dim});
      if (shared != heads) {
        k = k.repeat_interleave(heads / shared, 2);
        v = v.repeat_interleave(heads / shared, 2);
      }
      Tensor scores = torch::matmul(q.transpose(1, 2), k.permute({0, 2, 3, 1})) /
                      std::sqrt(static_cast<double>(dim));
      scores = torch::softmax(scores.masked_fill(future, -INFINITY), -1);
      const Tensor mixed = torch::matmul(scores, v.transpose(1, 2)).transpose(1, 2);
      x = x + F::linear(mixed.reshape({rows, length, config.dim}), attention_out.select(0, layer));
      const Tensor f = norm(x, part(&Weights::feed_norm));
      const Tensor gated =
          torch::silu(F::linear(f, part(&Weights::gate))) * F::linear(f, part(&Weights::up));
      x = x + F::linear(gated, part(&Weights::down));
    }
    return norm(x, at(&Weights::final_norm));
  }

  /// Of the positions that count (`which`, into [B*T]), against their targets.
  Tensor loss(const Tensor& tokens, const Tensor& which, const Tensor& targets) const {
    const Tensor h = hidden(tokens).view({-1, config.dim}).index_select(0, which);
    if (config.value) {
      const Tensor value = at(&Weights::value);
      const Tensor odds = torch::mv(h, value.narrow(0, 0, config.dim)) + value[config.dim];
      return torch::binary_cross_entropy_with_logits(odds, targets.to(torch::kFloat32));
    }
    return F::cross_entropy(F::linear(h, head()), targets);
  }

  /// Of what comes behind each token: [B,T,vocabulary].
  Tensor logits(const Tensor& tokens) const { return F::linear(hidden(tokens), head()); }

  Weights weights() const {
    Weights out;
    out.config = config;
    for (const Learned& one : parts) {
      const Tensor plain = one.now().detach().contiguous();
      (out.*one.part.where)
          .assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
    }
    return out;
  }

  Config config;
  std::vector<Learned> parts;

 private:
  static Tensor norm(const Tensor& x, const Tensor& weight) {
    return weight * (x * torch::rsqrt(x.square().mean(-1, true) + kNormEpsilon));
  }
  Tensor rotated(const Tensor& x) const {  // [B,T,heads,dim], adjacent pairs
    const Tensor pairs = x.view({x.size(0), x.size(1), x.size(2), x.size(3) / 2, 2});
    const Tensor a = pairs.select(-1, 0), b = pairs.select(-1, 1),
                 cosine = cosines.narrow(0, 0, x.size(1)), sine = sines.narrow(0, 0, x.size(1));
    return torch::stack({a * cosine - b * sine, a * sine + b * cosine}, -1).view(x.sizes());
  }

  Tensor cosines, sines;  // [context][1][head_dim / 2]
};

struct Batch {
  Tensor tokens, which, targets;
};

/// Lessons side by side, shorter ones filled up behind, where nothing looks.
Batch batch_of(const std::vector<Lesson>& lessons) {
  std::size_t longest = 0;
  for (const Lesson& lesson : lessons) longest = std::max(longest, lesson.tokens.size());
  std::vector<std::int64_t> tokens(lessons.size() * longest), which, targets;
  for (std::size_t row = 0; row < lessons.size(); ++row) {
    const Lesson& lesson = lessons[row];
    ASSAY_INVARIANT(!lesson.tokens.empty() && lesson.tokens.size() == lesson.targets.size());
    for (std::size_t i = 0; i < lesson.tokens.size(); ++i) {
      tokens[row * longest + i] = lesson.tokens[i];
      if (lesson.targets[i] < 0) continue;
      which.push_back(static_cast<std::int64_t>(row * longest + i));
      targets.push_back(lesson.targets[i]);
    }
  }
  return {
      torch::tensor(tokens, torch::kInt64)
          .view({static_cast<std::int64_t>(lessons.size()), static_cast<std::int64_t>(longest)}),
      torch::tensor(which, torch::kInt64), torch::tensor(targets, torch::kInt64)};
}

/// Blocks of a few megabytes come and go at every step: what glibc would give back each time stays.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

/// AdamW over all that is learned, of which the matrices decay.
class Optimiser {
 public:
  Optimiser(const Network& network, const TrainOptions& options) : clip_(options.clip) {
    std::vector<Tensor> matrices, others;
    for (const auto& [part, given, in, out, scale] : network.parts) {
      const bool norm = part.where == &Weights::attention_norm ||
                        part.where == &Weights::feed_norm || part.where == &Weights::final_norm ||
                        part.where == &Weights::value;
      for (const Tensor& tensor : {given, in, out}) {
        if (!tensor.defined() || !tensor.requires_grad()) continue;
        (norm ? others : matrices).push_back(tensor);
        all_.push_back(tensor);
      }
    }
    const auto group = [](std::vector<Tensor> tensors, double decay) {
      return torch::optim::OptimizerParamGroup(
          std::move(tensors),
          std::make_unique<AdamWOptions>(AdamWOptions().betas({0.9, 0.95}).weight_decay(decay)));
    };
    adam_ = std::make_unique<torch::optim::AdamW>(
        std::vector{group(matrices, options.weight_decay), group(others, 0)}, AdamWOptions());
  }

  /// Goes down by the gradients of `backward`.
  void step(double learning_rate, const std::function<void()>& backward) {
    for (auto& group : adam_->param_groups())
      static_cast<AdamWOptions&>(group.options()).lr(learning_rate);
    adam_->zero_grad();
    backward();
    torch::nn::utils::clip_grad_norm_(all_, clip_);
    adam_->step();
  }

  /// All that is learned, and its moments.
  Halfway write() {
    Halfway out;
    for (const Tensor& tensor : all_) {
      const auto found = adam_->state().find(key_of(adam_->state(), tensor));
      const bool moved = found != adam_->state().end();  // else there was no step yet
      const Adam* state = moved ? static_cast<const Adam*>(found->second.get()) : nullptr;
      append(tensor, out.learned);
      append(moved ? state->exp_avg() : torch::zeros_like(tensor), out.mean);
      append(moved ? state->exp_avg_sq() : torch::zeros_like(tensor), out.square);
    }
    return out;
  }
  /// Goes on from there, behind so many steps. Throws Error where it is another model's.
  void read(const Halfway& from, std::int64_t steps) {
    std::size_t count = 0;
    for (const Tensor& tensor : all_) count += static_cast<std::size_t>(tensor.numel());
    if (from.learned.size() != count || from.mean.size() != count || from.square.size() != count)
      throw Error("what was kept of an earlier training does not fit the model");
    torch::NoGradGuard plain;
    std::size_t at = 0;
    for (Tensor& tensor : all_) {
      const auto part = [&](const std::vector<float>& values) {
        return torch::from_blob(const_cast<float*>(values.data()) + at, tensor.sizes()).clone();
      };
      tensor.copy_(part(from.learned));
      if (steps > 0) {
        auto state = std::make_unique<Adam>();
        state->step(steps);
        state->exp_avg(part(from.mean)), state->exp_avg_sq(part(from.square));
        adam_->state()[key_of(adam_->state(), tensor)] = std::move(state);
      }
      at += static_cast<std::size_t>(tensor.numel());
    }
  }

 private:
  using AdamWOptions = torch::optim::AdamWOptions;
  using Adam = torch::optim::AdamWParamState;

  /// By what the optimiser knows a tensor: a text until libtorch 2.0, then its address.
  template <typename States>
  static typename States::key_type key_of(const States&, const Tensor& part) {
    if constexpr (std::is_same_v<typename States::key_type, std::string>)
      return fmt::format("{}", fmt::ptr(part.unsafeGetTensorImpl()));
    else
      return part.unsafeGetTensorImpl();
  }

  static void append(const Tensor& tensor, std::vector<float>& to) {
    const Tensor plain = tensor.detach().contiguous();
    to.insert(to.end(), plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
  }

  double clip_;
  std::vector<Tensor> all_;
  std::unique_ptr<torch::optim::AdamW> adam_;
};

class NetworkLearner final : public GptLearner {
 public:
  NetworkLearner(const Weights& start, const TrainOptions& options)
      : network_(start, options), optimiser_(network_, options) {}

  std::shared_ptr<const TokenModel> model() const override {
    return std::make_shared<Gpt>(Model{weights(), nullptr});
  }

  std::vector<std::vector<double>> logits(
      const std::vector<std::vector<std::int32_t>>& texts) override {
    std::size_t longest = 0;
    for (const auto& text : texts) longest = std::max(longest, text.size());
    std::vector<std::int64_t> tokens(texts.size() * longest);  // filled up behind
    for (std::size_t row = 0; row < texts.size(); ++row)
      std::copy(texts[row].begin(), texts[row].end(),
                tokens.begin() + static_cast<std::ptrdiff_t>(row * longest));
    read_ = network_.logits(
        torch::tensor(tokens, torch::kInt64)
            .view({static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(longest)}));
    const Tensor plain = read_.detach().contiguous();
    const float* from = plain.data_ptr<float>();
    const auto vocabulary = static_cast<std::size_t>(network_.config.vocabulary);
    std::vector<std::vector<double>> out;
    for (const auto& text : texts) {
      out.emplace_back(from, from + text.size() * vocabulary);
      from += longest * vocabulary;
    }
    return out;
  }

  void learn(const std::vector<std::vector<double>>& gradient, double learning_rate) override {
    ASSAY_INVARIANT(read_.defined() && gradient.size() == static_cast<std::size_t>(read_.size(0)));
    Tensor by_logits = torch::zeros(read_.sizes());
    for (std::size_t row = 0; row < gradient.size(); ++row)
      std::copy(gradient[row].begin(), gradient[row].end(),
                by_logits[static_cast<std::int64_t>(row)].data_ptr<float>());
    optimiser_.step(learning_rate, [&] { read_.backward(by_logits); });
    read_ = Tensor();
  }

  Weights weights() const override { return network_.weights(); }

  Halfway halfway() override { return optimiser_.write(); }
  void go_on(const Halfway& from, int steps) override { optimiser_.read(from, steps); }

 private:
  Network network_;
  Optimiser optimiser_;
  Tensor read_;
};

}  // namespace

std::unique_ptr<GptLearner> LibmodelRoom::learner(const Weights& start,
                                                  const TrainOptions& options) const {
  keep_memory();
  at::set_num_threads(std::max(1, options.threads));
  return std::make_unique<NetworkLearner>(start, options);
}

Trained LibmodelRoom::train(const Weights& start, const std::function<Lesson(RandomStream&)>& next,
                            const TrainOptions& options, const std::atomic<bool>& stop,
                            const std::function<void(int)>& told) const {
  keep_memory();
  at::set_num_threads(std::max(1, options.threads));
  Network network(start, options);
  Optimiser optimiser(network, options);
  Trained out;
  if (options.from) {
    out.loss = options.from->loss;
    optimiser.read(*options.from, static_cast<std::int64_t>(out.loss.size()));
  }
  const auto halfway = [&] {
    Halfway now = optimiser.write();
    now.loss = out.loss;
    return now;
  };
  for (int step = static_cast<int>(out.loss.size()); step < options.steps && !(out.stopped = stop);
       ++step) {
    const Clock::Time begin = kSteadyClock.now();
    std::vector<Lesson> lessons;
    for (int i = 0; i < options.batch; ++i) {
      RandomStream stream(options.seed, fmt::format("lesson {} {}", step, i));
      lessons.push_back(next(stream));
      out.tokens += static_cast<std::int64_t>(lessons.back().tokens.size());
    }
    const Batch batch = batch_of(lessons);
    const Tensor loss = network.loss(batch.tokens, batch.which, batch.targets);
    optimiser.step(rate_at(options, step), [&] { loss.backward(); });
    out.loss.push_back(loss.item<double>());
    if (!std::isfinite(out.loss.back()))
      throw Error(
          fmt::format("training came to a loss that is no number at step {}; try a smaller "
                      "--learning-rate",
                      step + 1));
    out.seconds += kSteadyClock.seconds_since(begin);
    if (told) told(step + 1);
    const bool check = options.enough && (step + 1) % options.checked_every == 0;
    if (check && options.enough(network.weights())) break;
    if (options.each) options.each({step + 1, out.loss.back(), halfway});
  }
  if (out.stopped) out.halfway = halfway();
  out.weights = network.weights();
  return out;
}

}  // namespace assay::models
