#include "sandbox/jail/cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "harness/base/fd.h"

namespace assay::sandbox {

namespace fs = std::filesystem;

/// The interpreter, and one program with as many threads as its memory holds.
static constexpr const char* kProcessesMax = "512";
static constexpr const char* kPrefix = "assay-";

static bool write_text(const std::string& path, const std::string& text) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// The number behind `key` in a file of lines "key number", or the file's only number where `key` is
/// empty; 0 where there is none.
static std::uint64_t count_in(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::uint64_t count = 0;
  if (key.empty()) file >> count;
  std::string word;
  while (!key.empty() && file >> word) {
    if (word == key && file >> count) break;
  }
  return count;
}

static bool has_word(const std::string& list, const std::string& word, char separator) {
  std::istringstream words(list);
  for (std::string one; std::getline(words, one, separator);) {
    if (one == word) return true;
  }
  return false;
}

/// This process's folder in the hierarchy of `controller` ("" for version 2); empty where it is not
/// mounted or out of sight.
static std::string own_folder(const std::string& controller) {
  std::string path;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // 4:memory:/path
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : has_word(controllers, controller, ',')) {
      path = line.substr(second + 1);
    }
  }
  if (path.empty()) return "";
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {  // id parent device root point ... - type
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream head(line), tail(line.substr(dash + 3));
    std::string skipped, root, point, type, source, options;
    head >> skipped >> skipped >> skipped >> root >> point;
    tail >> type >> source >> options;
    const bool wanted = controller.empty() ? type == "cgroup2"
                                           : type == "cgroup" && has_word(options, controller, ',');
    if (!wanted || !path.starts_with(root)) continue;
    const std::string below = root == "/" ? path : path.substr(root.size());
    return below == "/" || below.empty() ? point : point + below;
  }
  return "";
}

/// Groups of supervisors that were killed: empty by now, since all in them died too.
static void remove_abandoned(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    const pid_t pid = std::atoi(name.c_str() + std::string_view(kPrefix).size());
    if (pid > 0 && kill(pid, 0) < 0 && errno == ESRCH) rmdir(entry.path().c_str());
  }
}

/// Makes our group in `parent` and bounds its processes; empty where that is refused.
static std::string made_in(const std::string& parent, const char* memory_file) {
  static std::atomic<unsigned> count{0};
  if (parent.empty()) return "";
  remove_abandoned(parent);
  const std::string folder = fmt::format("{}/{}{}-{}", parent, kPrefix, getpid(), ++count);
  if (mkdir(folder.c_str(), 0755)) return "";
  // The files are there where the controllers are.
  const bool bounded = memory_file ? access((folder + "/" + memory_file).c_str(), W_OK) == 0 : true;
  if (bounded) {
    write_text(folder + "/pids.max", kProcessesMax);
    return folder;
  }
  rmdir(folder.c_str());
  return "";
}

std::unique_ptr<Cgroup> Cgroup::make() {
  if (const std::string folder = made_in(own_folder(""), "memory.max"); !folder.empty()) {
    write_text(folder + "/memory.swap.max", "0");
    return std::unique_ptr<Cgroup>(new Cgroup(2, {folder}));
  }
  const std::string memory = made_in(own_folder("memory"), "memory.limit_in_bytes");
  if (memory.empty()) return nullptr;
  std::vector<std::string> folders = {memory};
  const std::string pids = made_in(own_folder("pids"), nullptr);
  if (!pids.empty()) folders.push_back(pids);
  return std::unique_ptr<Cgroup>(new Cgroup(1, std::move(folders)));
}

Cgroup::Cgroup(int version, std::vector<std::string> folders)
    : version_(version), folders_(std::move(folders)) {}

Cgroup::~Cgroup() {
  for (const std::string& folder : folders_) {
    // The last process may be on its way out.
    for (int i = 0; i < 100 && rmdir(folder.c_str()) && errno == EBUSY; ++i) usleep(10000);
  }
}

bool Cgroup::take(pid_t pid) const {
  bool taken = true;
  for (const std::string& folder : folders_) {
    taken &= write_text(folder + "/cgroup.procs", std::to_string(pid));
  }
  return taken;
}

void Cgroup::bound(std::uint64_t memory_bytes) {
  if (memory_bytes == memory_bytes_) return;
  // Refused while more than that is in use: then it is tried again for the next program.
  if (write_text(folders_.front() + (version_ == 2 ? "/memory.max" : "/memory.limit_in_bytes"),
                 std::to_string(memory_bytes))) {
    memory_bytes_ = memory_bytes;
  }
}

bool Cgroup::killed_for_memory() {
  const std::string& folder = folders_.front();
  const std::uint64_t kills =
      count_in(folder + (version_ == 2 ? "/memory.events" : "/memory.oom_control"), "oom_kill");
  const std::uint64_t limits_reached = version_ == 2 ? count_in(folder + "/memory.events", "oom")
                                                     : count_in(folder + "/memory.failcnt", "");
  const bool killed = kills > kills_ && limits_reached > limits_reached_;
  kills_ = kills;
  limits_reached_ = limits_reached;
  return killed;
}

}  // namespace assay::sandbox
