#include "harness/cli/samples_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/cli/json_output.h"
#include "harness/cli/output.h"

namespace assay::cli {

using nlohmann::json;

/// What stands for a status where a gold suite has spared the program this one.
static constexpr const char* kDecided = "decided";

std::optional<bool> JudgedSample::false_positive() const {
  if (accepted == false || correct == true) return false;
  return accepted && correct ? std::optional(true) : std::nullopt;
}

void for_each_judged(store::Database& database, const analysis::Selection& selection,
                     const store::Wanted& wanted,
                     const std::function<void(const JudgedSample&)>& take) {
  analysis::refuse_scores(selection);
  for (const store::StoredModel& model :
       store::stored_models(database, selection.dataset, selection.models)) {
    const analysis::Suites suites = analysis::suites_for(database, model, selection);
    store::for_each_program(database, model, wanted, [&](const store::JudgedProgram& program) {
      JudgedSample sample{model, program, "", program.passes(suites.proxy),
                          program.is_correct(suites.gold)};
      for (store::ReadSample& one : store::samples_of(database, model, program)) {
        sample.sample_id = std::move(one.sample_id);
        take(sample);
      }
    });
  }
}

json witness_json(const store::Verdict& verdict) {
  if (!verdict.witness) return nullptr;
  return {{"test", verdict.witness->test},
          {"input", verdict.witness->input},
          {"expected", verdict.witness->expected},
          {"actual", verdict.witness->actual}};
}

static json verdict_json(const store::StoredVerdict& stored, bool with_witness) {
  const store::Verdict& verdict = stored.verdict;
  json out = {{"status", name_of(verdict.status)}, {"passed", verdict.passed},
              {"judged", verdict.judged},          {"tests", stored.tests},
              {"cpu_ms", verdict.cpu_ms},          {"wall_ms", verdict.wall_ms},
              {"message", verdict.message}};
  if (with_witness) out["witness"] = witness_json(verdict);
  return out;
}

json sample_json(const JudgedSample& sample, const store::Wanted& wanted) {
  json verdicts = json::object();
  for (const store::StoredVerdict& stored : sample.program.verdicts) {
    verdicts[stored.suite] = verdict_json(stored, wanted.witnesses);
  }
  for (const std::string& suite : sample.program.decided) verdicts[suite] = {{"status", kDecided}};
  json out = {{"dataset", sample.model.dataset},
              {"model", sample.model.model},
              {"task_id", sample.program.task_id},
              {"sample_id", sample.sample_id},
              {"accepted", to_json(sample.accepted)},
              {"correct", to_json(sample.correct)},
              {"false_positive", to_json(sample.false_positive())},
              {"verdicts", std::move(verdicts)}};
  if (wanted.texts) out["program"] = sample.program.text;
  return out;
}

static constexpr const char* kVerdictColumns[] = {
    "status", "passed", "judged", "cpu_ms", "wall_ms", "message", "input", "expected", "actual"};

std::string samples_csv_header(const std::vector<std::string>& suites) {
  std::string line = "dataset,model,task_id,sample_id,accepted,correct,false_positive";
  for (const std::string& suite : suites) {
    for (const char* column : kVerdictColumns)
      line += "," + csv_text(fmt::format("{}_{}", suite, column));
  }
  return line + "\n";
}

static std::vector<std::string> verdict_cells(const store::JudgedProgram& program,
                                              const std::string& suite) {
  const store::StoredVerdict* stored = program.verdict(suite);
  std::vector<std::string> cells(std::size(kVerdictColumns));
  if (!stored) {
    const auto& decided = program.decided;
    if (std::find(decided.begin(), decided.end(), suite) != decided.end()) cells[0] = kDecided;
    return cells;
  }
  const store::Verdict& verdict = stored->verdict;
  const store::Witness witness = verdict.witness.value_or(store::Witness{});
  return {name_of(verdict.status),
          std::to_string(verdict.passed),
          std::to_string(verdict.judged),
          fmt::format("{}", verdict.cpu_ms),
          fmt::format("{}", verdict.wall_ms),
          csv_text(verdict.message),
          csv_text(witness.input),
          csv_text(witness.expected),
          csv_text(witness.actual)};
}

std::string sample_csv(const JudgedSample& sample, const std::vector<std::string>& suites) {
  const auto known = [](const std::optional<bool>& is) {
    return !is ? "" : *is ? "true" : "false";
  };
  std::string line = fmt::format("{},{},{},{},{},{},{}", csv_text(sample.model.dataset),
                                 csv_text(sample.model.model), csv_text(sample.program.task_id),
                                 csv_text(sample.sample_id), known(sample.accepted),
                                 known(sample.correct), known(sample.false_positive()));
  for (const std::string& suite : suites)
    line += fmt::format(",{}", fmt::join(verdict_cells(sample.program, suite), ","));
  return line + "\n";
}

}  // namespace assay::cli
