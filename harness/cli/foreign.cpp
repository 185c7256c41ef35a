#include "harness/cli/foreign.h"

#include <fmt/format.h>

#include <csv.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "datasets/forms/rows.h"
#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/base/value/json_parts.h"
#include "harness/base/value/json_value.h"
#include "harness/base/words.h"
#include "harness/cli/foreign_results.h"
#include "harness/cli/import_database.h"
#include "harness/cli/output_path.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

/// A row of counts is short.
static constexpr std::uint64_t kRowBytesMax = 1 << 20;
/// Of a failing test's input, which is kept as its text.
static constexpr std::size_t kWitnessBytesMax = 64 << 10;

/// What is said on the command line and becomes a name in the database.
static void check_name(const char* option, const std::string& name) {
  if (const auto trouble = trouble_of_name(name)) {
    throw Error(fmt::format("{} {}", option, *trouble), ExitCode::usage);
  }
}

// ---- import counts

/// Samples of one problem by one model: ten times the most that anyone has published. What `limits`
/// and `report` do with them grows in proportion.
static constexpr std::int64_t kSamplesMax = 100'000;

static void check_sum(const store::ImportedCount& row, const datasets::Row& at) {
  const std::int64_t sum = row.tp + row.fp + row.fn;  // of three numbers up to kSamplesMax
  if (sum > row.n) at.refuse(fmt::format("tp + fp + fn = {} is more than n = {}", sum, row.n));
}

static store::ImportedCount count_of(const datasets::Row& row) {
  store::ImportedCount count;
  count.model = row.name("model");
  count.task_id = row.name("task_id");
  count.n = row.count("n", kSamplesMax);
  count.tp = row.count("tp", count.n);
  count.fp = row.count("fp", count.n);
  if (row.has("fn")) count.fn = row.count("fn", count.n);
  check_sum(count, row);
  return count;
}

using TakeCount = std::function<void(const store::ImportedCount&, const datasets::Row&)>;

static void read_jsonl(const std::string& file, const TakeCount& take) {
  LineReader reader(file, kRowBytesMax);
  datasets::for_each_row(reader, [&](datasets::Row&& row) { take(count_of(row), row); });
}

/// A cell of a table as the JSON value it stands for: a whole number where it is one.
static Value cell(const std::string& text) {
  Value number;
  return text.size() <= 20 && integer_from_decimal(text, number) ? number : Value::of_str(text);
}

static void read_csv(const std::string& file, const TakeCount& take) {
  std::istringstream text(read_text_file(file));
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
    std::string model, task_id, n, tp, fp, fn = "0";
    while (reader.read_row(model, task_id, n, tp, fp, fn)) {
      const auto key = [](const char* name) { return Value::of_str(name); };
      const datasets::Row row{
          Value::sequence(Kind::dict, {key("model"), Value::of_str(model), key("task_id"),
                                       Value::of_str(task_id), key("n"), cell(n), key("tp"),
                                       cell(tp), key("fp"), cell(fp), key("fn"), cell(fn)}),
          {file, reader.get_file_line()}};
      take(count_of(row), row);
    }
  } catch (const io::error::base& error) {
    throw Error(fmt::format("{}: {}", file, error.what()));
  }
}

static bool is_json(const std::string& file) {
  LineReader reader(file);
  std::string line;
  if (!reader.next_filled(line)) throw Error(file + " is empty");
  const char first = line[line.find_first_not_of(" \t\r\f\v")];
  return first == '{' || first == '[';
}

