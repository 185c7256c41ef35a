#include "harness/models/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"

namespace assay::models {
namespace {

constexpr char kForm[] = "assay gpt 1";
constexpr char kScores[] = "piece_scores";
// More than any model for which this is meant; no product of them overflows.
constexpr int kDimMax = 8192, kHiddenMax = 32768, kLayersMax = 128, kVocabularyMax = 1 << 18;
// The tokens of a text are a chain, which is let go from its end on, one call within the other.
constexpr int kContextMax = 8192;

void check_finite(const Weights& weights) {
  for (const Part& part : parts_of(weights.config)) {
    const std::vector<float>& values = weights.*part.where;
    if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); }))
      throw Error(fmt::format("has numbers in `{}` that are not finite", part.name));
  }
}

/// Passes an error on with the file's name before it.
template <typename Read>
auto named(const std::string& path, const std::string& remedy, const Read& read) {
  const std::string bytes = read_file_bytes(path);
  try {
    return read(std::string_view(bytes));
  } catch (const Error& error) {
    throw Error(fmt::format("{} {}{}", path, error.what(), remedy));
  }
}

Config config_of(const Tensors& all, const std::string& prefix) {
  const std::vector<std::int64_t> numbers = all.at(prefix + "config").integers();
  if (numbers.size() != 9) throw Error("has a `config` that is not nine numbers");
  for (const std::int64_t n : numbers)
    if (n < 0 || n > kVocabularyMax) throw Error(fmt::format("has {} in `config`", n));
  const auto at = [&](std::size_t i) { return static_cast<int>(numbers[i]); };
  return {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7) != 0, at(8) != 0};
}

std::vector<std::string> pieces_of(const Tensors& all) {
  std::string text = all.at("pieces").text();
  std::vector<std::string> pieces;
  std::size_t at = 0;
  for (const std::int64_t length : all.at("piece_lengths").integers()) {
    if (length < 0 || static_cast<std::uint64_t>(length) > text.size() - at)
      throw Error("has `piece_lengths` that do not fit `pieces`");
    pieces.push_back(text.substr(at, static_cast<std::size_t>(length)));
    at += static_cast<std::size_t>(length);
  }
  if (at != text.size()) throw Error("has `piece_lengths` that do not fit `pieces`");
  return pieces;
}

/// Pieces with scores are joined pair by pair; the others are cut by the longest.
std::shared_ptr<const Tokenizer> tokenizer_of(const Tensors& all) {
  std::vector<std::string> pieces = pieces_of(all);
  if (pieces.empty()) throw Error("has no pieces");
  if (const auto scores = all.tensors.find(kScores); scores != all.tensors.end())
    return std::make_shared<PairTokenizer>(std::move(pieces), scores->second.floats());
  return std::make_shared<PieceTokenizer>(PieceTokenizer::of(std::move(pieces)));
}

Model own_model(std::string_view bytes) {
  Tensors all = decode_tensors(bytes);
  if (all.metadata["form"] != kForm) throw Error("is no model of assay's");
  Model model;
  model.made = all.metadata["made"];
  model.weights = take_weights(all, "");
  model.tokenizer = tokenizer_of(all);
  if (model.tokenizer->size() != model.weights.config.vocabulary)
    throw Error(fmt::format("has a vocabulary of {} and pieces for one of {}",
                            model.weights.config.vocabulary, model.tokenizer->size()));
  return model;
}

constexpr char kRemedy[] = "; `assay train base -o FILE` writes one that can be read";

