#include "harness/train/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <filesystem>

#include "harness/base/error.h"
#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"

namespace assay::train {
namespace {

using nlohmann::json;

constexpr char kForm[] = "assay training 1";
constexpr std::size_t kRoundNumbers = 5;

const Tensor& tensor_of(const Tensors& all, const std::string& name) {
  const auto found = all.tensors.find(name);
  if (found == all.tensors.end()) throw Error(fmt::format("lacks `{}`", name));
  return found->second;
}

bool same(const models::Config& a, const models::Config& b) {
  return a.dim == b.dim && a.hidden == b.hidden && a.layers == b.layers && a.heads == b.heads &&
         a.kv_heads == b.kv_heads && a.vocabulary == b.vocabulary && a.context == b.context &&
         a.tied == b.tied && a.value == b.value;
}

models::Weights weights_of(const Tensors& all, const std::string& prefix,
                           const models::Config& config) {
  models::Weights out = models::take_weights(all, prefix);
  if (!same(out.config, config))
    throw Error(fmt::format("has `{}config` of another model", prefix));
  return out;
}

void put(const models::Halfway& halfway, const std::string& prefix, Tensors& to) {
  models::put_weights(halfway.weights, prefix + "weights.", to);
  models::put_weights(halfway.mean, prefix + "mean.", to);
  models::put_weights(halfway.square, prefix + "square.", to);
  to.tensors[prefix + "loss"] = Tensor::of(halfway.loss);
}

std::optional<models::Halfway> halfway_of(const Tensors& all, const std::string& prefix,
                                          const models::Config& config) {
  if (!all.tensors.contains(prefix + "loss")) return std::nullopt;
  return models::Halfway{
      weights_of(all, prefix + "weights.", config), weights_of(all, prefix + "mean.", config),
      weights_of(all, prefix + "square.", config), tensor_of(all, prefix + "loss").doubles()};
}

void put(const std::vector<models::Lesson>& lessons, Tensors& to) {
  std::vector<std::int64_t> lengths, tokens, targets;
  for (const models::Lesson& lesson : lessons) {
    lengths.push_back(static_cast<std::int64_t>(lesson.tokens.size()));
    tokens.insert(tokens.end(), lesson.tokens.begin(), lesson.tokens.end());
    targets.insert(targets.end(), lesson.targets.begin(), lesson.targets.end());
  }
  to.tensors["lesson_lengths"] = Tensor::of(lengths);
  to.tensors["lesson_tokens"] = Tensor::of(tokens);
  to.tensors["lesson_targets"] = Tensor::of(targets);
}

std::vector<models::Lesson> lessons_of(const Tensors& all, const models::Config& config) {
  const std::vector<std::int64_t> tokens = tensor_of(all, "lesson_tokens").integers(),
                                  targets = tensor_of(all, "lesson_targets").integers();
  const auto in = [&](std::int64_t token, int least) {
    return token >= least && token < config.vocabulary;
  };
  std::vector<models::Lesson> out;
  std::size_t at = 0;
  for (const std::int64_t length : tensor_of(all, "lesson_lengths").integers()) {
    const std::size_t left = std::min(tokens.size(), targets.size()) - at;
    if (length < 1 || length > config.context || std::cmp_greater(length, left))
      throw Error("has lessons of lengths that cannot be");
    models::Lesson& lesson = out.emplace_back();
    for (const std::size_t end = at + static_cast<std::size_t>(length); at < end; ++at) {
      if (!in(tokens[at], 0) || !in(targets[at], -1))
        throw Error("has lessons of tokens that the model lacks");
      lesson.tokens.push_back(static_cast<std::int32_t>(tokens[at]));
      lesson.targets.push_back(static_cast<std::int32_t>(targets[at]));
    }
  }
  return out;
}

void put(const Thinker& thinker, Tensors& to) {
  models::put_weights(thinker.weights, "thinker.", to);
  std::vector<double> rounds;
  for (const Round& one : thinker.rounds)
    rounds.insert(rounds.end(), {static_cast<double>(one.rows), one.accepted, one.fdr.value_or(NAN),
                                 one.tokens, one.loss.value_or(NAN)});
  to.tensors["rounds"] = Tensor::of(rounds);
  to.tensors["rounds_loss"] = Tensor::of(thinker.loss);
  put(thinker.lessons, to);
  if (thinker.halfway) put(*thinker.halfway, "round.", to);
}

std::optional<Thinker> thinker_of(const Tensors& all, const models::Config& config) {
  if (!all.tensors.contains("rounds")) return std::nullopt;
  Thinker out;
  out.weights = weights_of(all, "thinker.", config);
  const std::vector<double> rounds = tensor_of(all, "rounds").doubles();
  const auto there = [](double number) {
    return std::isnan(number) ? std::nullopt : std::optional(number);
  };
  for (std::size_t i = 0; i + kRoundNumbers <= rounds.size(); i += kRoundNumbers) {
    const double* one = &rounds[i];
    if (!(one[0] >= 0 && one[0] < 1e9)) throw Error("has rounds that cannot be");
    out.rounds.push_back(
        {static_cast<std::size_t>(one[0]), one[1], there(one[2]), one[3], there(one[4])});
  }
  out.loss = tensor_of(all, "rounds_loss").doubles();
  out.lessons = lessons_of(all, config);
  out.halfway = halfway_of(all, "round.", config);
  if (out.rounds.empty() ? out.halfway.has_value() || !out.lessons.empty() : out.lessons.empty())
    throw Error("has rounds and lessons that do not fit each other");
  return out;
}

/// The first few of what two recipes differ in: "options.batch 16, not 32".
std::string differences(const json& there, const json& here) {
  const json was = there.flatten(), is = here.flatten();
  std::vector<std::string> out;
  const auto value = [](const json& of, const std::string& key) {
    return of.contains(key) ? of[key].dump() : std::string("none");
  };
  json keys = is;
  keys.update(was);
  constexpr std::size_t kTold = 3;
  for (const auto& [key, unused] : keys.items()) {
    if (value(was, key) == value(is, key)) continue;
    if (out.size() == kTold) return fmt::format("{} and more", fmt::join(out, ", "));
    out.push_back(fmt::format("{} {}, not {}", key.substr(key.rfind('/') + 1), value(was, key),
                              value(is, key)));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

json recipe_in(const std::string& text) {
  constexpr int kDepthMax = 4;  // the recipe, its options, a list in one of them
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth < kDepthMax; };
  const json recipe = json::parse(text, shallow, false);
  return recipe.is_object() ? recipe : json();
}

Checkpoint::Checkpoint(std::string path, json recipe, double seconds, const Clock& clock)
    : path_(std::move(path)),
      recipe_(std::move(recipe)),
      seconds_(seconds),
      clock_(clock),
      last_(clock.now()) {}

std::string Checkpoint::open(const models::Config& config) {
  opened_ = true;
  if (!std::filesystem::exists(path_)) return "";
  try {
    const std::string bytes = read_file_bytes(path_);
    Tensors all = decode_tensors(bytes);
    if (all.metadata["form"] != kForm) throw Error("is no training of assay's");
    const json recipe = recipe_in(all.metadata["recipe"]);
    if (recipe.is_null()) throw Error("does not say what it is of");
    if (recipe != recipe_)
      return fmt::format("{} is of another training ({}) and is not used: this one begins anew",
                         path_, differences(recipe, recipe_));
    Kept found;
    if (all.tensors.contains("base.config")) found.base = weights_of(all, "base.", config);
    found.training = halfway_of(all, "training.", config);
    found.thinker = thinker_of(all, config);
    kept = std::move(found);
    where_ = all.metadata["where"];
  } catch (const Error& error) {
    const std::string what = error.what();
    return fmt::format("{}, so it is not used: the training begins anew",
                       what.starts_with(path_) ? what : fmt::format("{} {}", path_, what));
  }
  return fmt::format("the training goes on from {} ({})", where_, path_);
}

void Checkpoint::write(const std::string& where) {
  Tensors all;
  all.metadata = {{"form", kForm}, {"recipe", recipe_.dump()}, {"where", where}};
  if (kept.base) models::put_weights(*kept.base, "base.", all);
  if (kept.training) put(*kept.training, "training.", all);
  if (kept.thinker) put(*kept.thinker, all);
  write_whole_file(path_, encode_tensors(all));
  where_ = where;
  last_ = clock_.now();
}

void Checkpoint::remove() {
  std::error_code ignored;
  if (opened_) std::filesystem::remove(path_, ignored);
}

}  // namespace assay::train
