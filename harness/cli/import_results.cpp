#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <unordered_map>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/base/words.h"
#include "harness/cli/foreign.h"
#include "harness/cli/foreign_results.h"
#include "harness/cli/import_database.h"
#include "harness/cli/terminal.h"
#include "harness/store/acceptance.h"
#include "harness/store/facts.h"
#include "harness/store/queries.h"
#include "harness/store/scores.h"

namespace assay::cli {

namespace fs = std::filesystem;

/// What stands for a version of a benchmark of which only results are known.
static constexpr const char* kOnlyResults = "of results";

namespace {
/// Results into the database, all in one transaction.
class ResultsImport {
 public:
  ResultsImport(store::Database& database, const ImportResults& options,
                std::optional<datasets::Dataset> dataset)
      : database_(database), options_(options), dataset_(std::move(dataset)) {
    if (dataset_) index_.emplace(*dataset_);
    dataset_id_ =
        dataset_ ? store::put_dataset(database_, dataset_->name, dataset_->version, dataset_->note)
                 : own_dataset();
    // One condition for all of them, so that verdicts of two files by two suites stand together.
    condition_id_ = store::put_condition(database_, {"{}", "imported", "results"});
    for (const store::StoredModel& stored : store::stored_models(database_)) {
      if (stored.dataset_id == dataset_id_ && stored.condition_id != condition_id_)
        judged_otherwise_.emplace(stored.model_id, stored.comparison == "imported"
                                                       ? "`assay import evalplus` took in"
                                                       : "`assay run` measured");
    }
  }

  void take(ForeignResult&& result, const datasets::Row& at, const std::string& model) {
    const std::int64_t problem_id = problem_of(result, at);
    const std::int64_t model_id = model_of(model, at);
    store::SampleRow sample;
    sample.problem_id = problem_id;
    sample.model_id = model_id;
    const std::int64_t number = numbers_[{model_id, problem_id}]++;
    sample.sample_id = result.sample_id.empty() ? std::to_string(number) : result.sample_id;
    if (result.text.size() > datasets::kSampleBytesMax) at.refuse("a program is too long");
    if (!is_utf8(result.text)) at.refuse("a program is not UTF-8");
    if (!samples_.emplace(model_id, problem_id, sample.sample_id).second) {
      at.refuse(fmt::format("sample {} of {} comes twice for model {}", sample.sample_id,
                            result.task_id, model));
    }
    sample.given = result.text;
    sample.form = result.is_completion ? "completion" : "solution";
    sample.program = result.is_completion ? prompt_of(result, at) + result.text : result.text;
    if (store::put_sample(database_, sample) == store::Put::conflict) {
      at.refuse(
          fmt::format("model {} has another text stored as sample {} of {}; use another --model",
                      model, sample.sample_id, result.task_id));
    }
    ++samples;
    put_verdict(sample, result, at);
  }

  void end() {
    for (const auto& [model, id] : models_) {
      store::put_run_model(database_, run_id_, id);
      names.push_back(model);
    }
    if (run_id_ > 0) store::end_run(database_, run_id_);
  }

  std::int64_t samples = 0, verdicts = 0;
  std::int64_t not_judged = 0;  ///< by a failure of the harness
  std::int64_t disagree = 0;    ///< of one text another verdict than before
  std::int64_t differ = 0;      ///< ... than another import had stored, which stays
  std::vector<std::string> names;

 private:
  /// A benchmark whose problems are those of the results. One that a run has judged is never written
  /// over: its problems have references.
  std::int64_t own_dataset() {
    for (const store::StoredDataset& stored : store::stored_datasets(database_)) {
      if (stored.name != options_.dataset || stored.version == kOnlyResults) continue;
      throw Error(fmt::format("--dataset {}: {} has a benchmark of that name, made of a file; name "
                              "the file, or take another name",
                              options_.dataset, database_.path()),
                  ExitCode::usage);
    }
    return store::put_dataset(
        database_, options_.dataset, kOnlyResults,
        "Problems and verdicts of this benchmark are as other tools' results have them.");
  }

  std::int64_t problem_of(const ForeignResult& result, const datasets::Row& at) {
    datasets::Problem own;
    const datasets::Problem* problem = &own;
    if (index_) {
      problem = index_->find(result.task_id);
      if (!problem) {
        at.refuse(fmt::format("dataset {} has no problem {} ({} problems, such as {})",
                              dataset_->name, result.task_id, dataset_->problems.size(),
                              dataset_->problems.front().task_id));
      }
    } else {
      if (const auto trouble = trouble_of_name(result.task_id))
        at.refuse("the problem's name " + *trouble);
      if (result.task_id.empty()) at.refuse("the problem's name is empty");
      own.task_id = result.task_id;
      own.prompt = well_formed(result.prompt);
    }
    const auto [known, fresh] = problems_.try_emplace(problem->task_id, 0);
    if (fresh) {
      const auto position =
          index_ ? problem - dataset_->problems.data() : std::ptrdiff_t(problems_.size() - 1);
      known->second =
          store::put_problem(database_, dataset_id_, static_cast<int>(position), *problem);
    }
    return known->second;
  }

