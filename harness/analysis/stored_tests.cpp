#include "harness/analysis/stored_tests.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <variant>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/store/facts.h"

namespace assay::analysis {

constexpr std::size_t kEncodedBytesMax = std::size_t{1} << 20;  // larger ones make no test to read

void refuse_irregular(const std::string& source) {
  std::error_code unknown;
  const auto kind = std::filesystem::status(source, unknown).type();
  if (kind != std::filesystem::file_type::not_found &&
      kind != std::filesystem::file_type::regular && !datasets::known_dataset(source))
    throw Error(source + " is not a regular file");
}

StoredTests::StoredTests(store::Database& database, const std::vector<store::StoredModel>& models)
    : database_(database) {
  for (const store::StoredModel& model : models) {
    const auto options = nlohmann::json::parse(model.options, nullptr, false);
    const auto source = options.is_object() ? options.find("dataset") : options.end();
    if (source == options.end() || !source->is_string()) continue;  // imported
    origins_[model.dataset] = {source->get<std::string>(), model.interpreter};
  }
}

const StoredTests::ByTask& StoredTests::load(const std::string& source) {
  const auto [at, is_new] = loaded_.try_emplace(source);
  if (!is_new || source.empty()) return at->second;
  try {
    refuse_irregular(source);
    for (datasets::Problem& problem : datasets::load(source).problems) {
      std::string task_id = problem.task_id;
      at->second.emplace(std::move(task_id), std::move(problem));
    }
  } catch (const Error& error) {
    remarks_.insert(error.what());
  }
  return at->second;
}

void StoredTests::find_calls(const JudgedSuite& suite, Known& known) {
  const ByTask& problems = load(origins_[suite.dataset].source);
  const auto problem = problems.find(suite.task_id);
  if (problem == problems.end()) return;
  const datasets::Suite* found = datasets::find_suite(problem->second, suite.name);
  if (!found || datasets::hash_of(problem->second, *found) != suite.hash) {
    remarks_.insert(suite.dataset + ": its file is no longer the one that was judged");
    return;
  }
  known.problem = &problem->second;
  known.calls = std::get_if<datasets::DifferentialSuite>(&found->tests);
}

StoredTests::Known* StoredTests::known(const JudgedSuite& suite, std::size_t test) {
  const auto [at, is_new] = known_.try_emplace(suite);
  if (is_new && suite.hash != store::kImportedSuite) find_calls(suite, at->second);
  const datasets::DifferentialSuite* calls = at->second.calls;
  return calls && test < calls->inputs.size() ? &at->second : nullptr;
}

void StoredTests::find_answers(const JudgedSuite& suite, Known& known) {
  if (std::exchange(known.answers_sought, true)) return;
  auto reference = store::find_reference_run(
      database_, store::reference_key(suite.hash, origins_[suite.dataset].interpreter));
  if (!reference || reference->chunks.empty()) return;
  known.answers = std::make_unique<verify::Answers>(std::move(reference->chunks));
  known.cursor = std::make_unique<verify::Answers::Cursor>(*known.answers);
}

std::optional<std::string> StoredTests::arguments(const JudgedSuite& suite, std::size_t test,
                                                  std::size_t length) {
  const Known* found = known(suite, test);
  Value value;
  if (!found || !decode_whole(found->calls->inputs[test], value)) return std::nullopt;
  return repr(value, length);
}

std::optional<StoredTest> StoredTests::find(const JudgedSuite& suite, std::size_t test) {
  Known* found = known(suite, test);
  if (!found) return std::nullopt;
  find_answers(suite, *found);
  // Of an observed call the answer is not what it returns, and a line of assert cannot say it.
  if (!found->cursor || !datasets::is_plain(*found->problem, *found->calls)) return std::nullopt;
  const std::string_view arguments = found->calls->inputs[test];
  const std::string_view expected = found->cursor->at(test);
  StoredTest out;
  if (std::max(arguments.size(), expected.size()) > kEncodedBytesMax ||
      !decode_whole(arguments, out.arguments) || !decode_whole(expected, out.expected))
    return std::nullopt;
  out.rule = found->problem->rule;
  out.atol = found->problem->atol;
  return out;
}

}  // namespace assay::analysis
