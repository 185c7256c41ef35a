#include "harness/cli/fetch.h"

#include <fmt/format.h>
#include <httplib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

namespace fs = std::filesystem;

static constexpr int kConnectSeconds = 20, kReadSeconds = 60;

/// "https://host:port" and "/path".
static std::pair<std::string, std::string> split_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? std::string::npos : scheme + 3;
  if (host == std::string::npos || !url.starts_with("http")) {
    throw Error(fmt::format("--mirror {}: write it as https://HOST/FOLDER", url), ExitCode::usage);
  }
  const std::size_t slash = std::min(url.find('/', host), url.size());
  return {url.substr(0, slash), slash == url.size() ? "/" : url.substr(slash)};
}

static std::string download(const std::string& url, const std::string& what, ProgressBar& bar) {
  const auto [host, path] = split_url(url);
  httplib::Client client(host);
  client.set_follow_location(true);
  client.set_connection_timeout(kConnectSeconds);
  client.set_read_timeout(kReadSeconds);
  const auto result = client.Get(path, [&](std::uint64_t done, std::uint64_t total) {
    bar.show(what, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total));
    return true;
  });
  bar.clear();
  if (!result) {
    throw Error(
        fmt::format("could not download {} ({}); get the file in any other way and put it "
                    "where `assay datasets list` says it is looked for",
                    url, httplib::to_string(result.error())));
  }
  if (result->status != 200) {
    throw Error(fmt::format("could not download {}: the server answered {}", url, result->status));
  }
  return result->body;
}

/// The path it now lies under.
static fs::path fetch_file(const datasets::KnownFile& file, const FetchCommand& options,
                           ProgressBar& bar) {
  const std::string name = file.url.substr(file.url.rfind('/') + 1);
  const std::string url = options.mirror.empty() ? file.url : options.mirror + "/" + name;
  const std::string bytes = download(url, "fetching " + name, bar);
  const std::string hash = datasets::pin_of(url, bytes);
  if (hash != file.sha256) {
    throw Error(
        fmt::format("{} is not the file that is known: its SHA-256 unzipped is {}, not {}; "
                    "nothing was kept",
                    url, hash, file.sha256));
  }
  const bool gzipped = bytes.starts_with("\x1f\x8b");
  const fs::path path = fs::path(options.folder) / (file.names.front() + (gzipped ? ".gz" : ""));
  write_whole_file(path.string(), bytes);
  return path;
}

static const datasets::KnownDataset& known(const std::string& name) {
  const datasets::KnownDataset* dataset = datasets::known_dataset(name);
  if (!dataset || dataset->files.empty()) {
    throw Error(fmt::format("datasets fetch {}: humaneval and mbpp can be fetched{}", name,
                            dataset ? "; builtin is in the program itself" : ""),
                ExitCode::usage);
  }
  return *dataset;
}

int fetch(const Common& common, const FetchCommand& options) {
  std::vector<const datasets::KnownDataset*> wanted;
  for (const std::string& name : options.names) wanted.push_back(&known(name));
  if (options.folder.empty()) {
    throw Error("HOME is not set: say with --to where the files shall go", ExitCode::usage);
  }
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) throw Error(fmt::format("cannot make {}: {}", options.folder, error.message()));
  nlohmann::json rows = nlohmann::json::array();
  ProgressBar bar(common.quiet);
  for (const datasets::KnownDataset* dataset : wanted) {
    for (const datasets::FileState& state : datasets::check(*dataset)) {
      const bool here = state.state == datasets::FileState::State::good;
      const std::string path = here ? state.path : fetch_file(*state.file, options, bar).string();
      rows.push_back({{"dataset", dataset->name}, {"path", path}, {"fetched", !here}});
      if (!common.json) say("{} {}\n", here ? "was here:" : "fetched: ", path);
    }
  }
  if (common.json) print_json({{"files", rows}});
  return 0;
}

}  // namespace assay::cli
