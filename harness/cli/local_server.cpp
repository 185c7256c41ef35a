#include "harness/cli/local_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <list>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/fd.h"

namespace assay::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kBacklog = 128;
constexpr auto kCloseWithin = milliseconds(500);  ///< for a client to read the end of its answer
constexpr auto kNoDescriptorsFor = milliseconds(200);  ///< accepting failed: not tried again before

enum class Phase { reading, waiting, sending, closing };

struct Connection {
  Fd socket;
  Phase phase = Phase::reading;
  Clock::time_point deadline;
  std::string head;  ///< what was received; then what is sent
  Request request;
  std::shared_ptr<const std::string> body;
  std::size_t sent = 0;
  bool gone = false;
};

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Answer";
  }
}

Response refusal(int status, const char* sentence) {
  return {status, "text/plain; charset=utf-8", std::make_shared<const std::string>(sentence)};
}

std::string head_of(const Response& response) {
  std::string content;
  if (response.status != 204) {
    content = fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", response.type,
                          response.body ? response.body->size() : 0);
  }
  return fmt::format(
      "HTTP/1.1 {} {}\r\n{}Connection: close\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\n\r\n",
      response.status, reason_of(response.status), content);
}

/// The line up to CR LF, taken from the front of `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return line;
}

/// The values of every Host line of a head.
std::vector<std::string_view> hosts_in(std::string_view head) {
  constexpr std::string_view kName = "host:";
  std::vector<std::string_view> hosts;
  while (!head.empty()) {
    std::string_view line = take_line(head);
    if (line.size() < kName.size() || strncasecmp(line.data(), kName.data(), kName.size()) != 0)
      continue;
    line.remove_prefix(kName.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    hosts.push_back(line.substr(0, line.find_last_not_of(" \t") + 1));
  }
  return hosts;
}

/// From a whole head to a request, or why it is none.
std::optional<Response> parse(std::string_view head, int port, Request& request) {
  const std::string_view line = take_line(head);
  const std::size_t space = line.find(' '), end = line.rfind(' ');
  if (space == line.npos || end == space || !line.substr(end).starts_with(" HTTP/1."))
    return refusal(400, "This is no HTTP request.\n");
  const std::vector<std::string_view> hosts = hosts_in(head);
  if (hosts.size() > 1) return refusal(400, "A request names one host.\n");
  const auto ours = [&](const char* name) {
    return !hosts.empty() &&
           (hosts[0] == fmt::format("{}:{}", name, port) || (port == 80 && hosts[0] == name));
  };
  if (!ours("127.0.0.1") && !ours("localhost"))
    return refusal(403, "This is not the host you asked for.\n");
  if (line.substr(0, space) != "GET") return refusal(405, "Only GET is answered here.\n");
  const std::string_view target = line.substr(space + 1, end - space - 1);
  if (!target.starts_with('/')) return refusal(400, "A request names a path.\n");
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  return std::nullopt;
}

Fd listen_on(int port) {
  Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), kBacklog) != 0)
    return Fd();
  return listener;
}

