#include "harness/samples/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/numbers.h"
#include "harness/base/text.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"

namespace assay::samples {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr std::string_view kLineBegin = "{\"task_id\":\"";
constexpr std::size_t kValueShown = 60;

std::string beside(const std::string& path) { return path + ".generation.json"; }

template <typename Json>
std::string text_of(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// All that must be the same where a file goes on, and the address behind it.
ordered_json json_of(const Generation& one) {
  return {{"dataset", one.dataset},
          {"dataset_version", one.dataset_version},
          {"model", one.model},
          {"name", one.name},
          {"chat", one.chat},
          {"template", one.prompt.text},
          {"template_sha256", one.prompt.hash()},
          {"system", one.prompt.system},
          {"temperature", one.temperature},
          {"top_p", one.top_p},
          {"max_tokens", one.tokens_max},
          {"stop", one.stops},
          {"seed", one.seed},
          {"endpoint", one.endpoint},
          {"assay", ASSAY_VERSION}};
}

Generation generation_of(const json& kept) {
  Generation out;
  kept.at("dataset").get_to(out.dataset);
  kept.at("dataset_version").get_to(out.dataset_version);
  kept.at("model").get_to(out.model);
  kept.at("name").get_to(out.name);
  kept.at("chat").get_to(out.chat);
  kept.at("template").get_to(out.prompt.text);
  kept.at("system").get_to(out.prompt.system);
  kept.at("temperature").get_to(out.temperature);
  kept.at("top_p").get_to(out.top_p);
  kept.at("max_tokens").get_to(out.tokens_max);
  kept.at("stop").get_to(out.stops);
  kept.at("seed").get_to(out.seed);
  kept.at("endpoint").get_to(out.endpoint);
  return out;
}

/// "temperature is 0.8 there and 0.2 here, ..."; empty where nothing differs that must not.
std::string differences(const Generation& there, const Generation& here) {
  std::string out;
  const ordered_json mine = json_of(here), other = json_of(there);
  for (const auto& [key, value] : mine.items()) {
    if (key == "endpoint" || key == "assay" || key == "template_sha256" || other.at(key) == value)
      continue;
    out += fmt::format("{}{} is {} there and {} here", out.empty() ? "" : ", ", key,
                       visible_line(cut(text_of(other.at(key)), kValueShown)),
                       visible_line(cut(text_of(value), kValueShown)));
  }
  return out;
}

std::optional<std::int64_t> count_under(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

}  // namespace

std::string PromptTemplate::hash() const { return Hasher().add(text).add(system).hex(); }

std::string filled(const std::string& text, const datasets::Problem& problem) {
  const std::pair<std::string_view, std::string_view> places[] = {
      {"{prompt}", problem.prompt},
      {"{entry_point}", problem.entry_point},
      {"{task_id}", problem.task_id},
      {"{language}", problem.language}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto place = std::find_if(std::begin(places), std::end(places), [&](const auto& one) {
      return std::string_view(text).substr(at).starts_with(one.first);
    });
    if (place == std::end(places)) {
      out += text[at++];
    } else {
      out += place->second;
      at += place->first.size();
    }
  }
  return out;
}

std::uint64_t seed_of(const Generation& generation, std::size_t problems, std::size_t position,
                      std::uint32_t number) {
  ASSAY_INVARIANT(position < problems && number < kAnswersMax);
  return (generation.seed * problems + position) * kAnswersMax + number;
}

std::optional<Generation> generation_beside(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(beside(path), ignored)) return std::nullopt;
  try {
    return generation_of(json::parse(read_file_bytes(beside(path))));
  } catch (const json::exception&) {
    throw Error(fmt::format("{}: it does not say how {} was drawn, as `assay generate` writes it",
                            beside(path), path));
  }
}

void DrawnCounts::add(const std::string& finish, bool is_silent, std::optional<std::int64_t> prompt,
                      std::optional<std::int64_t> completion) {
  ++samples;
  cut += finish == "length";
  filtered += finish == "content_filter";
  silent += is_silent;
  prompt_tokens += prompt.value_or(0);
  completion_tokens += completion.value_or(0);
  uncounted += !completion;
}

GenerationFile::GenerationFile(const std::string& path, const Generation& generation,
                               const datasets::Dataset& dataset)
    : path_(path),
      generation_(generation),
      dataset_(dataset),
      template_hash_(generation.prompt.hash()),
      has_(dataset.problems.size()) {
  const datasets::ProblemIndex index(dataset);
  file_ =
      GrowingFile(path, "-o " + path, kLineBegin,
                  [&](std::int64_t number, std::string_view line) { meet(number, line, index); });
  const std::optional<Generation> there = generation_beside(path);
  if (there && before_.samples > 0) {
    const std::string what = differences(*there, generation);
    if (!what.empty())
      throw Error(fmt::format("-o {}: its samples were drawn otherwise: {}; name another file",
                              path, what));
  } else if (before_.samples > 0) {
    throw Error(
        fmt::format("-o {}: it has samples, and {} does not say how they were drawn; name "
                    "another file",
                    path, beside(path)));
  }
  write_whole_file(beside(path), text_of(json_of(generation), 1) + "\n");
}

void GenerationFile::meet(std::int64_t line, std::string_view text,
                          const datasets::ProblemIndex& index) {
  const json row = json::parse(text, nullptr, false);
  const auto word = [&](const char* key) {
    const auto found = row.is_object() ? row.find(key) : row.end();
    return row.is_object() && found != row.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
  };
  const datasets::Problem* problem = index.find(word("task_id"));
  const auto number = number_in<std::uint32_t>(word("sample_id"));
  const char* key = generation_.chat ? "solution" : "completion";
  if (!problem || !number || *number >= kAnswersMax || !row.contains(key))
    throw Error(
        fmt::format("-o {}:{}: it is no sample that this command has drawn; name a file of "
                    "its own",
                    path_, line));
  mark(static_cast<std::size_t>(problem - dataset_.problems.data()), *number);
  before_.add(word("finish_reason"), word(key).empty(), count_under(row, "prompt_tokens"),
              count_under(row, "completion_tokens"));
}

void GenerationFile::mark(std::size_t position, std::uint32_t number) {
  std::vector<bool>& has = has_[position];
  if (has.size() <= number) has.resize(number + 1);
  has[number] = true;
}

bool GenerationFile::has(std::size_t position, std::uint32_t number) const {
  return number < has_[position].size() && has_[position][number];
}

std::int64_t GenerationFile::samples_of(std::size_t position) const {
  return std::count(has_[position].begin(), has_[position].end(), true);
}

void GenerationFile::append(const std::vector<DrawnSample>& samples) {
  std::string lines;
  for (const DrawnSample& one : samples) {
    ordered_json row = {{"task_id", one.problem->task_id},
                        {"sample_id", std::to_string(one.number)},
                        {generation_.chat ? "solution" : "completion", one.text},
                        {"model", generation_.name},
                        {"finish_reason", one.finish},
                        {"temperature", generation_.temperature},
                        {"top_p", generation_.top_p},
                        {"template", template_hash_},
                        {"seed", nullptr},
                        {"choice", one.choice},
                        {"choices", one.choices}};
    if (one.seed) row["seed"] = *one.seed;
    if (!one.served.empty()) row["served_model"] = one.served;
    if (!one.reasoning.empty()) row["reasoning"] = one.reasoning;
    if (one.prompt_tokens) row["prompt_tokens"] = *one.prompt_tokens;
    if (one.completion_tokens) row["completion_tokens"] = *one.completion_tokens;
    lines += text_of(row) + "\n";
  }
  file_.append(lines);
  for (const DrawnSample& one : samples) {
    mark(static_cast<std::size_t>(one.problem - dataset_.problems.data()), one.number);
    now_.add(one.finish, one.text.empty(), one.prompt_tokens, one.completion_tokens);
  }
}

}  // namespace assay::samples
