#include "sandbox/jail/jail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <boost/process.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "harness/base/error.h"
#include "harness/base/memory_file.h"
#include "sandbox/jail/seccomp.h"

extern "C" const char assay_launcher_begin[], assay_launcher_end[];
extern "C" const char assay_extension_begin[], assay_extension_end[];
extern "C" const char assay_host_begin[], assay_host_end[];
extern "C" const char assay_zygote_py_begin[], assay_zygote_py_end[];

namespace assay::sandbox {

namespace process = boost::process;

constexpr int kStartMsMax = 30000;  ///< a jail starts in 30 ms; a machine on its knees takes longer
constexpr int kStartAgainMax = 2;   ///< after a death while starting
constexpr int kEndMsMax = 5000;     ///< after SIGKILL
/// What a control group counts and an address space does not: full pipes, page tables, shared
/// pages.
constexpr std::uint64_t kOutsideBytes = 128 << 20;

/// Where the launcher puts what stands in kFdModule: the extension, or the host of programs.
constexpr const char* kModulePath = "/assay.so";

std::string plan_text(const Installation& installation, const Config& config, Level level) {
  std::string text;
  const auto add = [&text](const std::string& key, const std::string& value) {
    text += key + " " + value;
    text += '\0';
  };
  add("level", std::to_string(static_cast<int>(level)));
  add("cpu", std::to_string(config.cpu));
  if (config.tmp_mib > 0) add("tmp", std::to_string(config.tmp_mib));
  for (const std::string& path : installation.directories) add("directory", path);
  for (const std::string& path : installation.masks) add("mask", path);
  for (const std::string& path : installation.files) add("file", path);
  for (const auto& [path, as] : installation.placed) add("placed", path + "\n" + as);
  for (const auto& [path, target] : installation.links) add("link", path + "\n" + target);
  int flags = level == Level::full ? kFlagPidNamespace : 0;
  if (level == Level::no_namespace || level == Level::rlimits) flags |= kFlagOwnFilter;
  // With namespaces landlock is a second wall, which an old kernel may lack; without, it is the
  // wall.
  const bool landlock = syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 1;
  if (level == Level::no_namespace || (level == Level::full && landlock)) flags |= kFlagLandlock;
  if (level >= Level::rlimits) flags |= kFlagSeccomp;
  if (config.tmp_mib > 0) flags |= kFlagTmp;
  if (installation.runtime != Runtime::python) {
    if (installation.runtime == Runtime::programs) flags |= kFlagExecutes;
    add("argument", kModulePath);
    add("argument", std::to_string(flags));
    return text;
  }
  add("argument", installation.interpreter.executable);
  for (const char* argument : {"-s", "-S", "-B", "-W", "ignore", "-c"}) add("argument", argument);
  add("argument", std::string(assay_zygote_py_begin, assay_zygote_py_end));
  add("argument", level == Level::full ? kModulePath : fmt::format("/proc/self/fd/{}", +kFdModule));
  add("argument", std::to_string(flags));
  add("argument", "--path");
  for (const std::string& path : installation.package_paths) add("argument", path);
  add("argument", "--packages");
  for (const std::string& package : installation.packages) add("argument", package);
  return text;
}

Jail::Jail(const Installation& installation, const Config& config, Level level)
    : level_(level), tmp_bytes_(config.tmp_mib << 20) {
  try {
    launch(installation, config, level);
    for (int again = 0; !wait_until_ready(config.control_group); ++again) {
      if (again == kStartAgainMax) {
        throw Error(fmt::format(
            "the jail ended while starting (is its interpreter in order{}?)",
            installation.packages.empty()
                ? ""
                : fmt::format(", and can it import {} where there is no file but its own",
                              fmt::join(installation.packages, ", "))));
      }
      end();
      launch(installation, config, level);
    }
  } catch (...) {
    end();
    throw;
  }
}

Jail::~Jail() { end(); }

/// `fd` under a number that no descriptor of the launcher's has, so that handing it over under one of
/// those never overwrites another.
static Fd moved_high(const Fd& fd) {
  constexpr int kLow = 20;
  const int high = fcntl(fd.get(), F_DUPFD_CLOEXEC, kLow);
  if (high < 0)
    throw Error(fmt::format("no descriptors left for a jail: {}", std::strerror(errno)));
  return Fd(high);
}

void Jail::launch(const Installation& installation, const Config& config, Level level) {
  int pair[2], line[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || pipe2(line, O_CLOEXEC)) {
    throw Error(fmt::format("no descriptors left for a jail: {}", std::strerror(errno)));
  }
  control_ = Fd(pair[0]);
  lifeline_ = Fd(line[1]);
  const Fd control = moved_high(Fd(pair[1])), lifeline = moved_high(Fd(line[0]));
  const std::string plan = plan_text(installation, config, level);
  const bool python = installation.runtime == Runtime::python;
  const std::string_view launcher(assay_launcher_begin, assay_launcher_end),
      extension(python ? assay_extension_begin : assay_host_begin,
                python ? assay_extension_end : assay_host_end);
  const Fd plan_file = moved_high(memory_file("assay-plan", plan));
  const Fd module = moved_high(memory_file("assay-extension", extension, true));
  const Fd program = moved_high(memory_file("assay-jail", launcher, true));
  const Fd filter = moved_high(
      level == Level::none ? memory_file("assay-nothing", "")
                           : compile_filter(level, config.tmp_mib > 0, installation.runtime));
  process::environment environment;
  environment["PYTHONHASHSEED"] = std::to_string(config.seed);
  environment["LC_ALL"] = "C.UTF-8";
  environment["TZ"] = "UTC";
  environment["HOME"] = "/";
  environment["PATH"] = "/";
  namespace fd = process::posix;
  try {
    process::child child(
        process::exe = fmt::format("/proc/self/fd/{}", program.get()), process::args = "jail",
        environment, process::std_in<process::null, process::std_out> process::null,
        process::std_err > process::null, fd::fd.bind(kFdControl, control.get()),
        fd::fd.bind(kFdSeccomp, filter.get()), fd::fd.bind(kFdModule, module.get()),
        fd::fd.bind(kFdPlan, plan_file.get()), fd::fd.bind(kFdLifeline, lifeline.get()));
    launcher_pid_ = child.id();
    child.detach();
  } catch (const process::process_error& error) {
    throw Error(
        fmt::format("cannot start the jail launcher ({}); it runs from memory: see the "
                    "sysctl vm.memfd_noexec, and that /proc is mounted",
                    error.what()));
  }
  launcher_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, launcher_pid_, 0)));
}

