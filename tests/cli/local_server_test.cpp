#include "harness/cli/local_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <vector>

#include "harness/base/fd.h"

using namespace assay;
using namespace assay::cli;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kPatience = 10s;  ///< on a busy machine

std::shared_ptr<const std::string> text(std::string words) {
  return std::make_shared<const std::string>(std::move(words));
}

Fd connected(int port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval patience{10, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  REQUIRE(connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

bool say(const Fd& socket, const std::string& words) {
  return send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(words.size());
}

/// All that comes until the other side closes.
std::string hear(const Fd& socket) {
  std::string heard;
  char buffer[4096];
  for (;;) {
    const ssize_t count = recv(socket.get(), buffer, sizeof buffer, 0);
    if (count <= 0) return heard;
    heard.append(buffer, static_cast<std::size_t>(count));
  }
}

std::string get(int port, const std::string& path = "/") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", path, port);
}

std::string ask(int port, const std::string& question) {
  const Fd socket = connected(port);
  say(socket, question);
  return hear(socket);
}

/// "/" is answered at once, "/later" once `open` is set.
struct Site {
  std::atomic<bool> open = false;
  std::atomic<bool> last_waits = false;  ///< "/later?last" was asked for
  LocalServer::Answer answer() {
    return [this](const Request& request, bool expired) -> std::optional<Response> {
      if (request.query == "last") last_waits = true;
      if (request.path == "/later" && !open && !expired) return std::nullopt;
      return Response{expired ? 204 : 200, "text/plain", text(request.path + "|" + request.query)};
    };
  }
};

}  // namespace

TEST_CASE("a request is answered by path and query, and the connection closed") {
  Site site;
  LocalServer server(0, site.answer());
  const std::string answer = ask(server.port(), get(server.port(), "/x?seen=3"));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\n/x|seen=3"));
}

TEST_CASE("what is no question of ours is refused") {
  Site site;
  LocalServer server(0, site.answer());
  const int port = server.port();
  const auto status = [&](const std::string& question) { return ask(port, question).substr(9, 3); };
  CHECK(status("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") == "403");
  CHECK(status(fmt::format("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}.evil\r\n\r\n", port)) == "403");
  CHECK(status("GET / HTTP/1.0\r\n\r\n") == "403");
  CHECK(status(fmt::format("GET / HTTP/1.1\r\nHost: localhost:{0}\r\nhost: evil\r\n\r\n", port)) ==
        "400");
  CHECK(status(fmt::format("GET http://evil/ HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port)) ==
        "400");
  CHECK(status(fmt::format("HEAD / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port)) == "405");
  CHECK(status("\x01\xff\r\n\r\n") == "400");
  CHECK(status(fmt::format("GET / HTTP/1.1\r\nHOST:\tlocalhost:{} \r\n\r\n", port)) == "200");
}

TEST_CASE("a large head or body is refused and not held") {
  // A POST of 1.5 GiB was held in memory: 12 -> 1,514 MiB.
  Site site;
  LocalServer server(0, site.answer());
  const int port = server.port();
  CHECK(ask(port, get(port).substr(0, 40) + std::string(9000, 'a')).substr(9, 3) == "431");
  const Fd socket = connected(port);
  say(socket,
      fmt::format("POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 1500000000\r\n\r\n",
                  port));
  const std::string chunk(1 << 20, 'x');
  int sent = 0;
  while (sent < 1500 && say(socket, chunk)) ++sent;
  CHECK(sent < 1500);
}

TEST_CASE("who waits is answered as soon as there is something, and at last without") {
  Site site;
  ServerLimits limits;
  limits.answer_within = 200ms;
  LocalServer server(0, site.answer(), limits);
  const Fd first = connected(server.port());
  say(first, get(server.port(), "/later"));
  CHECK(hear(first).starts_with("HTTP/1.1 204"));
  const Fd second = connected(server.port());
  say(second, get(server.port(), "/later"));
  site.open = true;
  server.wake();
  CHECK(hear(second).substr(9, 3)[0] == '2');
}

TEST_CASE("a client that trickles its request is cut off by the clock, not by its silence") {
  // 40 connections that sent a header line every 2 s kept a finished run up as long as they liked:
  // the deadline was that of a single read.
  Site site;
  ServerLimits limits;
  limits.head_within = 300ms;
  LocalServer server(0, site.answer(), limits);
  const Fd slow = connected(server.port());
  say(slow, "GET / HTTP/1.1\r\n");
  const auto began = Clock::now();
  while (say(slow, "X: a\r\n") && Clock::now() - began < kPatience)
    std::this_thread::sleep_for(50ms);
  CHECK(Clock::now() - began < kPatience);
}

TEST_CASE("clients that hold every connection starve nobody and hold no end") {
  // 64 readers that waited took every thread: the next was served after 27 s.
  Site site;
  ServerLimits limits;
  limits.connections_max = 32;
  limits.head_within = limits.answer_within = 60s;
  std::vector<Fd> held;
  auto server = std::make_unique<LocalServer>(0, site.answer(), limits);
  for (int i = 0; i < 64; ++i) {
    held.push_back(connected(server->port()));
    say(held.back(), i % 2 ? get(server->port(), i == 63 ? "/later?last" : "/later") : "GET / HT");
  }
  const auto began = Clock::now();
  CHECK(ask(server->port(), get(server->port())).starts_with("HTTP/1.1 200"));
  CHECK(Clock::now() - began < kPatience);
  while (!site.last_waits && Clock::now() - began < kPatience) std::this_thread::sleep_for(1ms);
  const auto ends = Clock::now();
  server.reset();
  CHECK(Clock::now() - ends < kPatience);
  CHECK(hear(held.back()).starts_with("HTTP/1.1 204"));  // who waited is told that nothing comes
}

TEST_CASE("who has asked while the server was busy is heard before it makes room for the next") {
  // Two that came in one breath: the first was dropped as one that had not asked yet, since nothing
  // had been read from it.
  Site site;
  std::atomic<bool> busy = false, free = false;
  const LocalServer::Answer answer = site.answer();
  ServerLimits limits;
  limits.connections_max = 2;
  auto server = std::make_unique<LocalServer>(
      0,
      [&](const Request& request, bool expired) {
        if (request.path == "/busy") {
          busy = true;
          while (!free) std::this_thread::sleep_for(1ms);
        }
        return answer(request, expired);
      },
      limits);
  const int port = server->port();
  const auto asking = [port](const std::string& path) {
    Fd socket = connected(port);
    say(socket, get(port, path));
    return socket;
  };
  const Fd oldest = asking("/later");
  const Fd blocks = asking("/busy");
  while (!busy) std::this_thread::sleep_for(1ms);
  const Fd heard = asking("/later");
  const Fd next = asking("/");
  free = true;
  CHECK(hear(next).starts_with("HTTP/1.1 200"));
  server.reset();
  CHECK(hear(heard).starts_with("HTTP/1.1 204"));
}

TEST_CASE("a client that does not read its answer is not waited for") {
  ServerLimits limits;
  limits.send_within = 60s;
  const auto large = text(std::string(64 << 20, 'x'));
  auto server = std::make_unique<LocalServer>(
      0,
      [&](const Request&, bool) {
        return Response{200, "text/plain", large};
      },
      limits);
  const Fd idle = connected(server->port());
  say(idle, get(server->port()));
  char first;
  CHECK(recv(idle.get(), &first, 1, 0) == 1);
  const auto began = Clock::now();
  server.reset();
  CHECK(Clock::now() - began < kPatience);
}
