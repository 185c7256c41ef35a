#include "datasets/forms/evalplus_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "harness/base/error.h"
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

/// The part of `path` that becomes a name of ours.
static std::string checked(std::string name, const fs::path& path) {
  if (const auto trouble = trouble_of_name(name)) {
    throw Error(fmt::format("{}: its name {}", path.string(), *trouble));
  }
  return name;
}

void read_evalplus_folder(const std::string& path, const TakeSample& take) {
  bool any = false;
  for (const fs::path& folder : sorted_entries(path)) {
    std::string task_id = folder.filename().string();
    const std::size_t bar = task_id.rfind('_');
    if (!fs::is_directory(folder) || bar == task_id.npos) continue;
    task_id[bar] = '/';
    task_id = checked(std::move(task_id), folder);
    for (const fs::path& file : sorted_entries(folder)) {
      if (file.extension() != ".py") continue;
      Sample sample;
      sample.task_id = task_id;
      sample.sample_id = checked(file.stem().string(), file);
      sample.text = read_file_bytes(file.string(), kSampleBytesMax);
      sample.place.file = file.string();
      take(std::move(sample));
      any = true;
    }
  }
  if (!any) {
    throw Error(fmt::format(
        "{}: this folder holds no samples (expected HumanEval_0/0.py and the like)", path));
  }
}

}  // namespace assay::datasets
