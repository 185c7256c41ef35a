#include "harness/samples/source.h"

#include <filesystem>

#include "datasets/registry.h"

namespace assay::samples {

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

Source file_source(const std::string& path) {
  if (path == "builtin") return {path, path, datasets::read_builtin_samples};
  return {path, stem(path),
          [path](const datasets::TakeSample& take) { datasets::read_samples(path, take); }};
}

}  // namespace assay::samples
