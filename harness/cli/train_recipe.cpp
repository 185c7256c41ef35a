#include "harness/cli/train_recipe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/cli/json_output.h"
#include "harness/cli/output.h"
#include "harness/train/checkpoint.h"

namespace assay::cli {

using nlohmann::json;

namespace {

bool learns_from_rewards(const Training& options) {
  return options.method == "gflownet" || options.method == "reinforce" || options.method == "ppo" ||
         (options.method == "star" && is_written(options.task));
}

bool learns_to_think(const Training& options) {
  return !learns_from_rewards(options) &&
         (options.method == "star" || options.method == "shortest" ||
          options.method == "metareason");
}

/// A file by its name and by what is in it; a model of llama2.c's is two.
json file_of(const std::string& path) {
  if (!path.starts_with(models::kLlama2cPrefix))
    return {{"file", path}, {"sha256", sha256(read_file_bytes(path))}};
  std::string all;
  if (path.find(',') == path.npos) return {{"file", path}};  // whoever opens it says what is wrong
  for (const std::string& part : split(path.substr(std::strlen(models::kLlama2cPrefix)), ','))
    all += sha256(read_file_bytes(part));
  return {{"file", path}, {"sha256", sha256(all)}};
}

}  // namespace

json recipe_of(const Training& options) {
  const models::TrainOptions& train = options.train;
  json words = {{"batch", train.batch}, {"learning_rate", train.learning_rate}};
  const bool thinks = learns_to_think(options);
  const bool on_examples =
      options.method == "base" || options.method == "sft" || options.method == "prm";
  if (thinks || on_examples)
    words.update({{"threads", train.threads},
                  {"warm_up", train.warm_up},
                  {"weight_decay", train.weight_decay},
                  {"clip", train.clip}});
  if (!thinks) words["steps"] = train.steps;
  if (thinks) words.update(thinking_recipe(options.method, options.thinking));
  if (learns_from_rewards(options)) words.update(reward_recipe(reward_options(options)));
  if (train.lora_rank > 0) words["lora"] = train.lora_rank, words["lora_alpha"] = train.lora_alpha;
  if (thinks && options.from.empty()) words["base_steps"] = options.thinking.base_steps;
  if (options.method == "base") words["until"] = to_json(options.until);
  if (options.method == "prm")
    words["problems"] = options.problems, words["rollouts"] = options.rollouts;
  const models::Config& config = options.config;
  if (options.from.empty() && options.method != "prm")
    words.update({{"dim", config.dim},
                  {"hidden", config.hidden},
                  {"layers", config.layers},
                  {"heads", config.heads},
                  {"kv_heads", config.kv_heads},
                  {"context", config.context}});
  json recipe = {{"method", options.method},
                 {"task", options.task},
                 {"seed", train.seed},
                 {"version", ASSAY_VERSION},
                 {"options", std::move(words)}};
  if (!options.from.empty()) recipe["from"] = file_of(options.from);
  if (options.policy.starts_with(kOurs))
    recipe["policy"] = file_of(options.policy.substr(kOurs.size()));
  else if (options.policy.starts_with(models::kLlama2cPrefix))
    recipe["policy"] = file_of(options.policy);
  if (options.task.ends_with(".json")) recipe["task_file"] = file_of(options.task);
  const std::size_t comma = options.task.find(',');
  if (comma != options.task.npos) recipe["task_file"] = file_of(options.task.substr(comma + 1));
  if (!options.rewards.judge.empty() && learns_from_rewards(options))
    recipe["judge"] = file_of(options.rewards.judge);
  return recipe;
}

json without_names(json recipe) {
  for (const char* file : {"from", "policy", "task_file", "judge"})
    if (recipe.contains(file)) recipe[file].erase("file");
  return recipe;
}

void check_output(const Training& options, const json& recipe) {
  namespace fs = std::filesystem;
  const auto check_folder = [](const char* option, const std::string& path) {
    const std::string folder = fs::path(path).parent_path().string();
    if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
      throw Error(
          fmt::format("{} {}: its folder is not there, or cannot be written to", option, path),
          ExitCode::usage);
  };
  check_folder("-o", options.out);
  if (const std::string& answers = options.thinking.answers; !answers.empty()) {
    check_folder("--answers", answers);
    std::string begin(1, '{');
    if (fs::is_regular_file(answers)) begin = read_file_bytes(answers).substr(0, 1);
    if (fs::is_directory(answers) || answers == options.out || (begin != "{" && !begin.empty()))
      throw Error(fmt::format("--answers {}: what is there holds no answers, and is not replaced; "
                              "choose another name",
                              answers),
                  ExitCode::usage);
  }
  const std::string partial = options.out + ".partial";
  if (fs::exists(fs::symlink_status(partial)) && !train::is_checkpoint(partial))
    throw Error(fmt::format("{}: what is there was not left by a training, and this one would "
                            "replace it; move it away, or choose another -o",
                            partial),
                ExitCode::usage);
  if (!fs::exists(fs::symlink_status(options.out))) return;
  models::Model there;
  try {
    there = models::load_own(options.out);
  } catch (const Error&) {
    throw Error(fmt::format("-o {}: what is there is no model of assay's, and is not replaced; "
                            "move it away, or choose another name",
                            options.out),
                ExitCode::usage);
  }
  if (options.force || train::recipe_in(there.made) == recipe) return;
  throw Error(fmt::format("-o {}: a model is there that was made in another way; --force replaces "
                          "it, `assay train --describe {}` says how it was made",
                          options.out, options.out),
              ExitCode::usage);
}

int describe(const Common& common, const std::string& path) {
  const models::Model model = models::load_own(path);
  const json made = train::recipe_in(model.made);
  const models::Config& c = model.weights.config;
  std::int64_t weights = 0;
  for (const models::Part& part : models::parts_of(c)) weights += part.count();
  const json shape = {
      {"dim", c.dim},         {"hidden", c.hidden},     {"layers", c.layers},
      {"heads", c.heads},     {"kv_heads", c.kv_heads}, {"vocabulary", c.vocabulary},
      {"context", c.context}, {"value_head", c.value},  {"weights", weights}};
  if (common.json) {
    print_json({{"file", path}, {"model", shape}, {"made", made}});
    return 0;
  }
  const auto line = [](const std::string& key, const json& value) {
    say("{:15} {}\n", key, value.is_string() ? value.get<std::string>() : json_text(value));
  };
  say("{}\n", path);
  for (const auto& [key, value] : shape.items()) line(key, value);
  if (made.is_null()) say("How it was made, the file does not say.\n");
  for (const auto& [key, value] : made.items())
    if (key != "options") line(key, value);
  if (made.is_object() && made.contains("options") && made["options"].is_object())
    for (const auto& [key, value] : made["options"].items()) line(key, value);
  return 0;
}

}  // namespace assay::cli
