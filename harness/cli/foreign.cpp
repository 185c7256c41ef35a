#include "harness/cli/foreign.h"

#include <fmt/format.h>

#include <csv.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/cli/selection.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

// ---- import counts

static void check_counts(const store::ImportedCount& row, const std::string& place) {
  if (row.model.empty() || row.task_id.empty()) {
    throw Error(fmt::format("{}: model and task_id may not be empty", place));
  }
  if (row.n < 0 || row.tp < 0 || row.fp < 0 || row.fn < 0) {
    throw Error(fmt::format("{}: n, tp, fp and fn may not be negative", place));
  }
  if (row.tp + row.fp + row.fn > row.n) {
    throw Error(fmt::format("{}: tp + fp + fn = {} is more than n = {}", place,
                            row.tp + row.fp + row.fn, row.n));
  }
}

static std::int64_t count_at(const json& row, const char* key, const std::string& place,
                             bool may_lack = false) {
  if (!row.contains(key) && may_lack) return 0;
  if (!row.contains(key) || !row[key].is_number_integer()) {
    throw Error(fmt::format("{}: key \"{}\" must be a whole number", place, key));
  }
  return row[key].get<std::int64_t>();
}

static std::string text_at(const json& row, const char* key, const std::string& place) {
  if (!row.contains(key) || !row[key].is_string()) {
    throw Error(fmt::format("{}: key \"{}\" must be a text", place, key));
  }
  return row[key].get<std::string>();
}

static std::vector<store::ImportedCount> read_jsonl(const std::string& file) {
  std::vector<store::ImportedCount> rows;
  LineReader reader(file);
  std::string line;
  while (reader.next_filled(line)) {
    const json row = json::parse(line, nullptr, false);
    const std::string place = fmt::format("{}:{}", file, reader.line_number());
    if (!row.is_object()) throw Error(place + ": not a JSON object");
    store::ImportedCount count;
    count.model = text_at(row, "model", place);
    count.task_id = text_at(row, "task_id", place);
    count.n = count_at(row, "n", place);
    count.tp = count_at(row, "tp", place);
    count.fp = count_at(row, "fp", place);
    count.fn = count_at(row, "fn", place, true);
    check_counts(count, place);
    rows.push_back(std::move(count));
  }
  return rows;
}

static std::vector<store::ImportedCount> read_csv(const std::string& file) {
  std::istringstream text(read_text_file(file));
  std::vector<store::ImportedCount> rows;
  try {
    io::CSVReader<6, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>> reader(file,
                                                                                          text);
    reader.read_header(io::ignore_missing_column, "model", "task_id", "n", "tp", "fp", "fn");
    for (const char* column : {"model", "task_id", "n", "tp", "fp"}) {
      if (!reader.has_column(column)) {
        throw Error(
            fmt::format("{}:1: the header lacks column {}; it must be model,task_id,n,tp,fp[,fn]",
                        file, column));
      }
    }
    store::ImportedCount count;
    while (reader.read_row(count.model, count.task_id, count.n, count.tp, count.fp, count.fn)) {
      check_counts(count, fmt::format("{}:{}", file, reader.get_file_line()));
      rows.push_back(count);
      count.fn = 0;
    }
  } catch (const io::error::base& error) {
    throw Error(fmt::format("{}: {}", file, error.what()));
  }
  return rows;
}

static bool starts_with_brace(const std::string& file) {
  LineReader reader(file);
  std::string line;
  if (!reader.next_filled(line)) throw Error(file + " is empty");
  return line.find_first_not_of(" \t") == line.find('{') && line.find('{') != std::string::npos;
}

int import_counts(const Common& common, const ImportOptions& options) {
  std::vector<store::ImportedCount> rows =
      starts_with_brace(options.file) ? read_jsonl(options.file) : read_csv(options.file);
  if (rows.empty()) throw Error(options.file + " has no rows");
  std::map<std::pair<std::string, std::string>, int> seen;
  for (store::ImportedCount& row : rows) {
    row.dataset = options.dataset;
    if (++seen[{row.model, row.task_id}] > 1) {
      throw Error(fmt::format("{}: {} of {} comes twice", options.file, row.task_id, row.model));
    }
  }
  const auto database = store::open(common.db, true);
  store::Transaction transaction(*database);
  for (const store::ImportedCount& row : rows) store::put_imported_count(*database, row);
  transaction.commit();
  if (common.json) {
    fmt::print("{}\n", json{{"rows", rows.size()}, {"dataset", options.dataset}}.dump());
  } else {
    remark(common.quiet,
           fmt::format("{} rows of {} taken in; `assay rates --dataset {}` shows them", rows.size(),
                       options.dataset, options.dataset));
  }
  return 0;
}

