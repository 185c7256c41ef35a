#include "datasets/sample.h"

#include <algorithm>
#include <filesystem>

#include "datasets/forms/evalplus_folder.h"
#include "datasets/forms/rows.h"
#include "datasets/forms/score.h"
#include "harness/base/text.h"
#include "harness/base/value/json_value.h"
#include "harness/base/words.h"

namespace assay::datasets {

/// "scores": {"NAME": number or null, ...}
static std::map<std::string, std::optional<double>> scores_of(const Row& row) {
  std::map<std::string, std::optional<double>> scores;
  if (!row.has("scores")) return scores;
  const Row all{row.value("scores"), row.place};
  if (all.object.kind == Kind::none) return scores;
  if (all.object.kind != Kind::dict) row.refuse("\"scores\" is no object of verifiers and numbers");
  for (std::size_t i = 0; i + 1 < all.object.items.size(); i += 2) {
    const Value& name = all.object.items[i];
    if (name.kind != Kind::str) row.refuse("\"scores\" has a key that is no text");
    scores[name.text] = score_under(all, name.text);
  }
  return scores;
}

/// Nobody's rows are refused for these keys: what is no such value is not told.
static std::optional<Drawn> drawn_of(const Row& row) {
  static constexpr std::string_view kKeys[] = {"finish_reason", "temperature", "top_p", "seed",
                                               "template"};
  const auto value = [&](std::size_t key) { return member(row.object, kKeys[key]); };
  const auto text = [&](std::size_t key) {
    const Value* found = value(key);
    return found && found->kind == Kind::str && !trouble_of_name(found->text) ? found->text : "";
  };
  const auto real = [&](std::size_t key) -> std::optional<double> {
    const Value* found = value(key);
    if (found && found->kind == Kind::integer) return static_cast<double>(found->integer);
    return found && found->kind == Kind::real ? std::optional(found->real) : std::nullopt;
  };
  Drawn drawn{text(0), real(1), real(2), std::nullopt, text(4)};
  if (const Value* seed = value(3); seed && seed->kind == Kind::integer) drawn.seed = seed->integer;
  const bool told = !drawn.finish_reason.empty() || drawn.temperature || drawn.top_p ||
                    drawn.seed || !drawn.prompt_template.empty();
  return told ? std::optional(drawn) : std::nullopt;
}

static Sample sample_of(const Row& row) {
  Sample sample;
  sample.task_id = row.id_or_empty("task_id");
  if (sample.task_id.empty()) row.refuse("the key \"task_id\" is missing or empty");
  const bool completion = row.has("completion"), solution = row.has("solution");
  if (completion && solution) {
    row.refuse("both \"completion\" and \"solution\" are given; which of them is the program?");
  }
  if (!completion && !solution) {
    row.refuse(
        "neither \"completion\" (a body to append to the prompt) nor \"solution\" (a whole "
        "program) is given");
  }
  sample.is_completion = completion;
  sample.text = row.text(completion ? "completion" : "solution");
  if (solution) sample.text.erase(0, byte_order_mark(sample.text));
  if (sample.text.size() > kSampleBytesMax) row.refuse("the program is too long");  // of an array
  sample.model = row.name_or_empty("model");
  sample.sample_id = row.id_or_empty("sample_id");
  sample.scores = scores_of(row);
  sample.drawn = drawn_of(row);
  if (row.has("language") && row.value("language").kind == Kind::str)
    sample.language = row.value("language").text;
  sample.place = row.place;
  return sample;
}

/// LiveCodeBench's rows hold all programs of a problem, in their order.
static void take_code_list(const Row& row, const TakeSample& take) {
  Sample sample;
  sample.task_id = row.id_or_empty("question_id");
  if (sample.task_id.empty()) row.refuse("the key \"question_id\" is missing or empty");
  sample.model = row.name_or_empty("model");
  sample.place = row.place;
  const Value& codes = row.value("code_list");
  const auto is_text = [](const Value& code) { return code.kind == Kind::str; };
  if (codes.kind != Kind::list || !std::ranges::all_of(codes.items, is_text))
    row.refuse("\"code_list\" is not a list of programs");
  for (const Value& code : codes.items) {
    sample.text = code.text.substr(byte_order_mark(code.text));
    if (sample.text.size() > kSampleBytesMax) row.refuse("a program is too long");
    take(Sample(sample));
  }
}

/// Those of a row that are read at all.
static const Keys kKeys = {"language",    "task_id", "completion",  "solution",  "model",
                           "sample_id",   "scores",  "question_id", "code_list", "finish_reason",
                           "temperature", "top_p",   "seed",        "template"};

void read_samples(LineReader reader, const TakeSample& take, const TakeRefused& refused) {
  for_each_row(
      reader,
      [&](Row&& row) {
        if (row.has("code_list") && !row.has("task_id")) return take_code_list(row, take);
        take(sample_of(row));
      },
      refused, kKeys);
}

void read_samples(const std::string& path, const TakeSample& take, const TakeRefused& refused) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return read_evalplus_folder(path, take, refused);
  }
  read_samples(LineReader(path, kSampleBytesMax), take, refused);
}

}  // namespace assay::datasets
