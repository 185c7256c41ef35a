#include "harness/cli/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/fd.h"
#include "harness/base/text_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/servers.h"
#include "harness/cli/terminal.h"
#include "harness/endpoint/client.h"

namespace assay::cli {

namespace fs = std::filesystem;

/// An attempt may take so long; the largest of the files has a megabyte.
static constexpr double kAttemptSeconds = 300;
static constexpr int kAttemptsMax = 6;
/// Where unzipping gained nothing, a zipped file is a little longer.
static constexpr std::uint64_t kZippedMore = 4096;

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
}  // namespace

/// The known file at `url`: no more than it can be, asked for again where what failed may pass.
static std::string downloaded(endpoint::Client& client, const std::string& url,
                              const datasets::KnownFile& file) {
  endpoint::Request request{url, "", true};
  request.reply_bytes_max = file.bytes + file.bytes / 100 + kZippedMore;
  endpoint::Reply reply = client.send({request}).front();
  if (!reply.good())
    throw Error(
        fmt::format("could not download {}: {}; nothing of it was kept. The same command asks "
                    "again for what is missing; or get the file in any other way and put it "
                    "where `assay datasets list` says it is looked for",
                    url, reply.trouble));
  return std::move(reply.body);
}

/// The path it now lies under.
static fs::path fetch_file(const Common& common, const datasets::KnownFile& file,
                           const FetchCommand& options, endpoint::Client& client) {
  const std::string name = file.url.substr(file.url.rfind('/') + 1);
  const std::string url = options.mirror.empty() ? file.url : options.mirror + "/" + name;
  remark(common.quiet, "fetching " + url);
  const std::string body = downloaded(client, url, file);
  PartFile part(options.folder);
  part.write(body);
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

/// A record for each file.
static nlohmann::json fetch_all(const Common& common, const FetchCommand& options,
                                const std::vector<const datasets::KnownDataset*>& wanted,
                                endpoint::Client& client) {
  nlohmann::json rows = nlohmann::json::array();
  for (const datasets::KnownDataset* dataset : wanted) {
    for (const datasets::FileState& state : datasets::check(*dataset)) {
      const bool here = state.state == datasets::FileState::State::good;
      const std::string path =
          here ? state.path : fetch_file(common, *state.file, options, client).string();
      rows.push_back({{"dataset", dataset->name}, {"path", path}, {"fetched", !here}});
      if (!common.json) say("{} {}\n", here ? "was here:" : "fetched: ", path);
    }
  }
  return rows;
}

int fetch(const Common& common, const FetchCommand& options) {
  std::vector<const datasets::KnownDataset*> wanted;
  for (const std::string& name : options.names) wanted.push_back(&known(name));
  if (!options.mirror.empty() && !options.mirror.starts_with("http://") &&
      !options.mirror.starts_with("https://"))
    throw Error(fmt::format("--mirror {}: write it as https://HOST/FOLDER", options.mirror),
                ExitCode::usage);
  if (options.folder.empty()) {
    throw Error("HOME is not set: say with --to where the files shall go", ExitCode::usage);
  }
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) throw Error(fmt::format("cannot make {}: {}", options.folder, error.message()));
  endpoint::ClientOptions how;
  how.certificates = trusted_certificates();
  how.attempts_max = kAttemptsMax;
  how.total_seconds = kAttemptSeconds;
  endpoint::Client client(how, stop_on_signals());
  try {
    const nlohmann::json rows = fetch_all(common, options, wanted, client);
    if (common.json) print_json({{"files", rows}});
    return 0;
  } catch (const endpoint::Stopped&) {
    remark(false, "assay: interrupted; the same command fetches what is missing:");
    remark(false, "  " + common.command_line);
    return static_cast<int>(ExitCode::interrupted);
  }
}

}  // namespace assay::cli
