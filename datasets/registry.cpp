#include "datasets/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>

#include "datasets/forms/reader.h"
#include "datasets/join.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/text_file.h"

// Put into the program by CMakeLists.txt (assay_embed).
extern "C" const char assay_builtin_problems_begin[], assay_builtin_problems_end[];
extern "C" const char assay_builtin_samples_begin[], assay_builtin_samples_end[];

namespace assay::datasets {

namespace fs = std::filesystem;

static std::string_view embedded(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

static Dataset load_builtin(const std::vector<std::string>& /* it needs no files */) {
  const std::string_view bytes = embedded(assay_builtin_problems_begin, assay_builtin_problems_end);
  Dataset dataset = read_dataset(LineReader("the built-in benchmark", bytes), "builtin");
  dataset.version = "sha256:" + sha256(bytes).substr(0, 16);
  dataset.note =
      "The built-in samples are no models' work: stand-ins made them by seeded mutation of correct "
      "programs.";
  return dataset;
}

const std::vector<KnownDataset>& known_datasets() {
  static const std::vector<KnownDataset> datasets = {
      {"builtin",
       "problems written for assay, in the program itself, with answers by stand-ins (no models)",
       "official, base, plus",
       {},
       load_builtin},
      {"humaneval",
       "HumanEval (164 problems) joined with HumanEval+ v0.1.10",
       "official, base, plus",
       {{{"HumanEval.jsonl"},
         "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2",
         214438,
         "GitHub openai/human-eval, data/HumanEval.jsonl.gz",
         "https://raw.githubusercontent.com/openai/human-eval/master/data/HumanEval.jsonl.gz",
         "MIT"},
        {{"HumanEvalPlus-v0.1.10.jsonl", "HumanEvalPlus.jsonl"},
         "42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
         7714666,
         "GitHub evalplus/humanevalplus_release, release v0.1.10, HumanEvalPlus.jsonl.gz",
         "https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/"
         "HumanEvalPlus.jsonl.gz",
         "Apache-2.0"}},
       join_humaneval},
      {"mbpp",
       "MBPP (974 problems) joined with MBPP+ v0.2.0 (378 of them)",
       "official; base and plus where MBPP+ has the problem",
       {{{"mbpp.jsonl"},
         "ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
         563743,
         "GitHub google-research/google-research, mbpp/mbpp.jsonl",
         "https://raw.githubusercontent.com/google-research/google-research/master/mbpp/mbpp.jsonl",
         "CC-BY-4.0"},
        {{"sanitized-mbpp.json"},
         "8ac32b2799150228e2d745aed09c870b7e4444246d4727d1004576207ef40769",
         278372,
         "GitHub google-research/google-research, mbpp/sanitized-mbpp.json",
         "https://raw.githubusercontent.com/google-research/google-research/master/mbpp/"
         "sanitized-mbpp.json",
         "CC-BY-4.0"},
        {{"MbppPlus-v0.2.0.jsonl", "MbppPlus.jsonl"},
         "b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
         2592369,
         "GitHub evalplus/mbppplus_release, release v0.2.0, MbppPlus.jsonl.gz",
         "https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
         "Apache-2.0"}},
       join_mbpp},
  };
  return datasets;
}

const KnownDataset* known_dataset(std::string_view name) {
  for (const KnownDataset& dataset : known_datasets()) {
    if (dataset.name == name) return &dataset;
  }
  return nullptr;
}

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home && *home ? (fs::path(home) / ".local/share/assay").string() : "";
}

std::vector<std::string> search_folders() {
  std::vector<std::string> folders;
  if (const char* set = std::getenv("ASSAY_DATA"); set && *set) {
    folders.push_back(set);
    folders.push_back((fs::path(set) / "benchmarks").string());
  }
  if (const std::string home = home_folder(); !home.empty()) folders.push_back(home);
  return folders;
}

/// Empty where no folder has it.
static std::string path_of(const KnownFile& file) {
  std::error_code ignored;
  for (const std::string& folder : search_folders()) {
    for (const std::string& name : file.names) {
      for (const char* suffix : {".gz", ""}) {
        const std::string path = (fs::path(folder) / (name + suffix)).string();
        if (fs::is_regular_file(path, ignored)) return path;
      }
    }
  }
  return {};
}

std::string pin_of(const KnownFile& file, const std::string& path) {
  LineReader reader(path);
  Digest digest;
  std::uint64_t bytes = 0;
  for (std::string_view piece; bytes <= file.bytes && reader.next_piece(piece);) {
    digest.take(piece);
    bytes += piece.size();
  }
  return digest.hex();
}

std::vector<FileState> check(const KnownDataset& dataset) {
  std::vector<FileState> states;
  for (const KnownFile& file : dataset.files) {
    FileState& state = states.emplace_back();
    state.file = &file;
    state.path = path_of(file);
    if (state.path.empty()) {
      state.detail =
          fmt::format("not found in {}; it is {}", fmt::join(search_folders(), ", "), file.origin);
      continue;
    }
    try {
      const std::string hash = pin_of(file, state.path);
      state.state = hash == file.sha256 ? FileState::State::good : FileState::State::changed;
      if (hash != file.sha256) {
        state.detail = fmt::format("its SHA-256 unzipped is {}, not {}: get it again from {}", hash,
                                   file.sha256, file.origin);
      }
    } catch (const Error& error) {
      state.state = FileState::State::unreadable;
      state.detail = error.what();
    }
  }
  return states;
}

static std::vector<std::string> paths_of(const KnownDataset& dataset) {
  std::vector<std::string> paths, missing;
  for (const KnownFile& file : dataset.files) {
    paths.push_back(path_of(file));
    if (paths.back().empty()) missing.push_back(file.names.front() + ".gz (" + file.origin + ")");
  }
  if (!missing.empty()) {
    throw Error(
        fmt::format("the dataset '{}' lacks {}; looked in {}. Put it there, set ASSAY_DATA to the "
                    "folder that has it, or try `assay datasets fetch {}`",
                    dataset.name, fmt::join(missing, " and "), fmt::join(search_folders(), ", "),
                    dataset.name));
  }
  return paths;
}

Dataset load(const std::string& name_or_path) {
  if (const KnownDataset* known = known_dataset(name_or_path)) {
    return known->join(paths_of(*known));
  }
  std::error_code ignored;
  if (fs::exists(name_or_path, ignored)) return read_whole_dataset(name_or_path);
  throw Error(fmt::format(
      "there is no dataset and no file '{}'; known by name are builtin, humaneval and mbpp, and any "
      "other is given by its file",
      name_or_path));
}

std::map<std::string, std::string> contracts(const std::string& name_or_path) {
  const KnownDataset* known = known_dataset(name_or_path);
  std::map<std::string, std::string> found;
  for (const std::string& path :
       known ? paths_of(*known) : std::vector<std::string>{name_or_path}) {
    LineReader reader(path);
    const auto take = [&](const Row& row) {
      std::string contract = row.text_or_empty("contract");
      if (!contract.empty()) found[row.name("task_id")] = std::move(contract);
    };
    for_each_row(reader, take, {}, {"task_id", "contract"});
  }
  return found;
}

void read_builtin_samples(const std::function<void(Sample&&)>& take) {
  const std::string_view bytes = embedded(assay_builtin_samples_begin, assay_builtin_samples_end);
  read_samples(LineReader("the built-in samples", bytes), take);
}

}  // namespace assay::datasets
