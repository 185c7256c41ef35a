// The datasets known by name: which files they are made of, where those lie, whether they are the
// pinned ones. `builtin` lies in the program itself. Nothing here touches a network: `datasets
// fetch` (harness/cli) does.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "datasets/sample.h"

namespace assay::datasets {

struct KnownFile {
  std::vector<std::string> names;  ///< under which it is looked for, each with and without .gz
  std::string sha256;   ///< of its unzipped bytes, so that gzipping again changes nothing
  std::uint64_t bytes;  ///< how many these are: what is longer is another file
  std::string origin;   ///< repository, release and path, as people say it
  std::string url;      ///< where `datasets fetch` gets it
  std::string licence;
};

struct KnownDataset {
  std::string name;
  std::string what;  ///< one line
  std::string suites;
  std::vector<KnownFile> files;  ///< none for `builtin`
  /// Makes it of the files at these paths, one for each of `files`.
  Dataset (*join)(const std::vector<std::string>& paths);
};

const std::vector<KnownDataset>& known_datasets();
/// Null for an unknown name.
const KnownDataset* known_dataset(std::string_view name);

/// ~/.local/share/assay: where files are fetched to, and looked for last. Empty without a HOME.
std::string home_folder();
/// Where files are looked for, in order: $ASSAY_DATA, its folder benchmarks, ~/.local/share/assay.
std::vector<std::string> search_folders();

struct FileState {
  enum class State { good, changed, unreadable, missing };
  const KnownFile* file = nullptr;
  State state = State::missing;
  std::string path;    ///< empty where it is missing
  std::string detail;  ///< where it is not good: what is wrong and what to do, in one sentence
};
/// For `assay datasets check`: every file read whole and compared with its pin.
std::vector<FileState> check(const KnownDataset& dataset);
/// The SHA-256 of the file at `path` as KnownFile pins it: unzipped. Reads no further than `file` is
/// long; a longer one has the hash of its beginning, which is no pin. Throws Error for a file that
/// cannot be read or is a corrupt .gz.
std::string pin_of(const KnownFile& file, const std::string& path);

/// A dataset by its name, or by the path of a file in any known form. Throws Error that says where
/// was looked and what to do.
Dataset load(const std::string& name_or_path);

/// The contracts of its problems, by task_id: asserts on the arguments, as the body of a function with the
/// entry point's parameters. They are no part of what is judged; new inputs are held against them.
/// Problems without one are absent. Throws Error as load() does.
std::map<std::string, std::string> contracts(const std::string& name_or_path);

/// The samples that come with `builtin`.
void read_builtin_samples(const std::function<void(Sample&&)>& take);

}  // namespace assay::datasets