bool Jail::wait_until_ready(bool control_group) {
  for (;;) {
    pollfd ready{control_.get(), POLLIN, 0};
    if (poll(&ready, 1, kStartMsMax) <= 0) throw Error("the jail did not start in time");
    bool gone = false;
    const std::optional<Event> event = receive(gone);
    if (gone) return false;
    if (!event) continue;
    if (event->words.kind == kEventFailed) throw Error(event->words.text);
    if (event->words.kind == kEventReport) {
      zygote_ = event->words.status;
      if (control_group) cgroup_ = Cgroup::make();
      if (cgroup_ && !cgroup_->take(zygote_)) cgroup_.reset();
    }
    if (event->words.kind == kEventReady) break;
  }
  std::uint64_t pages = 0;
  std::ifstream(fmt::format("/proc/{}/statm", zygote_)) >> pages;
  if (pages == 0 && kill(zygote_, 0) < 0 && errno == ESRCH) return false;
  if (pages == 0) throw Error("cannot read the warm interpreter's size from /proc");
  address_space_bytes_ = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return true;
}

void Jail::end() {
  control_.reset();
  lifeline_.reset();
  if (launcher_pid_ < 0) return;
  // The launcher ends the interpreter and then itself; if it does not, it is ended.
  pollfd ended{launcher_.get(), POLLIN, 0};
  if (launcher_ && poll(&ended, 1, kEndMsMax) != 1) kill(launcher_pid_, SIGKILL);
  while (waitpid(launcher_pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  launcher_pid_ = -1;
  cgroup_.reset();
}

std::optional<Event> Jail::receive(bool& gone) {
  Event event;
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    cmsghdr align;
  } ancillary;
  iovec body{&event.words, sizeof event.words};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes;
  message.msg_controllen = sizeof ancillary.bytes;
  const ssize_t n = recvmsg(control_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (n != static_cast<ssize_t>(sizeof event.words)) {
    gone = true;
    return std::nullopt;
  }
  if (const cmsghdr* head = CMSG_FIRSTHDR(&message); head && head->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
    event.pidfd = Fd(fd);
  }
  event.words.text[sizeof event.words.text - 1] = 0;
  return event;
}

bool send_with_descriptors(int socket, const void* bytes, std::size_t size,
                           std::span<const int> descriptors) {
  union {
    char bytes[CMSG_SPACE(kDescriptorsMax * sizeof(int))];
    cmsghdr align;
  } ancillary{};
  iovec body{const_cast<void*>(bytes), size};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes;
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
  return sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

bool Jail::start(const Bounds& bounds, std::span<const int> descriptors) {
  if (cgroup_) cgroup_->bound(bounds.memory_bytes + tmp_bytes_ + kOutsideBytes);
  const assay_command command{bounds.address_space ? bounds.memory_bytes : 0, bounds.cpu_s,
                              bounds.receives, bounds.output_bytes};
  return send_with_descriptors(control_.get(), &command, sizeof command, descriptors);
}

}  // namespace assay::sandbox