int port_of(const Fd& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

struct LocalServer::State {
  State(Fd on, Answer with, const ServerLimits& within)
      : listener(std::move(on)),
        answer(std::move(with)),
        limits(within),
        port(port_of(listener)),
        bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!bell) throw Error("no descriptors left to serve the report");
  }

  Fd listener;
  const Answer answer;
  const ServerLimits limits;
  const int port;
  Fd bell;  ///< rung by wake()
  std::atomic<bool> ending = false;
  std::list<Connection> connections;  ///< in the order they came
  Clock::time_point accept_from{};
  std::jthread thread;

  void ring() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(bell.get(), &one, sizeof one);
  }

  void start_sending(Connection& c, const Response& response) {
    c.phase = Phase::sending;
    c.deadline = Clock::now() + limits.send_within;
    c.head = head_of(response);
    c.body = response.body;
    c.sent = 0;
    send(c);
  }

  void ask(Connection& c, bool expired) {
    if (const std::optional<Response> response = answer(c.request, expired)) {
      start_sending(c, *response);
    } else {
      c.gone = expired;
    }
  }

  void read(Connection& c) {
    char buffer[4096];
    const ssize_t count = recv(c.socket.get(), buffer, sizeof buffer, 0);
    if (count <= 0) {
      c.gone = count == 0 || (errno != EAGAIN && errno != EINTR);
      return;
    }
    c.head.append(buffer, static_cast<std::size_t>(count));
    const std::size_t end = c.head.find("\r\n\r\n");
    if (std::min(end, c.head.size()) > limits.head_bytes_max)
      return start_sending(c, refusal(431, "The head of the request is too long.\n"));
    if (end == c.head.npos) return;
    if (const auto refused = parse(std::string_view(c.head).substr(0, end), port, c.request))
      return start_sending(c, *refused);
    c.phase = Phase::waiting;
    c.deadline = Clock::now() + limits.answer_within;
    ask(c, false);
  }

  void send(Connection& c) {
    const std::string_view parts[] = {c.head, c.body ? std::string_view(*c.body) : ""};
    std::size_t skipped = 0;
    for (const std::string_view part : parts) {
      while (c.sent < skipped + part.size()) {
        const std::string_view rest = part.substr(c.sent - skipped);
        const ssize_t count = ::send(c.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0) {
          c.gone = errno != EAGAIN && errno != EINTR;
          return;
        }
        c.sent += static_cast<std::size_t>(count);
      }
      skipped += part.size();
    }
    // Closing at once would reset the connection where something is unread, and lose the answer.
    shutdown(c.socket.get(), SHUT_WR);
    c.phase = Phase::closing;
    c.deadline = Clock::now() + kCloseWithin;
    c.body.reset();
  }

  void drain(Connection& c) {
    char buffer[4096];
    const ssize_t count = recv(c.socket.get(), buffer, sizeof buffer, 0);
    c.gone = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
  }

  void expire(Connection& c) {
    if (c.phase == Phase::waiting)
      ask(c, true);
    else if (c.phase == Phase::reading)
      start_sending(c, refusal(408, "The request took too long.\n"));
    else
      c.gone = true;
  }

  /// Makes room for one more: the oldest that has not asked yet, else the oldest that waits.
  void make_room() {
    if (connections.size() < limits.connections_max) return;
    for (const Phase phase : {Phase::closing, Phase::reading, Phase::waiting, Phase::sending}) {
      const auto oldest = std::find_if(connections.begin(), connections.end(),
                                       [&](const Connection& c) { return c.phase == phase; });
      if (oldest == connections.end()) continue;
      connections.erase(oldest);
      return;
    }
  }

  /// One at a time: who came before has been heard by then, and is not taken for one who is silent.
  void accept_one() {
    Fd socket(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        accept_from = Clock::now() + kNoDescriptorsFor;
      return;
    }
    make_room();
    Connection& c = connections.emplace_back();
    c.socket = std::move(socket);
    c.deadline = Clock::now() + limits.head_within;
  }

  static short events_of(Phase phase) {
    if (phase == Phase::sending) return POLLOUT;
    return phase == Phase::waiting ? POLLRDHUP : POLLIN;
  }

  void take_events(Connection& c) {
    if (c.phase == Phase::reading) {
      read(c);
    } else if (c.phase == Phase::sending) {
      send(c);
    } else if (c.phase == Phase::closing) {
      drain(c);
    } else {
      c.gone = true;  // it waited and left
    }
  }

  void serve_one(Connection& c, short events, bool rung) {
    try {
      if (rung && c.phase == Phase::waiting) ask(c, false);
      if (events != 0 && !c.gone) take_events(c);
      if (!c.gone && Clock::now() >= c.deadline) expire(c);
    } catch (const std::exception&) {
      c.gone = true;  // no memory for this client: the run goes on
    }
  }

  /// Waits for the next event or deadline, and deals with all that are due.
  void step() {
    const auto now = Clock::now();
    auto until = now + std::chrono::seconds(3600);
    const bool accepting = listener && now >= accept_from;
    if (listener && !accepting) until = accept_from;
    std::vector<pollfd> polled = {{bell.get(), POLLIN, 0}};
    polled.push_back({accepting ? listener.get() : -1, POLLIN, 0});
    for (const Connection& c : connections) {
      polled.push_back({c.socket.get(), events_of(c.phase), 0});
      until = std::min(until, c.deadline);
    }
    const auto wait = std::chrono::ceil<milliseconds>(until - now).count();
    if (poll(polled.data(), polled.size(), static_cast<int>(std::max<long>(wait, 0))) < 0) return;
    std::uint64_t rings = 0;
    const bool rung = ::read(bell.get(), &rings, sizeof rings) == sizeof rings;
    std::size_t i = 2;
    for (Connection& c : connections) serve_one(c, polled[i++].revents, rung);
    std::erase_if(connections, [](const Connection& c) { return c.gone; });
    if (polled[1].revents != 0) accept_one();
  }

  void serve() {
    while (!ending) step();
    listener.reset();
    for (Connection& c : connections) {
      if (c.phase == Phase::waiting) c.deadline = Clock::now();
      serve_one(c, 0, false);
    }
    const auto until = Clock::now() + limits.end_within;
    const auto is_sending = [](const Connection& c) { return c.phase == Phase::sending; };
    while (Clock::now() < until) {
      std::erase_if(connections, [&](const Connection& c) { return c.gone || !is_sending(c); });
      if (connections.empty()) return;
      for (Connection& c : connections) c.deadline = std::min(c.deadline, until);
      step();
    }
  }
};

LocalServer::LocalServer(int port, Answer answer, const ServerLimits& limits) {
  Fd listener = listen_on(port);
  if (!listener)
    throw Error(fmt::format(
        "{}: the port is taken or not allowed; name another, or 0 for any that is free", port));
  state_ = std::make_unique<State>(std::move(listener), std::move(answer), limits);
  state_->thread = std::jthread([state = state_.get()] { state->serve(); });
}

LocalServer::~LocalServer() {
  state_->ending = true;
  state_->ring();
  state_->thread.join();
}

int LocalServer::port() const { return state_->port; }
void LocalServer::wake() { state_->ring(); }

}  // namespace assay::cli
