// Tries every hostile program of this folder and of sandbox/conformance (conformance.h), judged by
// run() and by check(), and those of the folder scripts, judged by script(); after each an honest program
// must still pass.
// Exit 0: all as expected, no process and no descriptor left, no jail restarted.
#include <dirent.h>
#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "harness/base/error.h"
#include "sandbox/conformance/conformance.h"
#include "sandbox/runtime/process/products.h"

using namespace assay;
using namespace assay::sandbox;
namespace fs = std::filesystem;

namespace {

struct Options {
  std::string folder = ASSAY_ATTACKS, only, language = "python";
  Config config;
  int concurrency = 1;
  bool nobody = false, container = false, verbose = false;
};

// ---- reading

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A second line "# with: NAME" puts with/NAME.py in its place: what several programs begin with.
std::string with_its_beginning(const fs::path& path, const fs::path& corpus) {
  constexpr std::string_view kMark = "# with: ";
  std::string text = text_of(path);
  const std::size_t at = text.find('\n') + 1, end = text.find('\n', at);
  if (!std::string_view(text).substr(at).starts_with(kMark)) return text;
  const std::string name = text.substr(at + kMark.size(), end - at - kMark.size());
  const std::string beginning = text_of(corpus / "with" / (name + ".py"));
  if (beginning.empty())
    throw Error(fmt::format("{}: there is no with/{}.py", path.string(), name));
  return text.replace(at, end + 1 - at, beginning);
}

struct Attack : Case {
  bool script = false;
};

void keep_asked(std::vector<Attack>& attacks, const Options& options) {
  std::erase_if(attacks, [&](const Attack& attack) {
    return (!options.only.empty() && !attack.name.starts_with(options.only)) ||
           attack.language() != options.language ||
           (options.config.tmp_mib > 0 && attack.program.starts_with("# not with --tmp\n"));
  });
  std::sort(attacks.begin(), attacks.end(),
            [](const Attack& a, const Attack& b) { return a.name < b.name; });
}

std::vector<Attack> read_attacks(const Options& options) {
  std::vector<Attack> attacks;
  for (Case& one : conformance_cases()) attacks.push_back({std::move(one)});
  const fs::path scripts = fs::path(options.folder) / "scripts";
  std::vector<fs::path> folders = {options.folder, scripts};
  if (options.config.tmp_mib > 0) folders.push_back(fs::path(options.folder) / "tmp");
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".py") continue;
      attacks.push_back(
          {read_case(path.stem(), with_its_beginning(path, options.folder)), folder == scripts});
    }
  }
  for (const std::string& language : languages()) {
    const fs::path folder = fs::path(options.folder) / language;
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder))
      attacks.push_back(
          {read_case(language + "/" + entry.path().stem().string(), text_of(entry.path()))});
  }
  keep_asked(attacks, options);
  return attacks;
}

// ---- judging

struct Tally {
  std::mutex mutex;
  int judged = 0, unexpected = 0, forged = 0, harmed = 0;
};

/// How it was judged, and the verdict.
using Verdicts = std::vector<std::pair<const char*, std::string>>;

void judge(Worker& worker, const Attack& attack, const Options& options, Tally& tally) {
  const auto began = std::chrono::steady_clock::now();
  Verdicts verdicts;
  bool honest = false;
  const std::size_t restarts = worker.restarts();
  if (attack.script) {
    verdicts = {{"script", judge_by_script(worker, attack.program)}};
    honest = passes_honest_script(worker);
  } else {
    const Conformance found = try_case(worker, attack);
    verdicts = {{"run", found.by_run}, {"check", found.by_check}};
    if (attack.language() != "python") verdicts = {{"script", found.by_run}};
    honest = found.honest;
  }
  const bool restarted = worker.restarts() != restarts;
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const std::lock_guard lock(tally.mutex);
  tally.judged += static_cast<int>(verdicts.size());
  tally.harmed += !honest;
  for (const auto& [way, verdict] : verdicts) {
    const bool expected = attack.expected.count(verdict) > 0;
    tally.unexpected += !expected;
    tally.forged += verdict == "pass" && !expected;
    if (expected && honest && !restarted && !options.verbose) continue;
    fmt::print("{:<9}{:<44}{:<7}{:<14}{:.2f} s{}{}\n", expected ? "" : "WRONG", attack.name, way,
               verdict, s, honest ? "" : "  HARMED AN HONEST PROGRAM",
               restarted ? "  RESTART" : "");
    std::fflush(stdout);
  }
}

