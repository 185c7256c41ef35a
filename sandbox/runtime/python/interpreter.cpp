#include "sandbox/runtime/python/interpreter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/process.hpp>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/fd.h"

extern "C" const char assay_inspect_py_begin[], assay_inspect_py_end[];

namespace assay::sandbox {

namespace process = boost::process;

namespace {

std::string output_of(const std::string& python, const std::vector<std::string>& packages) {
  std::vector<std::string> arguments = {"-I", "-B", "-c",
                                        std::string(assay_inspect_py_begin, assay_inspect_py_end)};
  arguments.insert(arguments.end(), packages.begin(), packages.end());
  process::environment environment = boost::this_process::environment();
  environment["LC_ALL"] = "C.UTF-8";
  int line[2];
  if (pipe2(line, O_CLOEXEC)) throw Error("no descriptors left to ask the interpreter");
  const Fd in(line[0]);
  Fd out(line[1]);
  pid_t pid = -1;
  try {
    process::child child(process::exe = python, process::args = arguments, environment,
                         process::std_in<process::null, process::std_err> process::null,
                         process::posix::fd.bind(STDOUT_FILENO, out.get()));
    pid = child.id();
    child.detach();
  } catch (const process::process_error& error) {
    throw Error(fmt::format("cannot start the interpreter {}: {}", python, error.what()));
  }
  out.reset();
  std::string text;
  char bytes[4096];
  for (ssize_t n; (n = read(in.get(), bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<std::size_t>(n));
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) text.clear();
  if (text.empty()) {
    throw Error(fmt::format("{} is no working Python 3.8 or later on Linux{}", python,
                            packages.empty() ? ""
                                             : fmt::format(", or it dies while it imports {}",
                                                           fmt::join(packages, ", "))));
  }
  return text;
}

Installation parsed(const std::string& python, const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Error(fmt::format("{} gave no account of itself", python));
  Installation found;
  found.interpreter.executable = json.at("executable");
  found.interpreter.version = json.at("version");
  found.interpreter.library_hash = json.at("library_hash");
  if (json.at("implementation") != "cpython" || json.at("version_number") < 0x0308) {
    throw Error(fmt::format("{} is {} {}: CPython 3.8 or later is needed", python,
                            json.at("implementation").get<std::string>(),
                            found.interpreter.version));
  }
  const std::vector<std::string> refused = json.at("refused");
  if (!refused.empty()) {
    throw Error(fmt::format("--packages: {} (asked: {})", fmt::join(refused, "; "), python),
                ExitCode::usage);
  }
  found.interpreter.packages = json.at("package_versions");
  found.directories = json.at("directories");
  found.files = json.at("files");
  found.masks = json.at("masks");
  found.package_paths = json.at("package_paths");
  for (const auto& [path, target] : json.at("links").items())
    found.links.emplace_back(path, target);
  return found;
}

/// A bare name is looked up in PATH, as a shell does. Empty where it is not there.
std::string found_on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace

std::string Interpreter::identity() const {
  std::string text = version + " " + library_hash.substr(0, 16);
  for (const std::string& package : packages) text += ", " + package;
  if (tmp_mib > 0) text += fmt::format(", /tmp of {} MiB", tmp_mib);
  return text;
}

Installation inspect(const std::string& python, const std::vector<std::string>& packages) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::vector<std::string>>, Installation> known;
  const std::lock_guard lock(mutex);
  const auto key = std::make_pair(python, packages);
  const auto at = known.find(key);
  if (at != known.end()) return at->second;
  const bool bare = python.find('/') == std::string::npos;
  const std::string path = bare ? found_on_path(python) : python;
  if (path.empty())
    throw Error(fmt::format("there is no interpreter named {} on the PATH", python));
  Installation found = parsed(path, output_of(path, packages));
  found.packages = packages;
  return known.emplace(key, std::move(found)).first->second;
}

}  // namespace assay::sandbox
