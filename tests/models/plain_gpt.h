// The model of harness/models once more, slowly: no cache, no batch, double precision, one loop for each
// sum. And small models to try.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/whole_file.h"
#include "harness/models/gpt.h"

namespace assay::tests {

/// Logits behind each of the tokens.
inline std::vector<std::vector<double>> plain_logits(const models::Weights& w,
                                                     const std::vector<std::int32_t>& tokens) {
  using Vector = std::vector<double>;
  const models::Config& c = w.config;
  const std::size_t length = tokens.size(), dim = std::size_t(c.dim),
                    head = std::size_t(c.head_dim());
  const auto product = [](const std::vector<float>& m, std::size_t from, std::size_t out,
                          const Vector& x) {
    Vector y(out);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += m[from + o * x.size() + i] * x[i];
    return y;
  };
  const auto norm = [&](const Vector& x, const std::vector<float>& weight, std::size_t from) {
    double square = 0;
    for (const double v : x) square += v * v / double(dim);
    Vector y;
    for (std::size_t i = 0; i < dim; ++i)
      y.push_back(x[i] / std::sqrt(square + 1e-5) * weight[from + i]);
    return y;
  };
  const auto turned = [&](Vector x, std::size_t position) {
    for (std::size_t i = 0; i < x.size(); i += 2) {
      const double angle = double(position) / std::pow(10000., double(i % head) / double(head));
      const double a = x[i], b = x[i + 1];
      x[i] = a * std::cos(angle) - b * std::sin(angle);
      x[i + 1] = a * std::sin(angle) + b * std::cos(angle);
    }
    return x;
  };
  std::vector<Vector> x;
  for (const std::int32_t token : tokens)
    x.emplace_back(w.embedding.begin() + token * c.dim, w.embedding.begin() + (token + 1) * c.dim);
  for (std::size_t l = 0; l < std::size_t(c.layers); ++l) {
    const std::size_t kv = std::size_t(c.kv_dim()), hidden = std::size_t(c.hidden);
    std::vector<Vector> q, k, v;
    for (std::size_t t = 0; t < length; ++t) {
      const Vector h = norm(x[t], w.attention_norm, l * dim);
      q.push_back(turned(product(w.queries, l * dim * dim, dim, h), t));
      k.push_back(turned(product(w.keys, l * kv * dim, kv, h), t));
      v.push_back(product(w.values, l * kv * dim, kv, h));
    }
    for (std::size_t t = 0; t < length; ++t) {
      Vector mixed(dim);
      for (std::size_t h = 0; h < std::size_t(c.heads); ++h) {
        const std::size_t own = h * head, shared = h / std::size_t(c.heads / c.kv_heads) * head;
        Vector weight;
        double sum = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          double dot = 0;
          for (std::size_t i = 0; i < head; ++i) dot += q[t][own + i] * k[s][shared + i];
          weight.push_back(std::exp(dot / std::sqrt(double(head))));
          sum += weight.back();
        }
        for (std::size_t s = 0; s <= t; ++s)
          for (std::size_t i = 0; i < head; ++i)
            mixed[own + i] += weight[s] / sum * v[s][shared + i];
      }
      const Vector out = product(w.attention_out, l * dim * dim, dim, mixed);
      for (std::size_t i = 0; i < dim; ++i) x[t][i] += out[i];
      const Vector f = norm(x[t], w.feed_norm, l * dim);
      Vector gate = product(w.gate, l * hidden * dim, hidden, f);
      const Vector up = product(w.up, l * hidden * dim, hidden, f);
      for (std::size_t i = 0; i < hidden; ++i) gate[i] *= up[i] / (1 + std::exp(-gate[i]));
      const Vector down = product(w.down, l * hidden * dim, dim, gate);
      for (std::size_t i = 0; i < dim; ++i) x[t][i] += down[i];
    }
  }
  std::vector<Vector> logits;
  for (const Vector& one : x)
    logits.push_back(product(c.tied ? w.embedding : w.head, 0, std::size_t(c.vocabulary),
                             norm(one, w.final_norm, 0)));
  return logits;
}

/// A model of letters that prefers some to others; untied, with grouped keys.
inline models::Model letters_model(std::uint64_t seed = 1) {
  models::Model model;
  model.tokenizer = std::make_shared<models::PieceTokenizer>(
      models::PieceTokenizer::of({"a", "b", "c", "d", "\n", "ab", "."}));
  model.weights =
      models::random_weights({24, 28, 3, 4, 2, model.tokenizer->size(), 48, false, false}, seed);
  for (const models::Part& part : models::parts_of(model.weights.config))
    if (part.shape.size() > 1 && std::string(part.name).find("norm") == std::string::npos)
      for (float& x : model.weights.*part.where) x *= 2;
  return model;
}

/// A model in llama2.c's form with a tokenizer of its own: the bytes, a few letters and pairs of them.
inline void write_llama2c(const std::string& model, const std::string& tokenizer,
                          std::uint64_t seed = 1) {
  std::string bytes(4, '\0');
  const auto add = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const char* letters[] = {" ", "a", "b", "c", "."};
  const std::pair<const char*, float> pairs[] = {{"ab", -1}, {" a", -2}, {" ab", -3}, {"ca", -4}};
  std::vector<std::pair<std::string, float>> pieces = {{"<unk>", 0}, {"<s>", 0}, {"</s>", 0}};
  for (int byte = 0; byte < 256; ++byte) pieces.emplace_back(fmt::format("<0x{:02X}>", byte), 0);
  for (const char* letter : letters) pieces.emplace_back(letter, -9);
  pieces.insert(pieces.end(), std::begin(pairs), std::end(pairs));
  for (const auto& [piece, score] : pieces) {
    add(score), add(static_cast<std::int32_t>(piece.size()));
    bytes += piece;
  }
  write_whole_file(tokenizer, bytes);

  const models::Config c = {16, 24, 2, 4, 2, static_cast<int>(pieces.size()), 24, true, false};
  models::Weights weights = models::random_weights(c, seed);
  for (float& x : weights.embedding) x *= 2;
  for (std::size_t i = 0; i < 259 * 16; ++i)
    if (i / 16 != 1 && i / 16 != 3 + 'x') weights.embedding[i] /= 8;  // seldom said
  bytes.clear();
  for (const int n : {c.dim, c.hidden, c.layers, c.heads, c.kv_heads, c.vocabulary, c.context})
    add(static_cast<std::int32_t>(n));
  for (const models::Part& part : models::parts_of(c))
    for (const float x : weights.*part.where) add(x);
  for (int i = 0; i < c.context * c.head_dim(); ++i) add(0.f);  // rotary positions, not looked at
  write_whole_file(model, bytes);
}

inline std::shared_ptr<const models::Gpt> gpt_of(const models::Model& model) {
  return std::make_shared<models::Gpt>(models::Model{model.weights, model.tokenizer});
}

}  // namespace assay::tests
