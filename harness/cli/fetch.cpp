#include "harness/cli/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "harness/base/text_file.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

namespace fs = std::filesystem;

static constexpr int kConnectSeconds = 20, kReadSeconds = 60;
static constexpr int kDownloadMinutes = 30;  ///< in all: the largest of the files has a megabyte

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

namespace {
/// A file that is being written, under a name that nobody can foresee, and gone unless it is kept.
class PartFile {
 public:
  explicit PartFile(const fs::path& folder) : path_((folder / "fetch.XXXXXX.part").string()) {
    file_ = Fd(mkostemps(path_.data(), 5, O_CLOEXEC));
    if (!file_) fail();
  }
  ~PartFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::string& path() const { return path_; }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void keep_as(const fs::path& path) {
    if (fchmod(file_.get(), 0644) != 0 || fsync(file_.get()) != 0 ||
        rename(path_.c_str(), path.c_str()) != 0) {
      fail();
    }
    path_.clear();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(fmt::format("{}: cannot be written: {}; check its folder and the space on its disk",
                            path_, std::strerror(errno)));
  }

  std::string path_;
  Fd file_;
};

/// One download: what it is allowed, and why it was given up.
struct Download {
  std::uint64_t bytes_max = 0;
  std::uint64_t bytes = 0;
  int status = 0;
  std::string trouble;
  std::chrono::steady_clock::time_point end;

  bool go_on(std::size_t more) {
    bytes += more;
    if (bytes > bytes_max) {
      trouble =
          fmt::format("it is longer than the {} bytes that the known file can have", bytes_max);
    } else if (std::chrono::steady_clock::now() > end) {
      trouble = fmt::format("it took longer than {} minutes", kDownloadMinutes);
    }
    return trouble.empty();
  }
};
}  // namespace

/// The known file at `url`, onto the disk as it comes, and no more than that can be.
static void download(const std::string& url, const datasets::KnownFile& file,
                     const std::string& what, ProgressBar& bar, PartFile& part) {
  const auto [host, path] = split_url(url);
  httplib::Client client(host);
  client.set_follow_location(true);
  client.set_decompress(false);
  client.set_connection_timeout(kConnectSeconds);
  client.set_read_timeout(kReadSeconds);
  Download download;
  download.bytes_max = file.bytes + file.bytes / 100 + 4096;  // where zipping it gained nothing
  download.end = std::chrono::steady_clock::now() + std::chrono::minutes(kDownloadMinutes);
  const auto result = client.Get(
      path,
      [&](const httplib::Response& response) {
        download.status = response.status;
        return response.status == 200;
      },
      [&](const char* bytes, std::size_t size) {
        if (!download.go_on(size)) return false;
        part.write({bytes, size});
        return true;
      },
      [&](std::uint64_t done, std::uint64_t total) {
        bar.show(what, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total));
        return true;
      });
  bar.clear();
  if (!download.trouble.empty()) {
    throw Error(fmt::format("gave up downloading {}: {}; nothing was kept", url, download.trouble));
  }
  if (download.status != 0 && download.status != 200) {
    throw Error(fmt::format("could not download {}: the server answered {}", url, download.status));
  }
  if (!result) {
    throw Error(
        fmt::format("could not download {} ({}); get the file in any other way and put it "
                    "where `assay datasets list` says it is looked for",
                    url, httplib::to_string(result.error())));
  }
}

/// The path it now lies under.
static fs::path fetch_file(const datasets::KnownFile& file, const FetchCommand& options,
                           ProgressBar& bar) {
  const std::string name = file.url.substr(file.url.rfind('/') + 1);
  const std::string url = options.mirror.empty() ? file.url : options.mirror + "/" + name;
  PartFile part(options.folder);
  download(url, file, "fetching " + name, bar, part);
  const std::string hash = datasets::pin_of(file, part.path());
  if (hash != file.sha256) {
    throw Error(
        fmt::format("{} is not the file that is known: its SHA-256 unzipped is {}, not {}; "
                    "nothing was kept",
                    url, hash, file.sha256));
  }
  const bool gzipped = is_gzipped(part.path());
  const fs::path path = fs::path(options.folder) / (file.names.front() + (gzipped ? ".gz" : ""));
  part.keep_as(path);
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