Weights llama2c_weights(std::string_view bytes) {
  std::int32_t header[7];
  if (bytes.size() < sizeof header) throw Error("is too short");
  std::memcpy(header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  Weights out;
  // A vocabulary below 0 says that the head is not the embedding.
  out.config = {header[0], header[1],     header[2],
                header[3], header[4],     header[5] == INT32_MIN ? 0 : std::abs(header[5]),
                header[6], header[5] > 0, false};
  if (const std::string trouble = trouble_of(out.config); !trouble.empty()) throw Error(trouble);
  const auto take = [&](std::int64_t count) {
    const std::size_t size = static_cast<std::size_t>(count) * sizeof(float);
    if (size > bytes.size()) throw Error("ends too early");
    std::vector<float> values(static_cast<std::size_t>(count));
    std::memcpy(values.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    return values;
  };
  for (const Part& part : parts_of(out.config)) {
    // Two tables of rotary positions stand before the head; they are computed instead.
    if (part.where == &Weights::head)
      take(std::int64_t{out.config.context} * out.config.head_dim());
    out.*part.where = take(part.count());
  }
  if (out.config.tied) take(std::int64_t{out.config.context} * out.config.head_dim());
  if (!bytes.empty()) throw Error("holds more than its header says");
  check_finite(out);
  return out;
}

}  // namespace

std::int64_t Part::count() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::vector<Part> parts_of(const Config& c) {
  const std::int64_t layers = c.layers, dim = c.dim, kv = c.kv_dim(), hidden = c.hidden,
                     vocabulary = c.vocabulary;
  std::vector<Part> parts = {
      {"embedding", &Weights::embedding, {vocabulary, dim}},
      {"attention_norm", &Weights::attention_norm, {layers, dim}},
      {"queries", &Weights::queries, {layers, dim, dim}},
      {"keys", &Weights::keys, {layers, kv, dim}},
      {"values", &Weights::values, {layers, kv, dim}},
      {"attention_out", &Weights::attention_out, {layers, dim, dim}},
      {"feed_norm", &Weights::feed_norm, {layers, dim}},
      {"gate", &Weights::gate, {layers, hidden, dim}},
      {"down", &Weights::down, {layers, dim, hidden}},
      {"up", &Weights::up, {layers, hidden, dim}},
      {"final_norm", &Weights::final_norm, {dim}},
  };
  if (!c.tied) parts.push_back({"head", &Weights::head, {vocabulary, dim}});
  if (c.value) parts.push_back({"value", &Weights::value, {dim + 1}});
  return parts;
}

std::string trouble_of(const Config& c) {
  const auto check = [](const char* name, int value, int most) {
    return value >= 1 && value <= most
               ? std::string()
               : fmt::format("has {} for `{}`; 1 to {} are possible", value, name, most);
  };
  for (const std::string& trouble :
       {check("dim", c.dim, kDimMax), check("hidden", c.hidden, kHiddenMax),
        check("layers", c.layers, kLayersMax), check("heads", c.heads, kDimMax),
        check("kv_heads", c.kv_heads, kDimMax), check("vocabulary", c.vocabulary, kVocabularyMax),
        check("context", c.context, kContextMax)})
    if (!trouble.empty()) return trouble;
  if (c.dim % c.heads != 0 || c.head_dim() % 2 != 0)
    return fmt::format("has {} heads for a `dim` of {}; each needs an even share", c.heads, c.dim);
  if (c.heads % c.kv_heads != 0)
    return fmt::format("has {} heads and {} `kv_heads`, which must divide them", c.heads,
                       c.kv_heads);
  return "";
}

Weights random_weights(const Config& config, std::uint64_t seed) {
  Weights out;
  out.config = config;
  for (const Part& part : parts_of(config)) {
    std::vector<float>& values = out.*part.where;
    values.resize(static_cast<std::size_t>(part.count()));
    const bool norm = part.where == &Weights::attention_norm || part.where == &Weights::feed_norm ||
                      part.where == &Weights::final_norm;
    // Each output begins about as large as the inputs, so that all parts learn from the first step on;
    // what is added to the stream is smaller, the more layers add to it.
    const bool added = part.where == &Weights::attention_out || part.where == &Weights::down;
    const double scale =
        1 / std::sqrt(static_cast<double>(part.shape.back()) * (added ? 2 * config.layers : 1));
    RandomStream stream(seed, part.name);
    for (float& value : values) value = norm ? 1 : static_cast<float>(scale * stream.normal());
  }
  return out;
}

void put_weights(const Weights& weights, const std::string& prefix, Tensors& to) {
  const Config& c = weights.config;
  to.tensors[prefix + "config"] = Tensor::of(std::vector<std::int64_t>{
      c.dim, c.hidden, c.layers, c.heads, c.kv_heads, c.vocabulary, c.context, c.tied, c.value});
  for (const Part& part : parts_of(c)) {
    Tensor tensor = Tensor::of(weights.*part.where);
    tensor.shape.assign(part.shape.begin(), part.shape.end());
    to.tensors[prefix + part.name] = std::move(tensor);
  }
}

Weights take_weights(const Tensors& from, const std::string& prefix) {
  Weights out;
  out.config = config_of(from, prefix);
  if (const std::string trouble = trouble_of(out.config); !trouble.empty()) throw Error(trouble);
  for (const Part& part : parts_of(out.config)) {
    const Tensor& tensor = from.at(prefix + part.name);
    if (!std::equal(tensor.shape.begin(), tensor.shape.end(), part.shape.begin(), part.shape.end(),
                    [](std::uint64_t a, std::int64_t b) { return std::cmp_equal(a, b); }))
      throw Error(fmt::format("has `{}{}` of the shape [{}], not [{}]", prefix, part.name,
                              fmt::join(tensor.shape, ", "), fmt::join(part.shape, ", ")));
    out.*part.where = tensor.floats();
  }
  check_finite(out);
  return out;
}

void save(const Weights& weights, const Tokenizer& tokenizer, const std::string& path,
          const std::string& made) {
  try {
    check_finite(weights);
  } catch (const Error& error) {
    throw Error(fmt::format("{} is not written: the model {}; try a smaller --learning-rate", path,
                            error.what()));
  }
  Tensors all;
  all.metadata["form"] = kForm;
  if (!made.empty()) all.metadata["made"] = made;
  std::string text;
  std::vector<std::int64_t> lengths;
  for (const std::string& piece : tokenizer.pieces()) {
    text += piece;
    lengths.push_back(static_cast<std::int64_t>(piece.size()));
  }
  all.tensors["pieces"] = Tensor::of(std::string_view(text));
  all.tensors["piece_lengths"] = Tensor::of(lengths);
  if (const std::span<const float> scores = tokenizer.scores(); !scores.empty())
    all.tensors[kScores] = Tensor::of(std::vector<float>(scores.begin(), scores.end()));
  put_weights(weights, "", all);
  write_whole_file(path, encode_tensors(all));
}

Model load(const std::string& path) { return named(path, kRemedy, own_model); }

Model load_llama2c(const std::string& path, const std::string& tokenizer) {
  Model model;
  model.weights = named(path, "; it must be a model of llama2.c's version 0", llama2c_weights);
  model.tokenizer =
      named(tokenizer, fmt::format("; it must be the tokenizer.bin of {}", path),
            [&](std::string_view bytes) {
              return std::make_shared<PairTokenizer>(bytes, model.weights.config.vocabulary);
            });
  return model;
}

Model load_own(const std::string& name) {
  if (!name.starts_with(kLlama2cPrefix)) return load(name);
  const std::string paths = name.substr(std::strlen(kLlama2cPrefix));
  const std::size_t comma = paths.find(',');
  if (comma == paths.npos)
    throw Error(fmt::format("{}: write {}MODEL.bin,TOKENIZER.bin", name, kLlama2cPrefix),
                ExitCode::usage);
  return load_llama2c(paths.substr(0, comma), paths.substr(comma + 1));
}

}  // namespace assay::models
