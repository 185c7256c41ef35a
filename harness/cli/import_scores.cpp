#include "harness/cli/import_scores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csv.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "datasets/forms/rows.h"
#include "datasets/forms/score.h"
#include "harness/analysis/generated.h"
#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/cli/import_database.h"
#include "harness/cli/terminal.h"
#include "harness/store/acceptance.h"
#include "harness/store/assertions.h"
#include "harness/store/facts.h"
#include "harness/store/scores.h"

namespace assay::cli {

namespace {

/// A row of scores is short; programs beside them are not read.
constexpr std::uint64_t kRowBytesMax = 64 << 20;

using Samples = std::map<store::Identity, std::int64_t>;

/// One file's rows, each joined with its sample, or with its own truth where the model has none.
class ScoresImport {
 public:
  ScoresImport(store::Database& database, const ScoresOptions& options)
      : database_(database),
        options_(options),
        verifier_(store::put_verifier(database, options.verifier)),
        here_(store::models_with_samples(database, options.dataset)) {}

  void take(const datasets::Row& row) {
    ++rows;
    const std::string model = model_of(row);
    const store::Identity sample{row.id_or_empty("task_id"), row.id_or_empty("sample_id")};
    if (sample.task_id.empty() || sample.sample_id.empty())
      row.refuse("a row names its sample by \"task_id\" and \"sample_id\"");
    const std::optional<double> score = datasets::score_under(row, options_.key);
    const auto [before, is_new] = seen_.try_emplace({model, sample}, row.place.line);
    if (!is_new)
      row.refuse(fmt::format(
          "sample {} of {} by {} comes twice, before in {}", sample.sample_id, sample.task_id,
          model, datasets::Place{row.place.file, before->second, row.place.of_array}.text()));
    if (!score) ++not_judged;
    if (is_here(model)) {
      put_here(row, model, sample, score);
    } else if (row.has(options_.correct_key)) {
      put_foreign(row, model, sample, score);
    } else {
      unknown(row, fmt::format("model {} has no samples", model));
    }
  }

  /// Where the dataset is not in the database by any model. Rows with their own truth need none.
  void refuse_unknown_dataset() const {
    std::set<std::string> known;
    for (const store::StoredModel& model : store::stored_models(database_))
      known.insert(model.dataset);
    if (known.contains(options_.dataset)) return;
    throw Error(fmt::format(
        "--dataset {} is unknown: {} has {}. Rows that bring a model and its samples' truth, under "
        "\"{}\", need no samples there",
        options_.dataset, database_.path(),
        known.empty() ? "none at all" : fmt::format("{}", fmt::join(known, ", ")),
        options_.correct_key));
  }

  std::int64_t rows = 0, joined = 0, foreign = 0, lacking = 0, not_judged = 0;

 private:
  bool is_here(const std::string& model) const {
    return std::binary_search(here_.begin(), here_.end(), model);
  }

  std::string model_of(const datasets::Row& row) const {
    std::string model = row.name_or_empty("model");
    if (model.empty()) model = options_.model;
    if (model.empty() && here_.size() == 1) model = here_.front();
    if (model.empty() && here_.empty()) refuse_unknown_dataset();
    if (model.empty())
      row.refuse(fmt::format(
          "it names no \"model\", and {} has samples of {} in {}: say --model NAME",
          database_.path(), here_.empty() ? "none" : fmt::format("{}", fmt::join(here_, ", ")),
          options_.dataset));
    return model;
  }

  void put_here(const datasets::Row& row, const std::string& model, const store::Identity& sample,
                const std::optional<double>& score) {
    auto known = samples_.find(model);
    if (known == samples_.end())
      known =
          samples_.emplace(model, store::samples_by_identity(database_, options_.dataset, model))
              .first;
    const auto found = known->second.find(sample);
    if (found == known->second.end())
      return unknown(row, fmt::format("model {} has no sample {} of {}", model, sample.sample_id,
                                      sample.task_id));
    store::put_score(database_, verifier_, found->second, score);
    ++joined;
  }

