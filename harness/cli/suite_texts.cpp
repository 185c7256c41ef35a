#include "harness/cli/suite_texts.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/store/facts.h"

namespace assay::cli {

static std::optional<std::string> text_of(std::string_view encoded, std::size_t length) {
  Value value;
  if (!decode_whole(encoded, value)) return std::nullopt;
  return repr(value, length);
}

SuiteTexts::SuiteTexts(store::Database& database, const std::vector<store::StoredModel>& models)
    : database_(database) {
  for (const store::StoredModel& model : models) {
    const auto options = nlohmann::json::parse(model.options, nullptr, false);
    if (!options.is_object() || !options.contains("dataset")) continue;  // imported
    origins_[model.dataset] = {options.value("dataset", ""), model.interpreter};
  }
}

const SuiteTexts::ByTask& SuiteTexts::load(const std::string& source) {
  const auto [at, is_new] = loaded_.try_emplace(source);
  if (!is_new || source.empty()) return at->second;
  // The name comes out of the database, and that from anywhere: a pipe would be waited for.
  std::error_code unknown;
  const auto kind = std::filesystem::status(source, unknown).type();
  if (kind != std::filesystem::file_type::not_found &&
      kind != std::filesystem::file_type::regular) {
    remarks_.insert(source + " is not a regular file");
    return at->second;
  }
  try {
    for (datasets::Problem& problem : datasets::load(source).problems) {
      std::string task_id = problem.task_id;
      at->second.emplace(std::move(task_id), std::move(problem));
    }
  } catch (const Error& error) {
    remarks_.insert(error.what());
  }
  return at->second;
}

const datasets::DifferentialSuite* SuiteTexts::find_calls(const JudgedSuite& suite) {
  const ByTask& problems = load(origins_[suite.dataset].source);
  const auto problem = problems.find(suite.task_id);
  if (problem == problems.end()) return nullptr;
  const datasets::Suite* found = datasets::find_suite(problem->second, suite.name);
  if (found && datasets::hash_of(problem->second, *found) == suite.hash) {
    return std::get_if<datasets::DifferentialSuite>(&found->tests);
  }
  remarks_.insert(suite.dataset + ": its file is no longer the one that was judged");
  return nullptr;
}

SuiteTexts::Known& SuiteTexts::find(const JudgedSuite& suite) {
  const auto [at, is_new] = known_.try_emplace(suite);
  if (is_new && suite.hash != store::kImportedSuite) at->second.calls = find_calls(suite);
  return at->second;
}

void SuiteTexts::find_answers(const JudgedSuite& suite, Known& known) {
  if (std::exchange(known.answers_sought, true)) return;
  auto reference = store::find_reference_run(
      database_, store::reference_key(suite.hash, origins_[suite.dataset].interpreter));
  if (!reference || reference->chunks.empty()) return;
  known.answers = std::make_unique<verify::Answers>(std::move(reference->chunks));
  known.cursor = std::make_unique<verify::Answers::Cursor>(*known.answers);
}

std::optional<std::string> SuiteTexts::arguments(const JudgedSuite& suite, std::size_t test,
                                                 std::size_t length) {
  const Known& known = find(suite);
  if (!known.calls || test >= known.calls->inputs.size()) return std::nullopt;
  return text_of(known.calls->inputs[test], length);
}

std::optional<std::string> SuiteTexts::expected(const JudgedSuite& suite, std::size_t test,
                                                std::size_t length) {
  Known& known = find(suite);
  if (!known.calls || test >= known.calls->inputs.size()) return std::nullopt;
  find_answers(suite, known);
  if (!known.cursor) return std::nullopt;
  return text_of(known.cursor->at(test), length);
}

}  // namespace assay::cli