// ---- the setting

/// What an ordinary container withholds: the capabilities, and by its default seccomp profile
/// namespaces and mounts (moby profiles/seccomp/default.json, without CAP_SYS_ADMIN).
void enter_container() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  const unsigned long spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                               CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  for (unsigned long bit = 1; bit <= spaces; bit <<= 1) {
    if (spaces & bit) {
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                       SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
    }
  }
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  for (const char* name : {"unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr",
                           "open_tree", "move_mount", "fsopen", "fsmount", "bpf", "perf_event_open",
                           "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup"}) {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(name), 0);
  }
  if (seccomp_load(filter)) throw Error("cannot set up the container-like setting");
  seccomp_release(filter);
}

void enter_setting(const Options& options) {
  if (options.container) enter_container();
  if (!options.nobody) return;
  if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) {
    throw Error("cannot become nobody: run as root");
  }
  prctl(PR_SET_DUMPABLE, 1);
}

int count_descriptors() {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (folder && readdir(folder)) ++count;
  if (folder) closedir(folder);
  return count;
}

bool nothing_left(int descriptors_before) {
  const int descriptors = count_descriptors();
  const bool children = waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD;
  if (descriptors != descriptors_before) {
    fmt::print("WRONG    {} descriptors before, {} after\n", descriptors_before, descriptors);
  }
  if (children) fmt::print("WRONG    a process is left\n");
  return descriptors == descriptors_before && !children;
}

void add_options(CLI::App& app, Options& options) {
  const std::map<std::string, Level> levels = {
      {"full", Level::full}, {"no-namespace", Level::no_namespace}, {"rlimits", Level::rlimits}};
  app.add_option("--level", options.config.level_max, "Nothing stronger than this")
      ->transform(CLI::CheckedTransformer(levels));
  app.add_option("--concurrency", options.concurrency, "Programs judged side by side")
      ->check(CLI::PositiveNumber);
  app.add_option("--only", options.only, "Those whose names begin so");
  app.add_option("--language", options.language, "The attacks in this language")
      ->check(CLI::IsMember([] {
        std::vector<std::string> all = languages();
        all.emplace_back("python");
        return all;
      }()));
  app.add_option("--python", options.config.python, "The judged interpreter");
  app.add_option("--tmp", options.config.tmp_mib,
                 "With a /tmp of so many MiB, and the attacks on it in the folder tmp");
  app.add_flag("--nobody", options.nobody, "As the ordinary user nobody");
  app.add_flag("--container", options.container, "As in a container: no capabilities, its filter");
  app.add_flag("--verbose", options.verbose, "Every outcome, not only the unexpected");
}

int run_all(const Options& options) {
  const std::vector<Attack> attacks = read_attacks(options);
  // Orphans come to us, so that none is overlooked at the end.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  enter_setting(options);
  const int descriptors = count_descriptors();
  const auto began = std::chrono::steady_clock::now();
  Tally tally;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> restarts{0};
  std::string level;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < options.concurrency; ++t) {
      threads.emplace_back([&] {
        Worker worker(options.config);
        {
          const std::lock_guard lock(tally.mutex);
          level = name_of(worker.level());
        }
        for (std::size_t i; (i = next++) < attacks.size();) {
          judge(worker, attacks[i], options, tally);
        }
        restarts += worker.restarts();
      });
    }
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  products().forget_all();
  const bool clean = nothing_left(descriptors);
  fmt::print(
      "{} attacks in {}, {} verdicts, level {}, concurrency {}{}{}{}: {} unexpected, {} forged passes, {} "
      "honest programs harmed, {} restarts, {:.1f} s\n",
      attacks.size(), options.language, tally.judged, level, options.concurrency,
      options.nobody ? ", as nobody" : "", options.container ? ", container-like" : "",
      options.config.tmp_mib ? ", with a /tmp" : "", tally.unexpected, tally.forged, tally.harmed,
      restarts.load(), s);
  return clean && tally.unexpected == 0 && tally.harmed == 0 && restarts == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Judges every hostile program of the corpus, and an honest one after each");
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  options.config.allow_weaker = options.config.level_max == Level::rlimits;
  try {
    return run_all(options);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
