#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/samples_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "harness/store/style.h"

namespace assay::cli {

namespace {
struct Options {
  std::string task;
  analysis::Selection selection;
  bool false_positives = false;
  std::size_t length = 400;
};
}  // namespace

static nlohmann::json verdict_json(const store::StoredVerdict& stored) {
  const store::Verdict& verdict = stored.verdict;
  nlohmann::json out = {{"suite", stored.suite},          {"status", name_of(verdict.status)},
                        {"passed", verdict.passed},       {"judged", verdict.judged},
                        {"tests", stored.tests},          {"marginal", verdict.marginal},
                        {"forgeable", verdict.forgeable}, {"cpu_ms", verdict.cpu_ms},
                        {"wall_ms", verdict.wall_ms},     {"memory_kib", verdict.memory_kib},
                        {"message", verdict.message},     {"witness", witness_json(verdict)}};
  out["imported"] = stored.suite_hash == store::kImportedSuite;
  return out;
}

/// A suite without a verdict, since a gold suite rejects the program.
static nlohmann::json decided_json(const std::string& suite) {
  return {{"suite", suite}, {"status", "not_run"}, {"reason", "decided"}};
}

static nlohmann::json samples_json(const std::vector<store::ReadSample>& samples) {
  nlohmann::json out = nlohmann::json::array();
  for (const store::ReadSample& sample : samples) {
    out.push_back({{"sample_id", sample.sample_id},
                   {"form", sample.form},
                   {"rules", sample.rules},
                   {"chosen", sample.chosen}});
  }
  return out;
}

/// By which rules the program was made of what came (docs/intake.md), a line for each way.
static std::string rules_text(const std::vector<store::ReadSample>& samples) {
  std::map<std::pair<std::string, std::string>, std::int64_t> ways;
  for (const store::ReadSample& sample : samples)
    if (!sample.rules.empty()) ++ways[{sample.rules, sample.chosen}];
  std::string text;
  for (const auto& [way, count] : ways) {
    text +=
        fmt::format("  made by  {}{}{}\n", way.first, way.second.empty() ? "" : ": " + way.second,
                    samples.size() > 1 ? fmt::format(" ({} samples)", count) : "");
  }
  return text;
}

static nlohmann::json style_json(store::Database& database, std::int64_t program_id) {
  const auto style = store::find_style(database, program_id);
  if (!style) return nullptr;
  nlohmann::json out;
  for (const auto& [name, field] : store::style_fields()) {
    const auto number = *style.*field;
    out[name] = number ? nlohmann::json(*number) : nlohmann::json(nullptr);
  }
  out["reason"] = style->reason;
  return out;
}

static std::string verdict_text(const store::StoredVerdict& stored, std::size_t length) {
  const store::Verdict& verdict = stored.verdict;
  if (stored.suite_hash == store::kImportedSuite) {
    std::string text = fmt::format("  {:<9}{}, as imported: without single tests and times\n",
                                   stored.suite, name_of(verdict.status));
    if (verdict.witness)
      text += fmt::format("    fails on  {}\n", cut(verdict.witness->input, length));
    return text;
  }
  std::string text = fmt::format("  {:<9}{}, {} of {} tests passed", stored.suite,
                                 name_of(verdict.status), verdict.passed, verdict.judged);
  if (verdict.judged < stored.tests)
    text += fmt::format(" ({} not run)", stored.tests - verdict.judged);
  text += fmt::format(", {:.1f} ms CPU", verdict.cpu_ms);
  if (verdict.marginal) text += ", marginal";
  if (verdict.forgeable) text += ", forgeable";
  text += "\n";
  if (verdict.witness) {
    text += fmt::format("    input     {}\n    expected  {}\n    actual    {}\n",
                        cut(verdict.witness->input, length), cut(verdict.witness->expected, length),
                        cut(verdict.witness->actual, length));
  } else if (!verdict.message.empty()) {
    text += fmt::format("    {}\n", cut(verdict.message, length));
  }
  return text;
}

static int show(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  analysis::refuse_scores(options.selection);
  const std::string task = analysis::meant_task(*database, options.task);
  nlohmann::json programs = nlohmann::json::array();
  std::int64_t shown = 0;
  const std::vector<store::StoredModel> models =
      store::stored_models(*database, options.selection.dataset, options.selection.models);
  for (const store::StoredModel& model : models) {
    const analysis::Suites suites = analysis::suites_for(*database, model, options.selection);
    store::for_each_program(
        *database, model, {.task_id = task, .texts = true, .witnesses = true},
        [&](const store::JudgedProgram& program) {
          const bool false_positive = program.passes(suites.proxy).value_or(false) &&
                                      !program.is_correct(suites.gold).value_or(true);
          if (options.false_positives && !false_positive) return;
          ++shown;
          const auto samples = store::samples_of(*database, model, program);
          std::vector<std::string> sample_ids;
          for (const auto& sample : samples) sample_ids.push_back(sample.sample_id);
          if (common.json) {
            nlohmann::json verdicts = nlohmann::json::array();
            for (const auto& verdict : program.verdicts) verdicts.push_back(verdict_json(verdict));
            nlohmann::json not_run = nlohmann::json::array();
            for (const auto& suite : program.decided) not_run.push_back(decided_json(suite));
            programs.push_back({{"dataset", model.dataset},
                                {"model", model.model},
                                {"task_id", program.task_id},
                                {"sample_ids", sample_ids},
                                {"samples", samples_json(samples)},
                                {"false_positive", false_positive},
                                {"program", program.text},
                                {"style", style_json(*database, program.program_id)},
                                {"verdicts", verdicts},
                                {"not_run", not_run}});
            return;
          }
          say("{} by {}: {} ({}){}\n", program.task_id, model.model,
              sample_ids.size() == 1 ? "sample " + sample_ids.front()
                                     : fmt::format("{} identical samples", sample_ids.size()),
              cut(fmt::format("{}", fmt::join(sample_ids, " ")), 60),
              false_positive ? ": FALSE POSITIVE" : "");
          print_text(rules_text(samples));
          for (const auto& verdict : program.verdicts)
            print_text(verdict_text(verdict, options.length));
          for (const auto& suite : program.decided)
            say("  {:<9}not run: decided, another suite rejects it\n", suite);
          print_text("\n" + program.text + "\n" + std::string(78, '-') + "\n");
        });
  }
  if (common.json) print_json({{"programs", programs}});
  if (shown == 0 && !common.json) {
    const std::string which = options.task.empty() ? "" : " of " + options.task;
    remark(common.quiet,
           analysis::any_counts_only(models)
               ? fmt::format("{} holds imported counts, which carry no programs: there is "
                             "nothing to show{}",
                             common.db, which)
           : options.false_positives ? "no false positives there"
                                     : fmt::format("{} holds no samples{}", common.db, which));
  }
  return 0;
}

Act add_show(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  command.add_option("task", options->task,
                     "task_id, such as HumanEval/0; without it all problems");
  add_selection(command, options->selection);
  command.add_flag("--false-positives", options->false_positives,
                   "Only programs that the proxy accepts and gold does not");
  command.add_option("--length", options->length, "Cut inputs and outputs here")
      ->capture_default_str();
  command.footer("Example: assay show HumanEval/0 --model my-model --false-positives");
  return [&common, options] { return show(common, *options); };
}

}  // namespace assay::cli
