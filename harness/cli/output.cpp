#include "harness/cli/output.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace assay::cli {

static constexpr std::size_t kWaitingMax = 1 << 16;

Output::Output(int descriptor, Kind kind, Output* first)
    : descriptor_(descriptor), kind_(kind), by_line_(isatty(descriptor) != 0), first_(first) {}

void Output::send() {
  std::string_view rest = waiting_;
  while (!rest.empty() && trouble_ == 0) {
    const ssize_t sent = ::write(descriptor_, rest.data(), rest.size());
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      trouble_ = errno;
    }
  }
  waiting_.clear();
}

void Output::flush() {
  send();
  if (kind_ == Kind::messages || trouble_ == 0) return;
  if (trouble_ == EPIPE) throw ReaderGone{};
  throw Error(fmt::format("standard output cannot be written: {}; what was printed is not complete",
                          std::strerror(trouble_)));
}

void Output::add(std::string_view bytes) {
  waiting_ += bytes;
  if (kind_ == Kind::messages) {
    if (first_) first_->send();
    send();
    trouble_ = 0;
  } else if (waiting_.size() >= kWaitingMax || by_line_) {
    flush();
  }
}

void Output::write(std::string_view text) { add(visible(text)); }
void Output::write_page(std::string_view page) { add(page); }
void Output::write_over(std::string_view line) { add("\r" + visible_line(line) + "\x1b[K"); }

Output& output() {
  static Output standard(STDOUT_FILENO, Output::Kind::data);
  return standard;
}

Output& messages() {
  static Output standard(STDERR_FILENO, Output::Kind::messages, &output());
  return standard;
}

void print_text(std::string_view text) { output().write(text); }

std::string json_text(const nlohmann::json& record) {
  return record.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void print_json(const nlohmann::json& record) { print_text(json_text(record) + "\n"); }

std::string csv_text(std::string_view text) {
  const bool formula = text.find_first_of("=+-@\t\r") == 0;
  const std::string cell = (formula ? "'" : "") + visible_line(text);
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void remark(bool quiet, std::string_view text) {
  if (!quiet) messages().write(visible_line(text) + "\n");
}

/// Older kernels than 5.11 lack the flag.
static void keep_from_children() {
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  const long most = sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < std::min(most, 1L << 16); ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
  }
}

void prepare_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // Standard output opens for reading only: what is printed to a closed one is an error, no loss
    // that reads as success.
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
  keep_from_children();
  // A handler, since unlike an ignored signal it does not pass to the programs that we start.
  std::signal(SIGPIPE, [](int) {});
}

}  // namespace assay::cli
