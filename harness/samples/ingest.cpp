#include "harness/samples/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "datasets/languages.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/words.h"
#include "harness/samples/generation.h"
#include "harness/samples/numbering.h"
#include "harness/store/acceptance.h"
#include "harness/store/facts.h"
#include "harness/store/generation.h"
#include "harness/store/scores.h"

namespace assay::samples {

/// Refuses a name that every table, page and JSON text after this would have to cope with.
static void check_name(const std::string& name, const std::string& what) {
  if (const auto trouble = trouble_of_name(name)) {
    throw Error(fmt::format("{} {}; say another with --model", what, *trouble), ExitCode::usage);
  }
}

namespace {

/// Samples whose programs are found together: enough for a process to be worth its start.
constexpr std::size_t kWaitingMax = 1024;
constexpr std::size_t kWaitingBytesMax = 8 << 20;

class Ingest {
 public:
  Ingest(store::Database& database, const datasets::Dataset& dataset,
         const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
         const std::vector<Source>& sources, Intake& intake)
      : database_(database),
        dataset_(dataset),
        problem_ids_(problem_ids),
        options_(options),
        sources_(sources),
        intake_(intake),
        index_(dataset),
        suite_names_(datasets::suite_names(dataset)) {
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
    for (std::size_t source = 0; source < sources_.size(); ++source) {
      const std::int64_t before = result.rows;
      datasets::TakeRefused note;
      if (!options_.strict) note = [this](const auto& error) { result.bad.note(error); };
      sources_[source].read([&](datasets::Sample&& sample) { take(source, std::move(sample)); },
                            note);
      result.bad.end_source(result.rows - before);
      if (const auto how = generation_beside(sources_[source].name))
        store::put_template(database_, how->prompt.hash(), how->prompt.text, how->prompt.system);
    }
    put_waiting();
    result.left_aside = numbering_.left_aside();
    if (options_.shard) result.rows_hash = rows_.hex();
  }

  Ingested result;

 private:
  struct Waiting {
    datasets::Sample sample;
    const datasets::Problem* problem = nullptr;
    std::size_t source = 0;
  };

  void take(std::size_t source, datasets::Sample&& sample) {
    const datasets::Problem* problem = index_.find(sample.task_id);
    if (!problem) {
      throw datasets::RowError(
          sample.place,
          fmt::format("task_id \"{}\" is not in dataset {} ({} problems, such as {}); is "
                      "--dataset right for these samples?",
                      sample.task_id, dataset_.name, dataset_.problems.size(),
                      dataset_.problems.front().task_id));
    }
    const datasets::Language* said = datasets::language_named(sample.language);
    if (said && said != datasets::language_named(problem->language))
      throw datasets::RowError(
          sample.place,
          fmt::format(
              "\"language\" is \"{}\", but the programs of {} in dataset {} are judged as {}: "
              "give --dataset a file of problems in that language",
              sample.language, problem->task_id, dataset_.name, problem->language));
    for (const auto& [name, score] : sample.scores) {
      if (const auto trouble = store::trouble_of_verifier(name))
        throw datasets::RowError(sample.place,
                                 fmt::format("\"scores\": the verifier's name {}", *trouble));
      if (contains(suite_names_, name))
        throw datasets::RowError(
            sample.place,
            fmt::format("\"scores\": {} is a suite of {}; name the verifier otherwise", name,
                        dataset_.name));
    }
    ++result.rows;
    if (!tasks_.empty() && !tasks_.count(problem)) {
      ++result.filtered;
      return;
    }
    waiting_bytes_ += sample.text.size();
    waiting_.push_back({std::move(sample), problem, source});
    if (waiting_.size() == kWaitingMax || waiting_bytes_ > kWaitingBytesMax) put_waiting();
  }

  /// Finds the programs of what waits, and stores them in the order they came.
  void put_waiting() {
    std::vector<Answer> answers;
    for (const Waiting& one : waiting_)
      answers.push_back({one.problem, one.sample.is_completion, one.sample.text});
    std::vector<Found> found = intake_.read(answers);
    for (std::size_t i = 0; i < waiting_.size(); ++i) put(waiting_[i], std::move(found[i]));
    waiting_.clear();
    waiting_bytes_ = 0;
  }