int import_counts(const Common& common, const ImportOptions& options) {
  check_name("--dataset", options.dataset);
  std::vector<store::ImportedCount> rows;
  std::set<std::pair<std::string, std::string>> seen;
  const auto take = [&](const store::ImportedCount& count, const datasets::Row& at) {
    if (!seen.insert({count.model, count.task_id}).second) {
      at.refuse(fmt::format("{} of {} comes twice", count.task_id, count.model));
    }
    rows.push_back(count);
    rows.back().dataset = options.dataset;
  };
  is_json(options.file) ? read_jsonl(options.file, take) : read_csv(options.file, take);
  if (rows.empty()) throw Error(options.file + " has no rows");
  ImportDatabase database(common.db);
  for (const store::ImportedCount& row : rows) store::put_imported_count(*database, row);
  database.keep();
  if (common.json) {
    print_json({{"rows", rows.size()}, {"dataset", options.dataset}});
  } else {
    remark(common.quiet,
           fmt::format("{} rows of {} taken in; `assay rates --dataset {}` shows them", rows.size(),
                       options.dataset, options.dataset));
  }
  return 0;
}

// ---- import evalplus

namespace {
/// Where the parts of a result file stand in its text.
struct Results {
  std::string_view eval;
  json date = nullptr;
};

/// What EvalPlus calls how a sample ended; its first versions said it otherwise.
std::optional<store::Status> status_named(const std::string& name) {
  using store::Status;
  if (name == "pass" || name == "success") return Status::pass;
  if (name == "fail" || name == "failed") return Status::fail;
  if (name == "timeout" || name == "timed out") return Status::timeout;
  return {};
}

/// A sample's status under one suite; nothing where the suite did not judge it.
std::optional<store::Status> status_of(const datasets::Row& row, const std::string& key,
                                       const Value* value) {
  if (!value || value->kind == Kind::none) return {};
  if (value->kind != Kind::str) row.refuse(fmt::format("\"{}\" is not a string", key));
  if (const auto status = status_named(value->text)) return status;
  row.refuse(fmt::format("\"{}\" is \"{}\"; pass, fail and timeout are known", key,
                         value->text.substr(0, 40)));
}

/// One file's verdicts into the database.
class EvalPlusImport {
 public:
  EvalPlusImport(store::Database& database, const datasets::Dataset& dataset,
                 const ImportOptions& options)
      : database_(database), dataset_(dataset), options_(options), index_(dataset) {}

  void run(const Results& results) {
    dataset_id_ = store::put_dataset(database_, dataset_.name, dataset_.version, dataset_.note);
    for_each_member(results.eval, [&](const std::string& task_id, std::string_view rows) {
      take_task(task_id, rows, results.date);
    });
    if (samples == 0) throw Error(options_.file + ": its \"eval\" holds no samples");
    if (verdicts == 0 && counts == 0) {
      throw Error(fmt::format("{}: none of its {} samples has a verdict; nothing is taken in",
                              options_.file, samples));
    }
    if (run_id_ > 0) store::end_run(database_, run_id_);
  }

  std::int64_t samples = 0, verdicts = 0;
  std::int64_t counts = 0;  ///< tasks of which the file tells counts alone

 private:
  void begin_run(const json& date) {
    model_id_ = store::put_model(database_, options_.model);
    condition_id_ = store::put_condition(database_, {"{}", "imported", "evalplus"});
    run_id_ = store::begin_run(database_,
                               {dataset_id_, condition_id_, "none", "",
                                json_text({{"imported", options_.file}, {"date", date}}), "{}"});
    store::put_run_model(database_, run_id_, model_id_);
  }

  void take_task(const std::string& task_id, std::string_view rows, const json& date) {
    const datasets::Problem* problem = index_.find(task_id);
    const std::string place =
        fmt::format("{}: eval[\"{}\"]", options_.file, task_id.substr(0, kNameBytesMax));
    if (!problem) {
      throw Error(fmt::format("{}: dataset {} has no such problem", place, dataset_.name));
    }
    if (rows.starts_with('{')) {
      take_counts(problem->task_id, datasets::read_row(rows, {place}, {"base", "plus", "nfiles"}));
    } else if (rows.starts_with('[')) {
      if (run_id_ == 0) begin_run(date);
      take_rows(*problem, rows, place);
    } else {
      throw Error(place + " is not a list of samples");
    }
    if (counts > 0 && run_id_ > 0) {
      throw Error(place + ": some tasks have their programs and some only how they ended");
    }
  }