  /// Whatever the verifier, a sample is right or it is not.
  void put_foreign(const datasets::Row& row, const std::string& model,
                   const store::Identity& sample, const std::optional<double>& score) {
    const bool correct = is_correct(row);
    auto known = truths_.find(model);
    if (known == truths_.end())
      known = truths_
                  .emplace(model, store::truths_of_others(database_, options_.dataset, model,
                                                          options_.verifier))
                  .first;
    const auto other = known->second.find(sample);
    if (other != known->second.end() && other->second.correct != correct)
      row.refuse(fmt::format(
          "\"{}\" is {} for sample {} of {} by {}, and the scores of {} in {} came with {}; a sample "
          "has one truth: mend the file that errs and take it in again, or begin a new database where "
          "both change",
          options_.correct_key, correct, sample.sample_id, sample.task_id, model,
          other->second.verifier, database_.path(), other->second.correct));
    store::put_imported_score(database_,
                              {options_.dataset, model, options_.verifier, sample, score, correct});
    ++foreign;
  }

  void unknown(const datasets::Row& row, const std::string& why) {
    if (options_.strict)
      row.refuse(
          fmt::format("{} in {} of {}; without --strict-input such rows are counted and left out",
                      why, options_.dataset, database_.path()));
    if (lacking++ == 0) first_lacking_ = row.place.text() + ": " + why;
  }

  /// true, 1, or their opposites; a table's cell is a text, TRUE or 1.0 where a spreadsheet wrote it.
  bool is_correct(const datasets::Row& row) const {
    const Value& value = row.value(options_.correct_key);
    std::optional<double> said;
    if (value.kind == Kind::boolean || value.kind == Kind::integer)
      said = static_cast<double>(value.integer);
    if (value.kind == Kind::real) said = value.real;
    if (value.kind == Kind::str) {
      const std::string& text = value.text;
      said = number_in<double>(text);
      if (text == "true" || text == "True" || text == "TRUE") said = 1;
      if (text == "false" || text == "False" || text == "FALSE") said = 0;
    }
    if (said == 1) return true;
    if (said == 0) return false;
    row.refuse(fmt::format("\"{}\" is neither true nor false, 1 nor 0", options_.correct_key));
  }

  store::Database& database_;
  const ScoresOptions& options_;
  const std::int64_t verifier_;
  const std::vector<std::string> here_;
  std::map<std::string, Samples> samples_;
  std::map<std::string, std::map<store::Identity, store::ImportedTruth>> truths_;
  std::map<std::pair<std::string, store::Identity>, std::uint64_t> seen_;  ///< in which line
  std::string first_lacking_;

