#include "harness/samples/ingest.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "datasets/python_text.h"
#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/samples/numbering.h"
#include "harness/store/facts.h"

namespace assay::samples {

/// The whole program a sample stands for, and how it was made from the text as given.
static store::SampleRow to_row(datasets::Sample&& sample, const datasets::Problem& problem,
                               bool extract) {
  store::SampleRow row;
  row.form = sample.is_completion ? "completion" : "solution";
  std::string text = sample.text;
  bool is_body = sample.is_completion;
  if (extract) {
    text = datasets::extract_program(sample.text, problem.entry_point);
    if (text != sample.text) row.form += "+extract";
    // A chat answer to a completion prompt is usually the whole function again.
    if (datasets::is_whole_program(text, problem.entry_point)) is_body = false;
  }
  row.given = std::move(sample.text);
  if (!is_body) {
    row.program = std::move(text);
    return row;
  }
  const std::string_view body = datasets::cut_completion(text);
  if (body.size() != text.size()) row.form += "+cut";
  row.program = problem.prompt;
  row.program += body;
  return row;
}

/// Refuses a name that every table, page and JSON text after this would have to cope with.
static void check_name(const std::string& name, const std::string& what) {
  if (const auto trouble = trouble_of_name(name)) {
    throw Error(fmt::format("{} {}; say another with --model", what, *trouble), ExitCode::usage);
  }
}

namespace {
class Ingest {
 public:
  Ingest(store::Database& database, const datasets::Dataset& dataset,
         const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
         const std::vector<Source>& sources)
      : database_(database),
        dataset_(dataset),
        problem_ids_(problem_ids),
        options_(options),
        sources_(sources),
        index_(dataset) {
    check_name(options.model, "--model");
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

  void read() {
    for (source_ = 0; source_ < sources_.size(); ++source_) {
      const std::int64_t before = result.rows;
      datasets::TakeRefused note;
      if (!options_.strict) note = [this](const auto& error) { result.bad.note(error); };
      sources_[source_].read([this](datasets::Sample&& sample) { take(std::move(sample)); }, note);
      result.bad.end_source(result.rows - before);
    }
    result.left_aside = numbering_.left_aside();
  }

  Ingested result;

 private:
  void take(datasets::Sample&& sample) {
    const datasets::Problem* problem = index_.find(sample.task_id);
    if (!problem) {
      throw datasets::RowError(
          sample.place,
          fmt::format("task_id \"{}\" is not in dataset {} ({} problems, such as {}); is "
                      "--dataset right for these samples?",
                      sample.task_id, dataset_.name, dataset_.problems.size(),
                      dataset_.problems.front().task_id));
    }
    ++result.rows;
    if (!tasks_.empty() && !tasks_.count(problem)) {
      ++result.filtered;
      return;
    }
    store::SampleRow row = to_row(std::move(sample), *problem, options_.extract);
    row.problem_id = problem_ids_[static_cast<std::size_t>(problem - dataset_.problems.data())];
    row.model_id = model_id(sample);
    row.sample_id = std::move(sample.sample_id);
    row.sample_id = numbering_.id_of(row);
    switch (store::put_sample(database_, row)) {
      case store::Put::added:
        ++result.added;
        added_.push_back({source_, sample.place.line});
        break;
      case store::Put::known:
        ++result.known;
        break;
      case store::Put::conflict:
        refuse(sample, row);
    }
  }

  /// The identity is taken by another program: says by which, and what to do about it.
  [[noreturn]] void refuse(const datasets::Sample& sample, const store::SampleRow& row) const {
    const store::StoredIdentity stored = store::find_identity(database_, row).value();
    const std::string what =
        fmt::format("{}: sample {} of {}", sample.place.text(), row.sample_id, sample.task_id);
    if (stored.id > last_before_) {
      const Came& came = added_[static_cast<std::size_t>(stored.id - last_before_ - 1)];
      const std::string& file = sources_[came.source].name;
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
        "{} by this model is stored with another text; give it another sample_id, --model or --db",
        what));
  }

  std::int64_t model_id(const datasets::Sample& sample) {
    const std::string name = !sample.model.empty()     ? sample.model
                             : !options_.model.empty() ? options_.model
                                                       : sources_[source_].model;
    if (!options_.model.empty() && name != options_.model) ++result.named[name];
    const auto [entry, is_new] = models_.try_emplace(name, 0);
    if (is_new) {
      check_name(name, fmt::format("{}: the model's name", sources_[source_].name));
      entry->second = store::put_model(database_, name);
      result.model_ids.push_back(entry->second);
    }
    return entry->second;
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const std::vector<std::int64_t>& problem_ids_;
  const IngestOptions& options_;
  const std::vector<Source>& sources_;
  const datasets::ProblemIndex index_;
  /// Where an added sample came from; its id is last_before_ + 1 + its place in added_.
  struct Came {
    std::size_t source = 0;
    std::uint64_t line = 0;
  };
  const std::int64_t last_before_ = store::last_sample(database_);
  std::vector<Came> added_;
  std::size_t source_ = 0;  ///< that is being read
  std::unordered_set<const datasets::Problem*> tasks_;
  std::unordered_map<std::string, std::int64_t> models_;
  Numbering numbering_{database_, options_.append};
};
}  // namespace

Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
                const std::vector<Source>& sources) {
  store::Transaction transaction(database);
  Ingest ingest(database, dataset, problem_ids, options, sources);
  ingest.read();
  transaction.commit();
  return std::move(ingest.result);
}

Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options) {
  std::vector<Source> sources;
  for (const std::string& file : options.files) sources.push_back(file_source(file));
  return ingest(database, dataset, problem_ids, options, sources);
}

}  // namespace assay::samples