  void take_rows(const datasets::Problem& problem, std::string_view rows,
                 const std::string& place) {
    static const datasets::Keys kKeys = {"solution",        "base_status",     "plus_status",
                                         "base_fail_tests", "plus_fail_tests", "status"};
    const std::int64_t problem_id = store::put_problem(
        database_, dataset_id_, static_cast<int>(&problem - dataset_.problems.data()), problem);
    std::size_t number = 0;
    for_each_item(rows, [&](std::string_view text) {
      const auto row = datasets::read_row(text, {fmt::format("{}[{}]", place, number)}, kKeys);
      if (row.has("status") && !row.has("base_status")) {
        throw Error(fmt::format(
            "{}: is BigCodeBench's result file (its samples have one \"status\", where EvalPlus's "
            "have \"base_status\" and \"plus_status\"): assay import results takes it in",
            options_.file));
      }
      take_sample(problem_id, number++, row);
    });
  }

  void take_sample(std::int64_t problem_id, std::size_t number, const datasets::Row& row) {
    store::SampleRow sample;
    sample.problem_id = problem_id;
    sample.model_id = model_id_;
    sample.sample_id = std::to_string(number);
    sample.program = sample.given = row.text("solution");
    if (sample.program.size() > datasets::kSampleBytesMax) row.refuse("\"solution\" is too long");
    sample.form = "solution";
    if (store::put_sample(database_, sample) == store::Put::conflict) {
      row.refuse(fmt::format("model {} has another text stored as this sample; use another --model",
                             options_.model));
    }
    ++samples;
    const std::int64_t program_id = store::put_program(database_, sample.program);
    for (const char* suite : {"base", "plus"}) take_verdict(problem_id, program_id, suite, row);
  }

  void take_verdict(std::int64_t problem_id, std::int64_t program_id, const std::string& suite,
                    const datasets::Row& row) {
    const std::string key = suite + "_status";
    const auto status = status_of(row, key, member(row.object, key));
    if (!status) return;  // base_only
    store::Verdict verdict;
    verdict.program_id = program_id;
    verdict.suite_id = store::put_suite(database_, problem_id, suite, store::kImportedSuite, 1);
    verdict.condition_id = condition_id_;
    verdict.run_id = run_id_;
    verdict.status = *status;
    verdict.judged = 1;
    verdict.passed = verdict.status == store::Status::pass;
    const Value* tests = member(row.object, suite + "_fail_tests");
    if (tests && tests->kind == Kind::list && !tests->items.empty()) {
      verdict.witness =
          store::Witness{-1, to_json(tests->items.front()).substr(0, kWitnessBytesMax), "", ""};
    }
    store::put_verdict(database_, verdict);
    ++verdicts;
  }

  /// The form of EvalPlus's first versions: {"base": [[status, details], ..], "plus": [..]}, one
  /// entry a sample, without the programs. What it tells is counts.
  void take_counts(const std::string& task_id, const datasets::Row& row) {
    const auto base = ended(row, "base"), plus = ended(row, "plus");
    if (plus.empty() && !base.empty()) {
      row.refuse("neither programs nor \"plus\" are given, so there is nothing to compare");
    }
    if (base.size() != plus.size()) {
      row.refuse(fmt::format("\"base\" has {} samples and \"plus\" {}", base.size(), plus.size()));
    }
    store::ImportedCount count{dataset_.name, options_.model, task_id};
    count.n = static_cast<std::int64_t>(base.size());
    if (count.n > kSamplesMax) row.refuse(fmt::format("more than {} samples", kSamplesMax));
    for (std::size_t i = 0; i < base.size(); ++i) {
      if (base[i]) ++(plus[i] ? count.tp : count.fp);  // correct: by base and plus
    }
    if (count.n == 0) return;
    store::put_imported_count(database_, count);
    samples += count.n;
    ++counts;
  }

