#include "sandbox/supervise/judged.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/base/error.h"

namespace assay::sandbox {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::chrono::milliseconds kMemoryLook(16);
constexpr std::uint64_t kThreadKib = 32;  ///< what the kernel itself keeps for a thread
/// Page tables of a warm interpreter, as many threads as anyone needs, and more.
constexpr std::uint64_t kTablesBytes = 16 << 20;
constexpr std::uint64_t kContentSlack = 8192;  ///< exceptions beside an empty reply limit

bool Judged::start(const Start& what, const Limits& limits) {
  int pair[2], line[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
    throw Error(fmt::format("no socket for a program: {}", std::strerror(errno)));
  }
  control_ = Fd(pair[0]);
  const Fd far_control(pair[1]);
  if (pipe2(line, O_CLOEXEC | O_NONBLOCK)) {
    throw Error(fmt::format("no pipe for a program: {}", std::strerror(errno)));
  }
  replies_ = Fd(line[0]);
  const Fd far_replies(line[1]);
  fcntl(control_.get(), F_SETFL, O_NONBLOCK);

  job_.mode = what.mode;
  job_.first = static_cast<std::uint32_t>(what.first);
  job_.reply_bytes_max = limits.reply_mib << 20;
  job_.entry_point_bytes = what.entry_point.size();
  job_.program_bytes = what.program.size();
  job_.checker_bytes = what.checker.size();
  job_.setup_bytes = what.setup.size();
  renew_nonce();
  to_send_.assign(reinterpret_cast<const char*>(&job_), sizeof job_);
  to_send_.append(what.entry_point).append(what.program).append(what.checker).append(what.setup);
  feed();
  memory_bytes_max_ = jail_.address_space_bytes() + (limits.memory_mib << 20) + what.more_bytes;
  memory_looked_ = WallClock::now();
  const Bounds bounds{memory_bytes_max_, what.address_space, backstop_s_, what.mode == kModeKept,
                      what.output_bytes};
  const int all[] = {far_control.get(), far_replies.get(), what.third,
                     what.fourth,       what.errors,       what.product};
  // Who has none of a kind has none behind it.
  const auto count = static_cast<std::size_t>(std::find(all, std::end(all), -1) - all);
  if (!jail_.start(bounds, {all, count})) lose();
  return !lost_;
}

void Judged::renew_nonce() {
  if (getrandom(&job_.nonce, sizeof job_.nonce, 0) != sizeof job_.nonce) {
    throw Error("the kernel gave no random bytes");
  }
  reader_.reset(job_.nonce, job_.reply_bytes_max + kContentSlack);
  began_ = false;
}

bool Judged::start_next(int stream) {
  if (!control_ || sent_ < to_send_.size()) return false;
  renew_nonce();
  return send_with_descriptors(control_.get(), &job_, sizeof job_, {&stream, 1});
}

void Judged::feed() {
  while (sent_ < to_send_.size()) {
    const ssize_t n = send(control_.get(), to_send_.data() + sent_, to_send_.size() - sent_,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;  // its end is told elsewhere
    sent_ += static_cast<std::size_t>(n);
  }
  sent_ = to_send_.size();
}

void Judged::poll_entries(std::span<pollfd, kPollEntries> entries) const {
  entries[0] = {jail_.control(), POLLIN, 0};
  const short wanted = sent_ < to_send_.size() ? POLLIN | POLLOUT : POLLIN;
  // A process that is about to be killed is no longer listened to.
  entries[1] = {ended_ || kill_wanted_ ? -1 : control_.get(), wanted, 0};
}

void Judged::on_poll(std::span<const pollfd, kPollEntries> entries) {
  if (entries[1].revents & POLLOUT) feed();
  if (entries[1].revents & (POLLIN | POLLHUP | POLLERR)) {
    // A byte only means that there is something to read; its value means nothing. A closed socket is
    // not polled any more.
    char rings[64];
    const ssize_t n = recv(control_.get(), rings, sizeof rings, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) control_.reset();
  }
  if (!entries[0].revents) return;
  bool gone = false;
  while (std::optional<Event> event = jail_.receive(gone)) {
    if (event->words.kind == kEventStarted) {
      pidfd_ = std::move(event->pidfd);
      learn_pid();
      if (kill_wanted_) kill();
    } else if (event->words.kind == kEventEnded) {
      end_ = event->words;
      ended_ = true;
      // Asked after every such death, whoever sent the signal: the next one is told from this one.
      const bool killed = WIFSIGNALED(end_.status) && WTERMSIG(end_.status) == SIGKILL;
      killed_for_memory_ = killed && jail_.killed_for_memory();
      return;
    } else {
      return lose();
    }
  }
  if (gone) lose();
}

void Judged::lose() {
  lost_ = true;
  killed_for_memory_ = jail_.killed_for_memory();
}

void Judged::drain(const std::function<bool(const Frame&)>& take) {
  Frame frame;
  for (;;) {
    char* room = reader_.take_room(kReadBytes);
    const ssize_t n = read(replies_.get(), room, kReadBytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    reader_.came(static_cast<std::size_t>(n));
    while (reader_.next(frame)) {
      if (!began_ && frame.head.kind == kFrameBegan) {
        began_ = true;
      } else if (!take(frame)) {
        return;
      }
    }
    if (reader_.broken()) return;
  }
}

void Judged::kill() {
  kill_wanted_ = true;
  if (pidfd_) syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

/// The process's number here, whatever it is in its own namespace.
void Judged::learn_pid() {
  char path[64], text[512];
  std::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd_.get());
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t n = file ? read(file.get(), text, sizeof text - 1) : -1;
  if (n <= 0) return;
  text[n] = 0;
  const char* line = std::strstr(text, "\nPid:");
  const int pid = line ? std::atoi(line + 5) : 0;
  if (pid > 0 && clock_getcpuclockid(pid, &clock_) == 0) pid_ = pid;
}

namespace {

/// The start of a small file under /proc; empty where it cannot be read.
std::string read_proc(pid_t pid, const char* name) {
  char path[64], text[2048];
  std::snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t n = file ? read(file.get(), text, sizeof text) : -1;
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string();
}

/// The number behind `key` in the lines of /proc/N/status (of KiB, where it is memory); 0 where there
/// is none.
std::uint64_t number_of(const std::string& status, const char* key) {
  const std::size_t at = status.find(key);
  return at == std::string::npos
             ? 0
             : std::strtoull(status.c_str() + at + std::strlen(key), nullptr, 10);
}

}  // namespace

bool Judged::over_memory() {
  const auto now = WallClock::now();
  if (pid_ <= 0 || ended_ || now < memory_looked_ + kMemoryLook) return false;
  memory_looked_ = now;
  const std::string status = read_proc(pid_, "status");
  if (!still_runs()) return false;
  const std::uint64_t kib = number_of(status, "\nVmRSS:") + number_of(status, "\nVmPTE:") +
                            kThreadKib * number_of(status, "\nThreads:");
  seen_kib_peak_ = std::max(seen_kib_peak_, kib);
  // The tables of pages that lie side by side are 1/512 of them.
  return kib > (memory_bytes_max_ + memory_bytes_max_ / 128 + kTablesBytes) >> 10;
}

/// False where it has ended meanwhile: its number may be another process's by now.
bool Judged::still_runs() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return poll(&ended, 1, 0) == 0;
}

std::vector<pid_t> Judged::threads() const {
  std::vector<pid_t> all;
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/task", pid_);
  DIR* folder = pid_ > 0 ? opendir(path) : nullptr;
  if (!folder) return all;
  while (const dirent* entry = readdir(folder)) {
    if (const pid_t thread = std::atoi(entry->d_name); thread > 0) all.push_back(thread);
  }
  closedir(folder);
  return all;
}

std::uint64_t Judged::waited_ns() {
  // What runs in a thread of its own (all of a Java program) is nothing that the first thread tells of.
  for (const pid_t thread : threads()) {
    const std::string text = read_proc(thread, "schedstat");
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) continue;
    const std::uint64_t told = std::strtoull(text.c_str() + space, nullptr, 10);
    std::uint64_t& known = thread_waited_ns_[thread];
    if (told > known) waited_ns_ += told - known;
    known = std::max(known, told);
  }
  return waited_ns_;
}

/// As proc(5) has it: R, S, D, T, ...; '?' where it is gone.
static char state_of(pid_t pid) {
  const std::string text = pid > 0 ? read_proc(pid, "stat") : "";
  const std::size_t state = text.rfind(") ");
  return state == std::string::npos ? '?' : text[state + 2];
}

bool Judged::stopped() const {
  // The first process of a PID namespace cannot stop itself; any other can.
  if (jail_.level() != Level::full) return false;
  const char state = state_of(pid_);
  return state == 'T' || state == 't';
}

bool Judged::runnable() const {
  const std::vector<pid_t> all = threads();
  return std::any_of(all.begin(), all.end(), [](pid_t thread) { return state_of(thread) == 'R'; });
}

std::optional<std::uint64_t> Judged::cpu_ns() const {
  timespec t{};
  if (pid_ <= 0 || ended_ || clock_gettime(clock_, &t) || !still_runs()) return std::nullopt;
  return static_cast<std::uint64_t>(t.tv_sec) * 1000000000u + static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace assay::sandbox