  void put(Waiting& one, Found&& found) {
    datasets::Sample& sample = one.sample;
    store::SampleRow row;
    row.form = sample.is_completion ? "completion" : "solution";
    if (intake_.reading() == Reading::chat) {
      row.form += "+extract";
    } else {
      result.fenced += sample.text.find("```") != std::string::npos;
    }
    count(found.rules);
    row.program = std::move(found.program);
    row.rules = std::move(found.rules);
    row.chosen = std::move(found.chosen);
    row.given = std::move(sample.text);
    row.problem_id = problem_ids_[static_cast<std::size_t>(one.problem - dataset_.problems.data())];
    row.model_id = model_id(one);
    row.sample_id = std::move(sample.sample_id);
    row.sample_id = numbering_.id_of(row);
    if (options_.shard && !is_mine(one, row)) return;
    switch (store::put_sample(database_, row)) {
      case store::Put::added:
        ++result.added;
        added_.push_back({one.source, sample.place.line});
        break;
      case store::Put::known:
        ++result.known;
        break;
      case store::Put::conflict:
        refuse(sample, row);
    }
    put_scores(sample, row);
    if (sample.drawn)
      store::put_generation(database_, store::find_identity(database_, row).value().id,
                            *sample.drawn);
  }

  /// Whether a row is of this shard. Rows are counted and numbered as if all were stored here, so that
  /// shards laid together are what one run had stored.
  bool is_mine(const Waiting& one, store::SampleRow& row) {
    rows_.add(model_name(one)).add(one.problem->task_id).add(row.sample_id).add(row.given);
    const Shard& shard = *options_.shard;
    row.id = last_before_ + static_cast<std::int64_t>(added_.size()) + 1;
    if (shard_of(row.program, shard.shards) == shard.number) return true;
    added_.push_back({one.source, one.sample.place.line});
    ++result.elsewhere;
    return false;
  }

  void put_scores(const datasets::Sample& sample, const store::SampleRow& row) {
    if (sample.scores.empty()) return;
    const std::int64_t sample_id = store::find_identity(database_, row).value().id;
    for (const auto& [name, score] : sample.scores) {
      const auto [verifier, is_new] = verifiers_.try_emplace(name, 0);
      if (is_new) verifier->second = store::put_verifier(database_, name);
      store::put_score(database_, verifier->second, sample_id, score);
    }
  }

  void count(std::string_view rules) {
    for (const std::string& rule : split(rules, ' ')) ++result.rules[rule];
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
          "{} by this model is stored as the same text, read in another way (then {}, now {}); what "
          "is stored stays: give this reading another --model or another --db",
          what, way(stored.form, stored.rules), way(row.form, row.rules)));
    }
    throw Error(fmt::format(
        "{} by this model is stored with another text; give it another sample_id, --model or --db",
        what));
  }

  static std::string way(const std::string& form, const std::string& rules) {
    return rules.empty() ? fmt::format("as {}", form) : fmt::format("as {} by {}", form, rules);
  }

  const std::string& model_name(const Waiting& one) const {
    return !one.sample.model.empty() ? one.sample.model
           : !options_.model.empty() ? options_.model
                                     : sources_[one.source].model;
  }

  std::int64_t model_id(const Waiting& one) {
    const Source& source = sources_[one.source];
    const std::string& name = model_name(one);
    if (!options_.model.empty() && name != options_.model) ++result.named[name];
    const auto [entry, is_new] = models_.try_emplace(name, 0);
    if (is_new) {
      check_name(name, fmt::format("{}: the model's name", source.name));
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
  Intake& intake_;
  const datasets::ProblemIndex index_;
  const std::vector<std::string> suite_names_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  /// Where an added sample came from; its id is last_before_ + 1 + its place in added_.
  struct Came {
    std::size_t source = 0;
    std::uint64_t line = 0;
  };
  const std::int64_t last_before_ = store::last_sample(database_);
  std::vector<Came> added_;
  std::unordered_set<const datasets::Problem*> tasks_;
  std::unordered_map<std::string, std::int64_t> models_, verifiers_;
  Numbering numbering_{database_, options_.append  ? Numbers::behind_stored
                                  : options_.shard ? Numbers::by_place
                                                   : Numbers::by_text};
  Hasher rows_;
};
}  // namespace

Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
                const std::vector<Source>& sources, Intake& intake) {
  store::Transaction transaction(database);
  Ingest ingest(database, dataset, problem_ids, options, sources, intake);
  ingest.read();
  transaction.commit();
  return std::move(ingest.result);
}

Ingested ingest(store::Database& database, const datasets::Dataset& dataset,
                const std::vector<std::int64_t>& problem_ids, const IngestOptions& options,
                Intake& intake) {
  std::vector<Source> sources;
  for (const std::string& file : options.files) sources.push_back(file_source(file));
  return ingest(database, dataset, problem_ids, options, sources, intake);
}

}  // namespace assay::samples