// ---- import evalplus

namespace {
/// One file's verdicts into the database.
class EvalPlusImport {
 public:
  EvalPlusImport(store::Database& database, const datasets::Dataset& dataset,
                 const ImportOptions& options)
      : database_(database), dataset_(dataset), options_(options), index_(dataset) {}

  void run(const json& eval, const json& date) {
    store::Transaction transaction(database_);
    dataset_id_ = store::put_dataset(database_, dataset_.name, dataset_.version, dataset_.note);
    model_id_ = store::put_model(database_, options_.model);
    condition_id_ = store::put_condition(database_, {"{}", "imported", "evalplus"});
    run_id_ = store::begin_run(database_,
                               {dataset_id_, condition_id_, "none", "",
                                json{{"imported", options_.file}, {"date", date}}.dump(), "{}"});
    store::put_run_model(database_, run_id_, model_id_);
    for (const auto& [task_id, rows] : eval.items()) take_task(task_id, rows);
    store::end_run(database_, run_id_);
    transaction.commit();
  }

  std::int64_t samples = 0, verdicts = 0;

 private:
  void take_task(const std::string& task_id, const json& rows) {
    const datasets::Problem* problem = index_.find(task_id);
    const std::string place = fmt::format("{}: eval[\"{}\"]", options_.file, task_id);
    if (!problem) {
      throw Error(fmt::format("{}: dataset {} has no such problem", place, dataset_.name));
    }
    if (!rows.is_array()) throw Error(place + " is not a list of samples");
    const std::int64_t problem_id = store::put_problem(
        database_, dataset_id_, static_cast<int>(problem - dataset_.problems.data()), *problem);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      take_sample(problem_id, i, rows[i], fmt::format("{}[{}]", place, i));
    }
  }

  void take_sample(std::int64_t problem_id, std::size_t number, const json& row,
                   const std::string& place) {
    if (!row.is_object()) throw Error(place + " is not an object");
    store::SampleRow sample;
    sample.problem_id = problem_id;
    sample.model_id = model_id_;
    sample.sample_id = std::to_string(number);
    sample.program = sample.given = text_at(row, "solution", place);
    sample.form = "solution";
    if (store::put_sample(database_, sample) == store::Put::conflict) {
      throw Error(
          fmt::format("{}: model {} has another text stored as this sample; use another --model",
                      place, options_.model));
    }
    ++samples;
    const std::int64_t program_id = store::put_program(database_, sample.program);
    for (const char* suite : {"base", "plus"})
      take_verdict(problem_id, program_id, suite, row, place);
  }

  void take_verdict(std::int64_t problem_id, std::int64_t program_id, const std::string& suite,
                    const json& row, const std::string& place) {
    const std::string key = suite + "_status";
    if (!row.contains(key) || row[key].is_null()) return;  // base_only
    const std::string name = text_at(row, key.c_str(), place);
    if (name != "pass" && name != "fail" && name != "timeout") {
      throw Error(
          fmt::format("{}: {} is \"{}\"; pass, fail and timeout are known", place, key, name));
    }
    store::Verdict verdict;
    verdict.program_id = program_id;
    verdict.suite_id = store::put_suite(database_, problem_id, suite, store::kImportedSuite, 1);
    verdict.condition_id = condition_id_;
    verdict.run_id = run_id_;
    verdict.status = store::status_named(name).value();
    verdict.judged = 1;
    verdict.passed = verdict.status == store::Status::pass;
    const std::string tests_key = suite + "_fail_tests";
    if (row.contains(tests_key) && row[tests_key].is_array() && !row[tests_key].empty()) {
      verdict.witness = store::Witness{-1, row[tests_key].front().dump(), "", ""};
    }
    store::put_verdict(database_, verdict);
    ++verdicts;
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const ImportOptions& options_;
  const datasets::ProblemIndex index_;
  std::int64_t dataset_id_ = 0, model_id_ = 0, condition_id_ = 0, run_id_ = 0;
};
}  // namespace

