#include "harness/models/gpt.h"

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::models {
namespace {

/// Of `layers` blocks of rows that lie one behind the other, those of one, and of several such.
std::vector<float> of_layer(std::initializer_list<const std::vector<float>*> all, int layer,
                            int layers) {
  std::vector<float> out;
  for (const std::vector<float>* values : all) {
    const auto size = static_cast<std::ptrdiff_t>(values->size()) / layers;
    out.insert(out.end(), values->begin() + layer * size, values->begin() + (layer + 1) * size);
  }
  return out;
}

/// x / its root mean square, times `weight`, row by row.
void norm(const std::vector<float>& x, const std::vector<float>& weight, std::vector<float>& out) {
  const std::size_t dim = weight.size();
  for (std::size_t row = 0; row < x.size(); row += dim) {
    float sum = 0;
    for (std::size_t i = 0; i < dim; ++i) sum += x[row + i] * x[row + i];
    const float scale = 1 / std::sqrt(sum / static_cast<float>(dim) + kNormEpsilon);
    for (std::size_t i = 0; i < dim; ++i) out[row + i] = weight[i] * (scale * x[row + i]);
  }
}

void add(const std::vector<float>& from, std::vector<float>& to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

Gpt::Gpt(const Model& model)
    : config_(model.weights.config),
      tokenizer_(model.tokenizer),
      embedding_(model.weights.embedding),
      final_norm_(model.weights.final_norm),
      value_(model.weights.value) {
  const Weights& w = model.weights;
  const Config& c = config_;
  for (int layer = 0; layer < c.layers; ++layer) {
    const auto part = [&](std::initializer_list<const std::vector<float>*> all) {
      return of_layer(all, layer, c.layers);
    };
    layers_.push_back({part({&w.attention_norm}),
                       part({&w.feed_norm}),
                       {part({&w.queries, &w.keys, &w.values}), c.dim + 2 * c.kv_dim(), c.dim},
                       {part({&w.attention_out}), c.dim, c.dim},
                       {part({&w.gate, &w.up}), 2 * c.hidden, c.dim},
                       {part({&w.down}), c.dim, c.hidden}});
  }
  head_ = Matrix(c.tied ? w.embedding : w.head, c.vocabulary, c.dim);
  for (int position = 0; position < c.context; ++position)
    for (int pair = 0; pair < c.head_dim() / 2; ++pair) {
      const double angle = position * std::pow(kRotaryBase, -2.0 * pair / c.head_dim());
      cosines_.push_back(static_cast<float>(std::cos(angle)));
      sines_.push_back(static_cast<float>(std::sin(angle)));
    }
}

void Gpt::rotate(float* vector, int heads, int position) const {
  const int pairs = config_.head_dim() / 2;
  const float* cosines = cosines_.data() + static_cast<std::ptrdiff_t>(position) * pairs;
  const float* sines = sines_.data() + static_cast<std::ptrdiff_t>(position) * pairs;
  for (int h = 0; h < heads; ++h)
    for (int i = 0; i < pairs; ++i, vector += 2) {
      const float a = vector[0], b = vector[1];
      vector[0] = a * cosines[i] - b * sines[i];
      vector[1] = a * sines[i] + b * cosines[i];
    }
}

std::vector<float> Gpt::hidden(std::span<const std::shared_ptr<Past>> tokens) const {
  const Config& c = config_;
  const std::size_t n = tokens.size(), dim = static_cast<std::size_t>(c.dim),
                    kv = static_cast<std::size_t>(c.kv_dim()), wide = dim + 2 * kv,
                    feed = static_cast<std::size_t>(c.hidden);
  const int rows = static_cast<int>(n);
  // What each token looks at: what was kept of all before it and of itself. A token right behind the
  // one before it in the batch goes on with its list.
  std::vector<std::vector<const float*>> lists;
  std::vector<std::size_t> list_of(n);
  int longest = 0;
  for (std::size_t r = 0; r < n; ++r) {
    Past& past = *tokens[r];
    ASSAY_INVARIANT(past.length <= c.context && past.token >= 0 && past.token < c.vocabulary);
    past.kept.resize(static_cast<std::size_t>(c.layers) * 2 * kv);
    if (r == 0 || past.before != tokens[r - 1]) {
      std::vector<const float*>& list = lists.emplace_back(static_cast<std::size_t>(past.length));
      auto at = list.rbegin() + 1;
      for (const Past* p = past.before.get(); p; p = p->before.get()) *at++ = p->kept.data();
      list.back() = past.kept.data();
    } else {
      lists.back().push_back(past.kept.data());
    }
    list_of[r] = lists.size() - 1;
    longest = std::max(longest, static_cast<int>(past.length));
  }

  std::vector<float> x(n * dim), normed(n * dim), projected(n * wide), mixed(n * dim),
      fed(n * 2 * feed), gated(n * feed), scratch(static_cast<std::size_t>(longest));
  for (std::size_t r = 0; r < n; ++r)
    std::copy_n(embedding_.begin() + static_cast<std::ptrdiff_t>(tokens[r]->token) * c.dim, c.dim,
                x.begin() + static_cast<std::ptrdiff_t>(r * dim));
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const Layer& l = layers_[layer];
    norm(x, l.attention_norm, normed);
    multiply(l.query_key_value, normed.data(), rows, projected.data());
    for (std::size_t r = 0; r < n; ++r) {
      float* queries = &projected[r * wide];
      rotate(queries, c.heads, tokens[r]->length - 1);
      rotate(queries + dim, c.kv_heads, tokens[r]->length - 1);
      std::copy_n(queries + dim, 2 * kv, &tokens[r]->kept[layer * 2 * kv]);
    }
    for (std::size_t r = 0; r < n; ++r)
      for (int h = 0; h < c.heads; ++h) {
        const auto own = static_cast<std::size_t>(h * c.head_dim()),
                   shared = static_cast<std::size_t>(h / (c.heads / c.kv_heads) * c.head_dim());
        const std::size_t key = layer * 2 * kv + shared;
        attend({&projected[r * wide + own], c.head_dim(), key, key + kv, &mixed[r * dim + own]},
               lists[list_of[r]].data(), tokens[r]->length, scratch.data());
      }
    multiply(l.attention_out, mixed.data(), rows, normed.data());
    add(normed, x);
    norm(x, l.feed_norm, normed);
    multiply(l.gate_up, normed.data(), rows, fed.data());
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t i = 0; i < feed; ++i) {
        const float gate = fed[r * 2 * feed + i];
        gated[r * feed + i] = gate / (1 + std::exp(-gate)) * fed[r * 2 * feed + feed + i];
      }
    multiply(l.down, gated.data(), rows, normed.data());
    add(normed, x);
  }
  norm(x, final_norm_, normed);
  return normed;
}

void Gpt::read(std::span<const std::shared_ptr<Past>> tokens, std::vector<float>* logits) const {
  if (tokens.empty()) return;
  const std::vector<float> read = hidden(tokens);
  if (!logits) return;
  logits->resize(tokens.size() * static_cast<std::size_t>(config_.vocabulary));
  multiply(head_, read.data(), static_cast<int>(tokens.size()), logits->data());
}

std::vector<double> Gpt::values(std::span<const std::shared_ptr<Past>> tokens) const {
  ASSAY_INVARIANT(config_.value);
  const std::vector<float> read = hidden(tokens);
  const auto dim = static_cast<std::size_t>(config_.dim);
  std::vector<double> out;
  for (std::size_t r = 0; r < tokens.size(); ++r) {
    double sum = value_[dim];
    for (std::size_t i = 0; i < dim; ++i) sum += double{value_[i]} * read[r * dim + i];
    out.push_back(sum);
  }
  return out;
}

}  // namespace assay::models