  std::string prompt_of(const ForeignResult& result, const datasets::Row& at) const {
    if (index_) return index_->find(result.task_id)->prompt;
    at.refuse(
        fmt::format("its \"completion\" goes behind a prompt, which --dataset {} does not know; "
                    "name a benchmark that assay knows, or its file",
                    options_.dataset));
  }

  std::int64_t model_of(const std::string& name, const datasets::Row& at) {
    if (const auto trouble = trouble_of_name(name)) at.refuse("the model's name " + *trouble);
    const auto [known, fresh] = models_.try_emplace(name, 0);
    if (!fresh) return known->second;
    known->second = store::put_model(database_, name);
    if (const auto found = judged_otherwise_.find(known->second);
        found != judged_otherwise_.end()) {
      at.refuse(
          fmt::format("model {} has verdicts of this dataset that {}, and these would take "
                      "their place; import under another --model or --dataset",
                      name, found->second));
    }
    return known->second;
  }

  void put_verdict(const store::SampleRow& sample, const ForeignResult& result,
                   const datasets::Row& at) {
    if (!result.status) {
      ++not_judged;
      return;
    }
    store::Verdict verdict;
    verdict.program_id = store::put_program(database_, sample.program);
    verdict.suite_id =
        store::put_suite(database_, sample.problem_id, options_.suite, store::kImportedSuite, 1);
    verdict.condition_id = condition_id_;
    const auto [said, fresh] =
        said_.try_emplace({verdict.program_id, verdict.suite_id}, *result.status);
    if (!fresh) {
      disagree += said->second != *result.status;
      ++verdicts;
      return;
    }
    if (run_id_ == 0) {
      run_id_ = store::begin_run(
          database_, {dataset_id_, condition_id_, "none", "",
                      json_text({{"imported", at.place.file}, {"suite", options_.suite}}), "{}"});
    }
    if (const auto stored = store::stored_status(database_, verdict)) {
      differ += *stored != *result.status;
      ++verdicts;
      return;
    }
    verdict.run_id = run_id_;
    verdict.status = *result.status;
    verdict.judged = 1;
    verdict.passed = verdict.status == store::Status::pass;
    verdict.wall_ms = result.wall_ms;
    verdict.message = well_formed(result.message);
    if (result.witness) {
      verdict.witness = store::Witness{result.witness->test, well_formed(result.witness->input),
                                       well_formed(result.witness->expected),
                                       well_formed(result.witness->actual)};
    }
    store::put_verdict(database_, verdict);
    ++verdicts;
  }

  store::Database& database_;
  const ImportResults& options_;
  const std::optional<datasets::Dataset> dataset_;
  std::optional<datasets::ProblemIndex> index_;
  std::int64_t dataset_id_ = 0, condition_id_ = 0, run_id_ = 0;
  std::unordered_map<std::string, std::int64_t> problems_;
  std::map<std::string, std::int64_t> models_;
  std::map<std::int64_t, std::string> judged_otherwise_;  ///< models, and by what
  std::set<std::tuple<std::int64_t, std::int64_t, std::string>> samples_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> numbers_;  ///< by model and problem
  std::map<std::pair<std::int64_t, std::int64_t>, store::Status> said_;    ///< by program and suite
};
}  // namespace

/// A file that counts twice, compressed or not, would double its samples.
static void refuse_twice(const std::vector<std::string>& files) {
  std::map<std::string, std::string> seen;
  for (const std::string& path : files) {
    std::error_code missing;  // the reader says so
    std::string name = fs::weakly_canonical(path, missing).string();
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    const auto [known, fresh] = seen.try_emplace(name, path);
    if (fresh) continue;
    throw Error(fmt::format("{} and {} are one file: name one of them", known->second, path),
                ExitCode::usage);
  }
}

/// The files themselves, and of a folder those that lie in it, by name.
static std::vector<std::string> files_of(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".results.json") || name.ends_with(".results.json.gz"))
        inside.push_back(entry.path().string());
    }
    if (inside.empty())
      throw Error(path + ": the folder has no NAME.results.json, as MultiPL-E writes them");
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  refuse_twice(files);
  return files;
}