  /// Of each sample, whether it passed.
  static std::vector<bool> ended(const datasets::Row& row, const std::string& suite) {
    const Value* list = member(row.object, suite);
    if (!list || list->kind == Kind::none) return {};
    if (list->kind != Kind::list) row.refuse(fmt::format("\"{}\" is not a list", suite));
    std::vector<bool> passed;
    for (const Value& one : list->items) {
      const bool pair = one.kind == Kind::list && !one.items.empty();
      const auto status = status_of(row, suite, pair ? &one.items.front() : nullptr);
      if (!status) row.refuse(fmt::format("\"{}\" holds a sample without a status", suite));
      passed.push_back(*status == store::Status::pass);
    }
    return passed;
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const ImportOptions& options_;
  const datasets::ProblemIndex index_;
  std::int64_t dataset_id_ = 0, model_id_ = 0, condition_id_ = 0, run_id_ = 0;
};
}  // namespace

/// What a file of results is that has no "eval", by the keys of its first object.
static std::string foreign_form(const std::vector<std::string>& keys) {
  const auto has = [&](const char* key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const ForeignForm& form : foreign_forms()) {
    if (form.known_by(has)) return fmt::format("{}: assay import results FILE", form.what);
  }
  if (has("task_id") && (has("solution") || has("completion"))) {
    return "rows of samples; judge them: assay run --samples FILE";
  }
  if (has("results") && (has("configs") || has("versions") || has("config_general"))) {
    return "lm-evaluation-harness's results, which have no verdict of a single sample (its logged "
           "samples have: --log_samples)";
  }
  if (std::any_of(keys.begin(), keys.end(),
                  [](const std::string& key) { return key.starts_with("pass@"); })) {
    return "a summary of pass@k, which has no verdict of a single sample";
  }
  if (has("config") && keys.size() > 1) {
    return "bigcode-evaluation-harness's metrics, which have no verdict of a single sample";
  }
  return "";
}

static Results results_in(std::string_view text, const std::string& path) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Results results;
  std::string trouble;
  try {
    for_each_member(text, [&](const std::string& key, std::string_view value) {
      if (key == "eval") results.eval = value;
      if (key != "date" || !value.starts_with('"')) return;
      const std::string date = parse_json(value).text;
      if (!trouble_of_name(date)) results.date = date;
    });
  } catch (const Error& error) {
    trouble = error.what();
  }
  const std::string form = results.eval.empty() ? foreign_form(first_keys(text)) : "";
  if (!form.empty()) {
    throw Error(
        fmt::format("{}: is no EvalPlus result file (it lacks \"eval\") but {}", path, form));
  }
  if (!trouble.empty()) {
    throw Error(fmt::format("{}: is no EvalPlus result file, one object with the key \"eval\": {}",
                            path, trouble));
  }
  if (!results.eval.starts_with('{')) {
    throw Error(path + " is not an EvalPlus result file: it lacks the object \"eval\"");
  }
  return results;
}

int import_evalplus(const Common& common, const ImportOptions& options) {
  check_name("--model", options.model);
  check_name("the file's path", options.file);
  const std::string text = read_text_file(options.file);
  const Results results = results_in(text, options.file);
  const datasets::Dataset dataset = datasets::load(options.dataset);
  ImportDatabase database(common.db);
  EvalPlusImport import(*database, dataset, options);
  import.run(results);
  database.keep();
  if (common.json) {
    print_json(
        {{"samples", import.samples}, {"verdicts", import.verdicts}, {"counts", import.counts}});
  } else if (import.counts > 0) {
    remark(
        common.quiet,
        fmt::format("{} samples of {} problems of {} taken in as counts: this form of EvalPlus's "
                    "first versions has no programs",
                    import.samples, import.counts, options.model));
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
  refuse_database("-o", options.output, common.db);
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
    print_json({{"samples", samples}, {"file", options.output}});
  } else {
    remark(common.quiet, fmt::format("{} samples of {} written to {}", samples,
                                     models.front().model, options.output));
  }
  return 0;
}

}  // namespace assay::cli
