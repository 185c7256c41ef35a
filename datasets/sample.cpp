#include "datasets/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "datasets/forms/rows.h"
#include "harness/base/error.h"
#include "harness/base/text.h"

namespace assay::datasets {

namespace fs = std::filesystem;

/// A name that rows write as a string or a number; empty where it is missing or null.
static std::string name_or_empty(const Row& row, const std::string& key) {
  if (!row.has(key)) return {};
  const Value& value = row.value(key);
  if (value.kind == Kind::integer) return std::to_string(value.integer);
  return row.text_or_empty(key);
}

static Sample sample_of(const Row& row, const std::string& file) {
  Sample sample;
  sample.task_id = name_or_empty(row, "task_id");
  if (sample.task_id.empty()) row.refuse("the key \"task_id\" is missing or empty");
  const bool completion = row.has("completion"), solution = row.has("solution");
  if (completion && solution) {
    row.refuse("both \"completion\" and \"solution\" are given; which of them is the program?");
  }
  if (!completion && !solution) {
    row.refuse(
        "neither \"completion\" (a body to append to the prompt) nor \"solution\" (a whole "
        "program) is given");
  }
  sample.is_completion = completion;
  sample.text = row.text(completion ? "completion" : "solution");
  sample.model = row.text_or_empty("model");
  sample.sample_id = name_or_empty(row, "sample_id");
  sample.file = file;
  sample.line = row.line;
  return sample;
}

void read_samples(LineReader reader, const std::function<void(Sample&&)>& take) {
  const std::string name = reader.name();
  for_each_row(reader, [&](Row&& row) { take(sample_of(row, name)); });
}

// ---- EvalPlus's folder form: HumanEval_0/0.py

static bool less_by_number(const std::string& a, const std::string& b) {
  unsigned long x = 0, y = 0;
  const bool both = std::from_chars(a.data(), a.data() + a.size(), x).ec == std::errc{} &&
                    std::from_chars(b.data(), b.data() + b.size(), y).ec == std::errc{};
  return both && x != y ? x < y : a < b;
}

static std::string number_part(const std::string& folder) {
  return folder.substr(folder.rfind('_') + 1);
}

static std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  for (const fs::path& path : paths) {
    // Names become task_ids and sample_ids, which the database, JSON and the page hold as UTF-8.
    if (!is_utf8(path.string()))
      throw Error(
          fmt::format("{}: this name is not UTF-8; rename the file", visible_line(path.string())));
  }
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    return less_by_number(number_part(a.stem().string()), number_part(b.stem().string()));
  });
  return paths;
}

static void read_folder(const std::string& path, const std::function<void(Sample&&)>& take) {
  bool any = false;
  for (const fs::path& folder : sorted_entries(path)) {
    std::string task_id = folder.filename().string();
    const std::size_t bar = task_id.rfind('_');
    if (!fs::is_directory(folder) || bar == task_id.npos) continue;
    task_id[bar] = '/';
    for (const fs::path& file : sorted_entries(folder)) {
      if (file.extension() != ".py") continue;
      Sample sample;
      sample.task_id = task_id;
      sample.sample_id = file.stem().string();
      sample.text = read_file_bytes(file.string());
      sample.file = file.string();
      take(std::move(sample));
      any = true;
    }
  }
  if (!any) {
    throw Error(fmt::format(
        "{}: this folder holds no samples (expected HumanEval_0/0.py and the like)", path));
  }
}

void read_samples(const std::string& path, const std::function<void(Sample&&)>& take) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return read_folder(path, take);
  read_samples(LineReader(path), take);
}

}  // namespace assay::datasets