 public:
  const std::string& first_lacking() const { return first_lacking_; }
};

/// What the reader of tables would cut a cell at, or take for one endless line.
void refuse_no_table(const std::string& file, const std::string& text) {
  if (const std::size_t nul = text.find('\0'); nul != text.npos)
    throw Error(fmt::format("{}:{}: it holds a NUL byte, which no table of text has", file,
                            1 + std::count(text.begin(), text.begin() + nul, '\n')));
  const std::size_t end = text.find('\r');
  if (end != text.npos && end + 1 < text.size() && text[end + 1] != '\n' && end < text.find('\n'))
    throw Error(
        fmt::format("{}:1: the header ends in a carriage return alone; save the table with "
                    "lines that end in LF or CR LF",
                    file));
}

void read_csv(const ScoresOptions& options, ScoresImport& import) {
  const std::string bytes = read_text_file(options.file);
  refuse_no_table(options.file, bytes);
  std::istringstream text(bytes);
  const std::vector<std::string> names = {"task_id", "sample_id", options.key, "model",
                                          options.correct_key};
  try {
    io::CSVReader<5, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>,
                  io::throw_on_overflow, io::empty_line_comment>
        csv(options.file, text);
    csv.read_header(io::ignore_missing_column | io::ignore_extra_column, names[0], names[1],
                    names[2], names[3], names[4]);
    for (std::size_t i = 0; i < 3; ++i) {
      if (!csv.has_column(names[i]))
        throw Error(fmt::format("{}:1: the header lacks the column {}{}", options.file, names[i],
                                i == 2 ? "; --key names another" : ""));
    }
    const bool has_correct = csv.has_column(names[4]);
    std::vector<std::string> cells(5);
    while (csv.read_row(cells[0], cells[1], cells[2], cells[3], cells[4])) {
      std::vector<Value> members;
      for (std::size_t i = 0; i < (has_correct ? 5u : 4u); ++i) {
        members.push_back(Value::of_str(names[i]));
        members.push_back(Value::of_str(cells[i]));
      }
      import.take({Value::sequence(Kind::dict, std::move(members)),
                   { options.file,
                     csv.get_file_line() }});
    }
  } catch (const io::error::base& error) {
    throw Error(fmt::format("{}: {}", options.file, error.what()));
  }
}

bool is_json(const std::string& file) {
  LineReader reader(file);
  std::string line;
  if (!reader.next_filled(line)) throw Error(file + " is empty");
  const char first = line[line.find_first_not_of(" \t\r\f\v")];
  return first == '{' || first == '[';
}

void read_rows(const ScoresOptions& options, ScoresImport& import) {
  if (!is_json(options.file)) return read_csv(options, import);
  LineReader lines(options.file, kRowBytesMax);
  datasets::for_each_row(lines, [&](datasets::Row&& row) { import.take(row); }, {},
                         {"model", "task_id", "sample_id", options.key, options.correct_key});
}

void check_names(const ScoresOptions& options) {
  const auto refuse = [](const char* option, const std::string& trouble) {
    throw Error(fmt::format("{} {}", option, trouble), ExitCode::usage);
  };
  if (const auto trouble = trouble_of_name(options.dataset)) refuse("--dataset", *trouble);
  if (const auto trouble = trouble_of_name(options.model)) refuse("--model", *trouble);
  if (const auto trouble = store::trouble_of_verifier(options.verifier))
    refuse("--verifier", *trouble);
}

/// One name would stand for two: --proxy and `roc --verifier` take both kinds.
void refuse_suite(store::Database& database, const std::string& verifier) {
  const std::vector<std::string> suites = store::suite_names(database);
  for (const std::string& suite : suites) {
    if (!store::is_other_suite(database, suite) &&
        contains(analysis::scores_of_tests(suite), verifier))
      throw Error(fmt::format("--verifier {}: {} has tests called {}, and this is what the scores "
                              "that they give are called; name the verifier otherwise",
                              verifier, database.path(), suite),
                  ExitCode::usage);
  }
  if (!contains(suites, verifier)) return;
  throw Error(fmt::format("--verifier {}: {} has a suite of this name, and it has {}; name the "
                          "verifier otherwise",
                          verifier, database.path(), fmt::join(suites, ", ")),
              ExitCode::usage);
}

}  // namespace

int import_scores(const Common& common, const ScoresOptions& options) {
  check_names(options);
  ImportDatabase database(common.db);
  refuse_suite(*database, options.verifier);
  ScoresImport import(*database, options);
  read_rows(options, import);
  if (import.joined + import.foreign == 0) import.refuse_unknown_dataset();
  if (import.joined + import.foreign == 0)
    throw Error(
        fmt::format("{}: none of its {} rows is of a sample of {} in {} ({}); nothing is taken in. "
                    "Judge the samples first (assay run), or give each row its truth under \"{}\"",
                    options.file, import.rows, options.dataset, common.db, import.first_lacking(),
                    options.correct_key));
  database.keep();
  if (common.json) {
    print_json({{"rows", import.rows},
                {"joined", import.joined},
                {"foreign", import.foreign},
                {"unknown", import.lacking},
                {"not_judged", import.not_judged},
                {"dataset", options.dataset},
                {"verifier", options.verifier}});
    return 0;
  }
  remark(
      common.quiet,
      fmt::format("{} scores by {} taken in{}; `assay roc --verifier {}` says how far they can be "
                  "trusted",
                  import.joined + import.foreign, options.verifier,
                  import.not_judged > 0 ? fmt::format(" ({} not judged)", import.not_judged) : "",
                  options.verifier));
  if (import.lacking > 0)
    remark(
        common.quiet,
        fmt::format("{} rows are of samples that {} lacks and are left out, the first of them {} "
                    "(--strict-input refuses them)",
                    import.lacking, common.db, import.first_lacking()));
  return 0;
}

}  // namespace assay::cli
