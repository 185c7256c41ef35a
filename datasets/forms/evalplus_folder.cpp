#include "datasets/forms/evalplus_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/words.h"

namespace assay::datasets {

namespace fs = std::filesystem;

/// By number where there is one, else behind those that have one.
static std::pair<std::uint64_t, std::string> rank_of(const std::string& name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return {error == std::errc{} ? number : UINT64_MAX, name};
}

static std::string number_part(const std::string& folder) {
  return folder.substr(folder.rfind('_') + 1);
}

static std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    return rank_of(number_part(a.stem().string())) < rank_of(number_part(b.stem().string()));
  });
  return paths;
}

/// The part of a path that becomes a name of ours.
static std::string checked(std::string name, const Place& place) {
  if (const auto trouble = trouble_of_name(name)) throw RowError(place, "its name " + *trouble);
  return name;
}

static std::string program_of(const Place& place) {
  try {
    return read_file_bytes(place.file, kSampleBytesMax);
  } catch (const Error& error) {
    std::string what = error.what();
    if (what.starts_with(place.file + ": ")) what.erase(0, place.file.size() + 2);
    throw RowError(place, what);
  }
}

static Sample sample_of(const std::string& task_id, const fs::path& file) {
  Sample sample;
  sample.place.file = file.string();
  sample.task_id = checked(task_id, sample.place);
  sample.sample_id = checked(file.stem().string(), sample.place);
  sample.text = program_of(sample.place);
  sample.text.erase(0, byte_order_mark(sample.text));
  if (!is_utf8(sample.text)) throw RowError(sample.place, "it is not UTF-8");
  return sample;
}

void read_evalplus_folder(const std::string& path, const TakeSample& take,
                          const TakeRefused& refused) {
  bool any = false;
  for (const fs::path& folder : sorted_entries(path)) {
    std::string task_id = folder.filename().string();
    const std::size_t bar = task_id.rfind('_');
    if (!fs::is_directory(folder) || bar == task_id.npos) continue;
    task_id[bar] = '/';
    for (const fs::path& file : sorted_entries(folder)) {
      if (file.extension() != ".py") continue;
      any = true;
      try {
        take(sample_of(task_id, file));
      } catch (const RowError& error) {
        if (!refused) throw;
        refused(error);
      }
    }
  }
  if (!any) {
    throw Error(fmt::format(
        "{}: this folder holds no samples (expected HumanEval_0/0.py and the like)", path));
  }
}

}  // namespace assay::datasets
