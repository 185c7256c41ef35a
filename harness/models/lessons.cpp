#include "harness/models/lessons.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace assay::models {
namespace {

std::vector<std::int32_t> known(std::optional<std::vector<std::int32_t>> tokens,
                                const std::string& text, const char* what) {
  if (!tokens)
    throw Error(
        fmt::format("{} of the task holds what the model has no token for: {}", what, text));
  return *std::move(tokens);
}

}  // namespace

Lesson lesson_of(const Model& model, const std::string& prompt, const std::string& answer) {
  const Tokenizer& tokenizer = *model.tokenizer;
  std::vector<std::int32_t> tokens = known(prompt_tokens(tokenizer, prompt), prompt, "a prompt");
  const std::size_t begin = tokens.size();
  for (const std::int32_t token :
       known(tokens_behind(tokenizer, prompt, answer), answer, "an answer"))
    tokens.push_back(token);
  tokens.push_back(model.tokenizer->end());
  if (tokens.size() - 1 > static_cast<std::size_t>(model.weights.config.context))
    throw Error(
        fmt::format("an example of the task has {} tokens, and the model reads {}; train one "
                    "with a --context of as much",
                    tokens.size() - 1, model.weights.config.context));
  return lesson_behind(tokens, begin);
}

Lesson lesson_behind(const std::vector<std::int32_t>& tokens, std::size_t begin) {
  Lesson lesson;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    lesson.tokens.push_back(tokens[i]);
    lesson.targets.push_back(i + 1 < begin ? -1 : tokens[i + 1]);
  }
  return lesson;
}

}  // namespace assay::models