int import_evalplus(const Common& common, const ImportOptions& options) {
  const json file = json::parse(read_text_file(options.file), nullptr, false);
  if (!file.is_object() || !file.contains("eval") || !file["eval"].is_object()) {
    throw Error(options.file + " is not an EvalPlus result file: it lacks the object \"eval\"");
  }
  const datasets::Dataset dataset = datasets::load(options.dataset);
  const auto database = store::open(common.db, true);
  EvalPlusImport import(*database, dataset, options);
  import.run(file["eval"], file.value("date", json(nullptr)));
  if (common.json) {
    fmt::print("{}\n", json{{"samples", import.samples}, {"verdicts", import.verdicts}}.dump());
  } else {
    remark(common.quiet, fmt::format("{} samples and {} verdicts of {} taken in as they are",
                                     import.samples, import.verdicts, options.model));
  }
  return 0;
}

// ---- export evalplus

/// EvalPlus knows three words. What was decided without this suite fails: EvalPlus's own plus is
/// base and plus.
static json evalplus_status(const store::JudgedProgram& program, const char* suite) {
  using store::Status;
  const store::StoredVerdict* stored = program.verdict(suite);
  if (!stored) {
    const auto& decided = program.decided;
    const bool fails = std::find(decided.begin(), decided.end(), suite) != decided.end();
    return fails ? json("fail") : json(nullptr);
  }
  const Status status = stored->verdict.status;
  if (status == Status::missing) return nullptr;
  return name_of(status == Status::pass || status == Status::timeout ? status : Status::fail);
}

static void put_export(json& row, const store::JudgedProgram& program, const char* suite) {
  const store::StoredVerdict* stored = program.verdict(suite);
  row[fmt::format("{}_status", suite)] = evalplus_status(program, suite);
  json tests = json::array();
  if (stored && stored->verdict.status != store::Status::missing && stored->verdict.witness)
    tests.push_back(stored->verdict.witness->input);
  row[fmt::format("{}_fail_tests", suite)] = tests;
}

int export_evalplus(const Common& common, const ExportOptions& options) {
  const auto database = store::open_to_read(common.db);
  std::vector<std::string> wanted;
  if (!options.model.empty()) wanted.push_back(options.model);
  const auto models = store::stored_models(*database, options.dataset, wanted);
  if (models.size() != 1 || models.front().counts_only) {
    throw Error(fmt::format("{} models of {} are stored; name one with verdicts: --model NAME",
                            models.size(), options.dataset),
                ExitCode::usage);
  }
  // Programs first (distinct, with verdicts), then samples in their order.
  std::map<std::pair<std::string, std::int64_t>, json> programs;
  store::for_each_program(*database, models.front(), {.witnesses = true},
                          [&](const store::JudgedProgram& program) {
                            json row = {{"task_id", program.task_id}};
                            put_export(row, program, "base");
                            put_export(row, program, "plus");
                            programs[{program.task_id, program.program_id}] = std::move(row);
                          });
  nlohmann::ordered_json eval = nlohmann::ordered_json::object();
  std::size_t samples = 0;
  store::for_each_sample(*database, models.front(), [&](const store::StoredSample& sample) {
    nlohmann::ordered_json row = programs.at({sample.task_id, sample.program_id});
    row["solution"] = sample.program;
    eval[sample.task_id].push_back(std::move(row));
    ++samples;
  });
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M", std::gmtime(&now));
  const std::string& version = models.front().dataset_version;
  nlohmann::ordered_json out = {{"date", date}, {"hash", nullptr}, {"eval", std::move(eval)}};
  if (!version.empty()) out["hash"] = version;
  std::ofstream file(options.output, std::ios::binary);
  file << out.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  file.close();
  if (!file) throw Error("cannot write " + options.output);
  if (common.json) {
    fmt::print("{}\n", json{{"samples", samples}, {"file", options.output}}.dump());
  } else {
    remark(common.quiet, fmt::format("{} samples of {} written to {}", samples,
                                     models.front().model, options.output));
  }
  return 0;
}

}  // namespace assay::cli