static std::string forms_known() {
  std::vector<std::string> names;
  for (const ForeignForm& form : foreign_forms()) names.emplace_back(form.what);
  return fmt::format("{}", fmt::join(names, ", "));
}

static const ForeignForm& form_of(const std::string& file, std::string_view text) {
  const std::vector<std::string> keys = first_keys(text);
  const auto has = [&](const char* key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const ForeignForm& form : foreign_forms()) {
    if (form.known_by(has)) return form;
  }
  throw Error(
      fmt::format("{}: is of no form that is known by its keys: {}; EvalPlus's "
                  "eval_results.json is for `assay import evalplus`",
                  file, forms_known()));
}

/// A benchmark that assay can read; nothing for a name that stands for the results alone.
static std::optional<datasets::Dataset> dataset_of(const std::string& name) {
  std::error_code ignored;
  if (datasets::known_dataset(name) || fs::exists(name, ignored)) return datasets::load(name);
  if (name.find('/') != name.npos || name.ends_with(".jsonl") || name.ends_with(".json"))
    return datasets::load(name);  // which says what is wrong
  return std::nullopt;
}

static void tell(const Common& common, const ImportResults& options, const ResultsImport& import,
                 bool own_problems) {
  if (common.json) {
    return print_json({{"samples", import.samples},
                       {"verdicts", import.verdicts},
                       {"not_judged", import.not_judged},
                       {"disagree", import.disagree},
                       {"differ_from_stored", import.differ},
                       {"models", import.names},
                       {"suite", options.suite}});
  }
  remark(
      common.quiet,
      fmt::format("{} samples and {} verdicts of {} taken in as they are, as suite {}",
                  import.samples, import.verdicts, fmt::join(import.names, ", "), options.suite));
  if (own_problems) {
    remark(common.quiet,
           fmt::format("remark: {} is no benchmark that assay knows; its problems are those of the "
                       "results",
                       options.dataset));
  }
  if (import.not_judged > 0) {
    remark(common.quiet,
           fmt::format("{} samples have no verdict: the harness failed, or did not judge "
                       "them; no rate counts them",
                       import.not_judged));
  }
  if (import.disagree > 0) {
    remark(
        common.quiet,
        fmt::format("warning: {} samples have another verdict than the same text before them; the "
                    "first verdict of a text stands",
                    import.disagree));
  }
  if (import.differ > 0) {
    remark(common.quiet,
           fmt::format("warning: {} programs have another verdict than an earlier import stored; "
                       "the stored one stays, and another --suite keeps both",
                       import.differ));
  }
}

int import_results(const Common& common, const ImportResults& options) {
  using Said = std::pair<const char*, std::string>;
  for (const auto& [option, name] :
       {Said{"--model", options.model}, Said{"--dataset", options.dataset},
        Said{"--suite", options.suite}}) {
    if (const auto trouble = trouble_of_name(name))
      throw Error(fmt::format("{} {}", option, *trouble), ExitCode::usage);
  }
  if (const auto trouble = store::trouble_of_verifier(options.suite))  // --proxy would misread it
    throw Error("--suite " + *trouble, ExitCode::usage);
  std::optional<datasets::Dataset> dataset = dataset_of(options.dataset);
  const bool own_problems = !dataset;
  ImportDatabase database(common.db);
  const std::vector<std::string> verifiers = store::verifier_names(*database);
  if (std::find(verifiers.begin(), verifiers.end(), options.suite) != verifiers.end()) {
    throw Error(fmt::format("--suite {} is the name of a verifier with scores in {}; take another",
                            options.suite, common.db),
                ExitCode::usage);
  }
  ResultsImport import(*database, options, std::move(dataset));
  for (const std::string& file : files_of(options.files)) {
    const std::string bytes = read_text_file(file);
    const std::string_view text = std::string_view(bytes).substr(byte_order_mark(bytes));
    const ForeignForm& form = form_of(file, text);
    std::string told;
    form.read(
        file, text,
        [&](ForeignResult&& result, const datasets::Row& at) {
          const std::string& model = options.model.empty() ? told : options.model;
          if (model.empty())
            throw Error(fmt::format("{} names no model: say it with --model", file),
                        ExitCode::usage);
          import.take(std::move(result), at, model);
        },
        told);
  }
  if (import.verdicts == 0) {
    throw Error(fmt::format("{}: none of its {} samples has a verdict; nothing is taken in",
                            fmt::join(options.files, ", "), import.samples));
  }
  import.end();
  database.keep();
  tell(common, options, import, own_problems);
  return 0;
}

}  // namespace assay::cli
