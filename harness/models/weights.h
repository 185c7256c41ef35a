// A small language model as plain numbers: a decoder in Llama's form (RMSNorm, rotary positions on
// adjacent pairs, SwiGLU, keys and values shared by groups of heads), and the files that keep it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/models/tokenizer.h"

namespace assay {
struct Tensors;
}

namespace assay::models {

struct Config {
  int dim = 96;      ///< of a token's vector; heads divide it, each with an even share
  int hidden = 256;  ///< of the feed-forward part
  int layers = 2;
  int heads = 4;
  int kv_heads = 4;  ///< heads that have keys and values of their own; they divide `heads`
  int vocabulary = 0;
  int context = 128;   ///< tokens that it can read
  bool tied = true;    ///< the head is the embedding
  bool value = false;  ///< it has a value head: a score of each prefix

  int head_dim() const { return dim / heads; }
  int kv_dim() const { return head_dim() * kv_heads; }
};

inline constexpr float kNormEpsilon = 1e-5f;
inline constexpr double kRotaryBase = 10000;

/// Row by row; [layers] first where there is one a layer, and outputs before inputs.
struct Weights {
  Config config;
  std::vector<float> embedding;                             ///< [vocabulary][dim]
  std::vector<float> attention_norm, feed_norm;             ///< [layers][dim]
  std::vector<float> queries, keys, values, attention_out;  ///< [layers][out][in]
  std::vector<float> gate, down, up;                        ///< w1, w2, w3
  std::vector<float> final_norm;                            ///< [dim]
  std::vector<float> head;                                  ///< [vocabulary][dim] unless tied
  std::vector<float> value;                                 ///< [dim + 1], the last a bias
};

/// One of the tensors that a model of a configuration has.
struct Part {
  const char* name;
  std::vector<float> Weights::*where;
  std::vector<std::int64_t> shape;
  std::int64_t count() const;
};
/// In the order of llama2.c's file; `head` and `value` come last, where there are any.
std::vector<Part> parts_of(const Config& config);

/// Why there can be no model of this configuration; empty: there can.
std::string trouble_of(const Config& config);

/// A beginning for training. REQUIRES: trouble_of(config) is empty.
Weights random_weights(const Config& config, std::uint64_t seed);

struct Model {
  Weights weights;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::string made = {};  ///< how, as the file says it; empty where it does not
};

/// Our own file: safetensors with the configuration, the tokenizer and the weights, under a checksum.
/// Throw Error that names the file; nothing of what is read is trusted. `made` says how it was made, as
/// JSON. A model with weights that are not finite is not written. REQUIRES of save(): the tokenizer is one of PieceTokenizer::of(), or a PairTokenizer.
void save(const Weights& weights, const Tokenizer& tokenizer, const std::string& path,
          const std::string& made = "");
Model load(const std::string& path);

/// Weights with their configuration among other tensors, each name behind `prefix`. take_weights throws
/// Error where they are not there, or are none (a phrase that goes behind a file's name).
void put_weights(const Weights& weights, const std::string& prefix, Tensors& to);
Weights take_weights(const Tensors& from, const std::string& prefix);

/// llama2.c's form, "version 0", and its tokenizer.
Model load_llama2c(const std::string& path, const std::string& tokenizer);

inline constexpr char kLlama2cPrefix[] = "llama2c:";

/// A model to train on: the path of a file of ours, or "llama2c:FILE,TOKENIZER".
Model load_own(const std::string& name);

}  // namespace assay::models
