#include "harness/samples/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "datasets/registry.h"
#include "datasets/sample.h"
#include "harness/base/error.h"
#include "harness/store/facts.h"

namespace assay::samples {

static std::string place(const datasets::Sample& sample) {
  return sample.line > 0 ? fmt::format("{}:{}", sample.file, sample.line) : sample.file;
}

/// A file's stem, or a folder's name: EvalPlus's folders are named after the model.
static std::string stem(const std::string& given) {
  std::error_code ignored;
  std::filesystem::path path = given;
  if (std::filesystem::is_directory(path, ignored)) {
    return std::filesystem::canonical(path).filename().string();
  }
  std::string name = path.filename().string();
  for (const char* ending : {".gz", ".jsonl", ".json"}) {
    if (name.ends_with(ending)) name.resize(name.size() - std::string_view(ending).size());
  }
  return name;
}

/// The whole program a sample stands for, and how it was made from the text as given.
static store::SampleRow to_row(const datasets::Sample& sample, const datasets::Problem& problem,
                               bool extract) {
  store::SampleRow row;
  row.given = sample.text;
  row.form = sample.is_completion ? "completion" : "solution";
  std::string text = sample.text;
  bool is_body = sample.is_completion;
  if (extract) {
    std::string extracted = datasets::extract_program(text, problem.entry_point);
    if (extracted != text) {
      row.form += "+extract";
      text = std::move(extracted);
    }
    // A chat answer to a completion prompt is usually the whole function again.
    if (is_body && text.find("def " + problem.entry_point) != std::string::npos) is_body = false;
  }
  if (!is_body) {
    row.program = std::move(text);
    return row;
  }
  std::string body = datasets::cut_completion(text);
  if (body != text) row.form += "+cut";
  row.program = problem.prompt + body;
  return row;
}

namespace {
class Ingest {
 public:
  Ingest(store::Database& database, const datasets::Dataset& dataset,
         const std::vector<std::int64_t>& problem_ids, const IngestOptions& options)
      : database_(database),
        dataset_(dataset),
        problem_ids_(problem_ids),
        options_(options),
        index_(dataset) {
    result.model_given = options.model;
    for (const std::string& task : options.tasks) {
      const datasets::Problem* problem = index_.find(task);
      if (!problem) {
        throw Error(fmt::format("--task {}: dataset {} has no such problem", task, dataset.name),
                    ExitCode::usage);
      }
      tasks_.insert(problem);
    }
  }

  /// What follows comes from this file or folder, as the command names it.
  void begin(std::size_t index) {
    options_file_ = index;
    file_stem_ = stem(options_.files[index]);
  }

  void take(const datasets::Sample& sample) {
    ++result.rows;
    const datasets::Problem* problem = index_.find(sample.task_id);
    if (!problem) {
      throw Error(
          fmt::format("{}: task_id \"{}\" is not in dataset {} ({} problems, such as {}); is "
                      "--dataset right for these samples?",
                      place(sample), sample.task_id, dataset_.name, dataset_.problems.size(),
                      dataset_.problems.front().task_id));
    }
    if (!tasks_.empty() && !tasks_.count(problem)) {
      ++result.filtered;
      return;
    }
    store::SampleRow row = to_row(sample, *problem, options_.extract);
    row.problem_id = problem_ids_[static_cast<std::size_t>(problem - dataset_.problems.data())];
    row.model_id = model_id(sample);
    row.sample_id = sample.sample_id.empty() ? next_number(row) : sample.sample_id;
    switch (store::put_sample(database_, row)) {
      case store::Put::added:
        ++result.added;
        added_.push_back({options_file_, sample.line});
        break;
      case store::Put::known:
        ++result.known;
        break;
      case store::Put::conflict:
        refuse(sample, row);
    }
  }

  Ingested result;

 private:
  /// The identity is taken by another program: says by which, and what to do about it.
  [[noreturn]] void refuse(const datasets::Sample& sample, const store::SampleRow& row) const {
    const store::StoredIdentity stored = store::find_identity(database_, row).value();
    const std::string what =
        fmt::format("{}: sample {} of {}", place(sample), row.sample_id, sample.task_id);
    if (stored.id > last_before_) {
      const Came& came = added_[static_cast<std::size_t>(stored.id - last_before_ - 1)];
      const std::string& file = options_.files[came.file];
      throw Error(
          fmt::format("{} comes with another text in {} already; give one of them another "
                      "sample_id or model",
                      what, came.line > 0 ? fmt::format("{}:{}", file, came.line) : file));
    }
    if (stored.same_given) {
      throw Error(fmt::format(
          "{} by this model is stored as the same text, but read {} --extract ({}); what is stored "
          "stays: give this reading another --model or another --db",
          what, options_.extract ? "without" : "with", stored.form));
    }
    throw Error(fmt::format(
        "{} by this model is stored with another text; give it another sample_id, --model or --db, "
        "or use --append to keep both and number on",
        what));
  }

  std::int64_t model_id(const datasets::Sample& sample) {
    const std::string name = !sample.model.empty()     ? sample.model
                             : !options_.model.empty() ? options_.model
                                                       : file_stem_;
    if (!options_.model.empty() && name != options_.model) ++result.named[name];
    const auto [entry, is_new] = models_.try_emplace(name, 0);
    if (is_new) {
      entry->second = store::put_model(database_, name);
      result.model_ids.push_back(entry->second);
    }
    return entry->second;
  }

  std::string next_number(const store::SampleRow& row) {
    const auto [entry, is_new] = numbers_.try_emplace({row.problem_id, row.model_id}, 0);
    if (is_new && options_.append) {
      entry->second = store::next_sample_number(database_, row.problem_id, row.model_id);
    }
    return std::to_string(entry->second++);
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const std::vector<std::int64_t>& problem_ids_;
  const IngestOptions& options_;
  const datasets::ProblemIndex index_;
  /// Where an added sample came from; its id is last_before_ + 1 + its place in added_.
  struct Came {
    std::size_t file = 0;
    std::uint64_t line = 0;
  };
  const std::int64_t last_before_ = store::last_sample(database_);
  std::vector<Came> added_;
  std::size_t options_file_ = 0;
  std::string file_stem_;
  std::unordered_set<const datasets::Problem*> tasks_;
  std::unordered_map<std::string, std::int64_t> models_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> numbers_;
};
}  // namespace

Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options) {
  store::Transaction transaction(database);
  Ingest ingest(database, dataset, problem_ids, options);
  for (const std::string& file : options.files) {
    ingest.begin(static_cast<std::size_t>(&file - options.files.data()));
    const auto take = [&](datasets::Sample&& sample) { ingest.take(sample); };
    if (file == "builtin") {
      datasets::read_builtin_samples(take);
    } else {
      datasets::read_samples(file, take);
    }
  }
  transaction.commit();
  return std::move(ingest.result);
}

}  // namespace assay::samples
