#include "datasets/forms/reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "harness/base/hash.h"
#include "harness/base/words.h"

namespace assay::datasets {

namespace {

/// The first row of a file decides; the more particular form stands first.
const std::vector<const Form*>& forms() {
  static const std::vector<const Form*> all = {&humaneval_plus_form(),
                                               &mbpp_plus_form(),
                                               &humaneval_x_form(),
                                               &multipl_e_form(),
                                               &humaneval_form(),
                                               &mbpp_form(),
                                               &mbpp_sanitized_form(),
                                               &apps_form(),
                                               &livecodebench_form(),
                                               &apps_hub_form(),
                                               &verl_form(),
                                               &code_contests_form(),
                                               &own_form()};
  return all;
}

/// The form that the row has most keys of, half of them at least, and the keys that it lacks.
std::string nearest_to(const Row& row) {
  std::string told;
  std::size_t most = 0, of = 1;
  for (const Form* form : forms()) {
    std::vector<std::string> lacking;
    for (const char* key : form->keys)
      if (!row.has(key)) lacking.push_back(fmt::format("\"{}\"", key));
    const std::size_t keys = form->keys.size(), had = keys - lacking.size();
    if (2 * had < keys || had * of <= most * keys) continue;
    most = had, of = keys;
    told =
        fmt::format("; nearest is {}, of which it lacks {}", form->name, fmt::join(lacking, ", "));
  }
  return told;
}

}  // namespace

const Form& form_of(const Row& row) {
  const auto has = [&](const char* key) { return row.has(key); };
  for (const Form* form : forms()) {
    if (std::all_of(form->keys.begin(), form->keys.end(), has)) return *form;
  }
  if (row.has("suites") && !row.has("entry_point")) return stdio_form();
  // One of its own keys, and another misspelt, which is then told by its name.
  const auto own = {"reference", "operations", "compared", "suites", "base", "plus", "tests"};
  if (std::any_of(own.begin(), own.end(), has)) return own_form();
  row.refuse(
      "the keys of this row are those of no known form (HumanEval, HumanEval+, MBPP, MBPP+, "
      "HumanEval-X, MultiPL-E, APPS, LiveCodeBench, CodeContests, verl, assay's own; see datasets/README.md)" +
      nearest_to(row));
}

namespace {

struct File {
  const Form* form = nullptr;
  Dataset dataset;
};

/// Takes the rows of one file in their order.
class Reading {
 public:
  explicit Reading(const std::string& name) { file.dataset.name = name; }

  void take(const Row& row) {
    const bool first = !file.form && !head_;
    if (first && row.has("dataset")) {  // of a form of ours; which, the next row says
      head_ = true;
      return take_head(row);
    }
    if (!file.form) file.form = &form_of(row);
    Problem problem = file.form->read(row);
    if (!seen_.insert(problem.task_id).second) {
      row.refuse(fmt::format("the task_id \"{}\" occurs twice", problem.task_id));
    }
    problem.place = row.place;
    file.dataset.problems.push_back(std::move(problem));
  }

  File file;

 private:
  void take_head(const Row& row) {
    file.dataset.name = row.name("dataset");
    file.dataset.note = row.text_or_empty("note");
    file.dataset.version = row.name_or_empty("version");
  }

  std::unordered_set<std::string> seen_;
  bool head_ = false;
};

File read_file(LineReader reader, const std::string& name, const TakeRefused& refused) {
  if (const auto trouble = trouble_of_name(name)) {
    throw Error(fmt::format(
        "{}: the file's name {}; as the dataset is named by it, give it another", name, *trouble));
  }
  Reading reading(name);
  bool any_refused = false;
  const auto note_refused = [&](const RowError& error) {
    any_refused = true;
    refused(error);
  };
  for_each_row(
      reader, [&](Row&& row) { reading.take(row); },
      refused ? TakeRefused(note_refused) : TakeRefused());
  if (reading.file.dataset.problems.empty() && !any_refused) {
    throw Error(fmt::format("{}: holds no problems", reader.name()));
  }
  return std::move(reading.file);
}

std::string stem_of(const std::string& path) {
  std::string stem = std::filesystem::path(path).filename().string();
  return stem.substr(0, stem.find('.', 1));
}

}  // namespace

std::string version_of(const std::vector<std::string>& paths) {
  Hasher hasher;
  for (const std::string& path : paths) hasher.add(read_file_bytes(path));
  return "sha256:" + hasher.hex().substr(0, 16);
}

Dataset read_dataset(LineReader reader, const std::string& name, const TakeRefused& refused) {
  return read_file(std::move(reader), name, refused).dataset;
}

Dataset read_dataset(const std::string& path, const TakeRefused& refused) {
  Dataset dataset = read_file(LineReader(path), stem_of(path), refused).dataset;
  if (dataset.version.empty()) dataset.version = version_of({path});
  return dataset;
}

Dataset read_whole_dataset(const std::string& path) {
  static constexpr std::size_t kToldMax = 20;
  std::string told;
  std::size_t count = 0;
  Dataset dataset = read_dataset(path, [&](const RowError& error) {
    if (++count <= kToldMax) told += (told.empty() ? "" : "\n") + std::string(error.what());
  });
  if (count > kToldMax)
    told += fmt::format("\n... and {} more rows: see assay datasets check", count - kToldMax);
  if (count > 0) throw Error(told);
  return dataset;
}

Dataset read_dataset_as(const Form& form, const std::string& path) {
  File file = read_file(LineReader(path), stem_of(path), {});
  if (file.form != &form) {
    throw Error(
        fmt::format("{}: holds {}, where {} is expected", path, file.form->name, form.name));
  }
  return std::move(file.dataset);
}

}  // namespace assay::datasets
