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
  to.tensors[prefix + "learned"] = Tensor::of(halfway.learned);
  to.tensors[prefix + "mean"] = Tensor::of(halfway.mean);
  to.tensors[prefix + "square"] = Tensor::of(halfway.square);
  to.tensors[prefix + "loss"] = Tensor::of(halfway.loss);
}

std::optional<models::Halfway> halfway_of(const Tensors& all, const std::string& prefix) {
  if (!all.tensors.contains(prefix + "loss")) return std::nullopt;
  models::Halfway out{all.at(prefix + "learned").floats(), all.at(prefix + "mean").floats(),
                      all.at(prefix + "square").floats(), all.at(prefix + "loss").doubles()};
  for (const auto* numbers : {&out.learned, &out.mean, &out.square})
    for (const float x : *numbers)
      if (!std::isfinite(x)) throw Error(fmt::format("holds what is no number, in `{}`", prefix));
  if (out.mean.size() != out.learned.size() || out.square.size() != out.learned.size())
    throw Error(fmt::format("holds moments that do not fit what is learned, in `{}`", prefix));
  return out;
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
  const std::vector<std::int64_t> tokens = all.at("lesson_tokens").integers(),
                                  targets = all.at("lesson_targets").integers();
  const auto in = [&](std::int64_t token, int least) {
    return token >= least && token < config.vocabulary;
  };
  std::vector<models::Lesson> out;
  std::size_t at = 0;
  for (const std::int64_t length : all.at("lesson_lengths").integers()) {
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
  const std::vector<double> rounds = all.at("rounds").doubles();
  const auto there = [](double number) {
    return std::isnan(number) ? std::nullopt : std::optional(number);
  };
  for (std::size_t i = 0; i + kRoundNumbers <= rounds.size(); i += kRoundNumbers) {
    const double* one = &rounds[i];
    if (!(one[0] >= 0 && one[0] < 1e9)) throw Error("has rounds that cannot be");
    out.rounds.push_back(
        {static_cast<std::size_t>(one[0]), one[1], there(one[2]), one[3], there(one[4])});
  }
  out.loss = all.at("rounds_loss").doubles();
  out.lessons = lessons_of(all, config);
  out.halfway = halfway_of(all, "round.");
  if (out.rounds.empty() ? out.halfway.has_value() || !out.lessons.empty() : out.lessons.empty())
    throw Error("has rounds and lessons that do not fit each other");
  return out;
}

void put(const Kept::Rewarded& rewarded, Tensors& to) {
  put(rewarded.halfway, "rewards.", to);
  std::vector<std::int64_t> items, lengths, tokens;
  std::vector<double> log_rewards;
  for (const auto& replay : rewarded.replays) {
    items.push_back(static_cast<std::int64_t>(replay.size()));
    for (const Replay::Item& item : replay) {
      lengths.push_back(static_cast<std::int64_t>(item.sequence.size()));
      tokens.insert(tokens.end(), item.sequence.begin(), item.sequence.end());
      log_rewards.push_back(item.log_reward);
    }
  }
  to.tensors["replay_items"] = Tensor::of(items);
  to.tensors["replay_lengths"] = Tensor::of(lengths);
  to.tensors["replay_tokens"] = Tensor::of(tokens);
  to.tensors["replay_log_rewards"] = Tensor::of(log_rewards);
}

std::optional<Kept::Rewarded> rewarded_of(const Tensors& all, const models::Config& config) {
  const auto halfway = halfway_of(all, "rewards.");
  if (!halfway) return std::nullopt;
  Kept::Rewarded out{*halfway, {}};
  const auto items = all.at("replay_items").integers(),
             lengths = all.at("replay_lengths").integers(),
             tokens = all.at("replay_tokens").integers();
  const std::vector<double> log_rewards = all.at("replay_log_rewards").doubles();
  std::size_t item = 0, token = 0;
  for (const std::int64_t count : items) {
    auto& replay = out.replays.emplace_back();
    if (count < 0 || std::cmp_greater(count, std::min(lengths.size(), log_rewards.size()) - item))
      throw Error("has a buffer that is cut short");
    for (const std::size_t end = item + static_cast<std::size_t>(count); item < end; ++item) {
      if (lengths[item] < 0 || std::cmp_greater(lengths[item], tokens.size() - token) ||
          !std::isfinite(log_rewards[item]))
        throw Error("has a buffer of sequences that cannot be");
      replay.push_back({{}, log_rewards[item]});
      for (std::int64_t i = 0; i < lengths[item]; ++i, ++token) {
        if (tokens[token] < 0 || tokens[token] >= config.vocabulary)
          throw Error("has a buffer of tokens that the model lacks");
        replay.back().sequence.push_back(static_cast<std::int32_t>(tokens[token]));
      }
    }
  }
  return out;
}

/// The last name of a path through JSON, and what stands behind it in a list: "reward_temperature/0".
std::string name_in(const std::string& path) {
  std::size_t begin = path.rfind('/');
  while (begin != path.npos && begin > 0 &&
         path.find_first_not_of("0123456789/", begin) == path.npos)
    begin = path.rfind('/', begin - 1);
  return path.substr(begin + 1);
}

/// The first few of what two recipes differ in: "batch 16, not 32".
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
    out.push_back(fmt::format("{} {}, not {}", name_in(key), value(was, key), value(is, key)));
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

bool is_checkpoint(const std::string& path) {
  // An empty one was being written when the machine went down.
  if (!std::filesystem::is_regular_file(path)) return false;
  const std::string begin = read_file_bytes(path).substr(0, 4096);
  return begin.empty() || begin.find(kForm) != begin.npos;
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
    found.training = halfway_of(all, "training.");
    found.thinker = thinker_of(all, config);
    found.rewarded = rewarded_of(all, config);
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
  if (kept.rewarded) put(*kept.rewarded, all);
  write_whole_file(path_, encode_tensors(all));
  where_ = where;
  last_ = clock_.now();
}

void Checkpoint::remove() {
  std::error_code ignored;
  if (opened_) std::filesystem::remove(path_, ignored);
}

}  // namespace assay::train
