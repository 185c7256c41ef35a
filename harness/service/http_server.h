// HTTP on one thread that waits for nobody (Boost.Beast on Boost.Asio): connections are states, not
// threads, so that thousands of idle, slow or trickling clients cost their descriptors for some seconds
// and nothing else. What is asked is answered from any thread, whenever it is known.
//
// Every limit has its answer: a head over its size 431, a body 413, more connections than there is room for, or more bytes, 503 with Retry-After; a
// request that is not whole in time ends its connection. Without a token only
// 127.0.0.1 is listened on, and only who names it as host is answered, so that no page of a foreign site
// reaches it (DNS rebinding, forms); with one, any address may be, and every request needs it.
//
// Errors: assay::Error where the address is not to be had. Thread safety: Reply::answer() from any
// thread; the rest from the one that made the server. The handler and `gone` are called on its thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace assay::service {

struct HttpLimits {
  std::size_t connections_max = 4096;
  std::size_t head_bytes_max = 16 << 10;
  std::size_t body_bytes_max = 32 << 20;
  std::size_t bodies_bytes_max = 512 << 20;       ///< of all requests under way together
  std::chrono::milliseconds head_within{10'000};  ///< from the connection to the end of the head
  std::chrono::milliseconds idle_within{75'000};  ///< ... of a later request on the same connection
  std::chrono::milliseconds body_within{60'000};  ///< from the head to the last byte
  std::chrono::milliseconds answer_within{600'000};  ///< from there to the answer; then 504
  std::chrono::milliseconds send_within{60'000};     ///< of an answer
};

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 0;       ///< 0: any that is free
  std::string token;  ///< empty: none is asked for
  HttpLimits limits;
  std::vector<std::string> open_paths;  ///< answered without the token
};

struct HttpRequest {
  std::string method, path, query, body;
};
struct HttpResponse {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  int retry_after_s = 0;  ///< above 0: said
};

/// What a request is answered through, once; later answers are dropped.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void answer(HttpResponse response) = 0;
  /// Called, at most once, where the client has left or its time is over before there was an answer.
  virtual void when_gone(std::function<void()> gone) = 0;
};

class HttpServer {
 public:
  using Handler = std::function<void(HttpRequest request, const std::shared_ptr<Reply>& reply)>;
  /// Told of every answer, those that the server gives by itself too; `path` is empty where none was read.
  using Observe = std::function<void(const std::string& path, int status)>;

  HttpServer(const HttpOptions& options, Handler handler, Observe observe);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  std::size_t connections() const;
  /// No more connections; requests on those there are are refused (503); what waits for its answer has so
  /// long to get and to read it.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// {"error": sentence}.
HttpResponse refusal(int status, const std::string& sentence, int retry_after_s = 0);

}  // namespace assay::service
