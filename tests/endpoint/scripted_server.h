// A server on the loopback that gives the bytes it was told to, one answer a connection, in order.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/fd.h"

namespace assay::tests {

/// An answer of HTTP; `cut`: only so much of its body is sent.
inline std::string http(int status, const std::string& body, const std::string& headers = "",
                        std::size_t cut = std::string::npos) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body.substr(0, cut);
}

/// The first byte of whoever speaks TLS.
inline constexpr char kTlsHello = 0x16;

class ScriptedServer {
 public:
  /// An empty answer closes the connection without one; the last is given again and again.
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listening_ = Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listening_.get(), 64);
    socklen_t size = sizeof address;
    getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~ScriptedServer() { shutdown(listening_.get(), SHUT_RDWR); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (std::size_t i = 0;; ++i) {
      const Fd peer(accept(listening_.get(), nullptr, nullptr));
      if (!peer) return;
      std::string request;
      char buffer[4096];
      for (std::size_t whole = std::string::npos; request.size() < whole;) {
        const ssize_t count = read(peer.get(), buffer, sizeof buffer);
        if (count <= 0) break;
        request.append(buffer, static_cast<std::size_t>(count));
        if (request[0] == kTlsHello) break;  // no more comes before an answer
        const std::size_t end = request.find("\r\n\r\n"), length = request.find("Content-Length: ");
        if (end == request.npos) continue;
        whole = end + 4 + (length == request.npos ? 0 : std::stoul(request.substr(length + 16)));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string& answer = answers_[std::min(i, answers_.size() - 1)];
      if (write(peer.get(), answer.data(), answer.size()) < 0) continue;
    }
  }

  const std::vector<std::string> answers_;
  Fd listening_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::jthread thread_;
};

}  // namespace assay::tests
