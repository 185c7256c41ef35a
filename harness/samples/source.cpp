#include "harness/samples/source.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/fd.h"

namespace assay::samples {

/// A file's stem, or a folder's name: EvalPlus's folders are named after the model.
static std::string stem(const std::string& given) {
  std::error_code ignored;
  std::filesystem::path path = given;
  if (std::filesystem::is_directory(path, ignored)) {
    return std::filesystem::canonical(path).filename().string();
  }
  std::string name = path.filename().string();
  for (const char* ending : {".gz", ".zst", ".jsonl", ".json"}) {
    if (name.ends_with(ending)) name.resize(name.size() - std::string_view(ending).size());
  }
  return name;
}

static void read_standard_input(const datasets::TakeSample& take,
                                const datasets::TakeRefused& refused) {
  Fd copy(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  if (!copy) throw Error("--samples -: there is no standard input");
  datasets::read_samples(LineReader("stdin", std::move(copy), datasets::kSampleBytesMax), take,
                         refused);
}

Source file_source(const std::string& path) {
  using datasets::TakeRefused;
  using datasets::TakeSample;
  if (path == "-") return {"stdin", "stdin", read_standard_input};
  if (path == "builtin") {
    return {path, path, [](const TakeSample& take, const TakeRefused&) {
              datasets::read_builtin_samples(take);
            }};
  }
  return {path, stem(path), [path](const TakeSample& take, const TakeRefused& refused) {
            datasets::read_samples(path, take, refused);
          }};
}

}  // namespace assay::samples
