// Answers GET requests on 127.0.0.1, on one thread that waits for nobody: every request has a deadline
// from its first byte to its last, a head of bounded size and no body, so that a client that trickles,
// floods or holds its connections costs a slot for some seconds and nothing else. Where the slots run
// out, the oldest client that has not finished its question makes room.
//
// A request that names another host than this one is refused: a page of a foreign site that lets its
// own name point here (DNS rebinding) learns nothing.
//
// Errors: assay::Error where the port is not to be had. Thread safety: wake() from any thread; the rest
// from the one that made it. `answer` is called on the server's own thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace assay::cli {

struct Request {
  std::string path, query;  ///< "/next" and "seen=3", as they were sent
};

struct Response {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body = nullptr;  ///< shared by all that it is sent to
};

struct ServerLimits {
  std::size_t connections_max = 128;
  std::size_t head_bytes_max = 8192;               ///< a browser sends about 1,000
  std::chrono::milliseconds head_within{5000};     ///< from the connection to the end of the head
  std::chrono::milliseconds answer_within{20000};  ///< ... to the answer, for who may wait
  std::chrono::milliseconds send_within{10000};    ///< ... to its last byte
  std::chrono::milliseconds end_within{1000};      ///< what is being sent when the server ends
};

class LocalServer {
 public:
  /// Nothing: there is no answer yet; it is asked again after each wake(), and at last with `expired`,
  /// when it must answer.
  using Answer = std::function<std::optional<Response>(const Request& request, bool expired)>;

  /// `port` 0: any that is free.
  LocalServer(int port, Answer answer, const ServerLimits& limits = {});
  /// Answers who waits (`expired`), sends what is under way, and stops within `end_within`.
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  int port() const;
  void wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::cli
