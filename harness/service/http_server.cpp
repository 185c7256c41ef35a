#include "harness/service/http_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::service {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr auto kDrainWithin = milliseconds(1000);  ///< for a client to read the end of its answer
constexpr auto kNoDescriptorsFor = milliseconds(200);  ///< accepting failed: not tried again before
constexpr int kRetryAfterS = 1;

/// In a time that tells nothing of how much of it is right.
bool is_token(const std::string& wanted, std::string_view given) {
  const std::string a = sha256(wanted), b = sha256(given);
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }

/// "localhost:8080" -> "localhost"; the brackets of an IPv6 address stay.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == host.npos || host.find(']', colon) != host.npos ? host : host.substr(0, colon);
}

}  // namespace

HttpResponse refusal(int status, const std::string& sentence, int retry_after_s) {
  return {status,
          nlohmann::json{{"error", sentence}}.dump(-1, ' ', true,
                                                   nlohmann::json::error_handler_t::replace),
          "application/json", retry_after_s};
}

struct HttpServer::State {
  class Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;

  State(const HttpOptions& its, Handler its_handler, Observe its_observe)
      : options(its),
        handler(std::move(its_handler)),
        observe(std::move(its_observe)),
        acceptor(context),
        accept_again(context) {
    error_code trouble;
    const auto address = asio::ip::make_address(options.host, trouble);
    if (trouble)
      throw Error(fmt::format("--host {}: this is no numeric address, such as 127.0.0.1 or 0.0.0.0",
                              options.host),
                  ExitCode::usage);
    if (options.token.empty() && !address.is_loopback())
      throw Error(fmt::format("--host {}: without a token (--token-file or ASSAY_TOKEN) only this "
                              "machine is answered: 127.0.0.1",
                              options.host),
                  ExitCode::usage);
    const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(options.port));
    acceptor.open(endpoint.protocol(), trouble);
    if (!trouble) acceptor.set_option(asio::socket_base::reuse_address(true), trouble);
    if (!trouble) acceptor.bind(endpoint, trouble);
    if (!trouble) acceptor.listen(asio::socket_base::max_listen_connections, trouble);
    if (trouble)
      throw Error(
          fmt::format("{}:{} cannot be listened on: {}; name another port, or 0 for any "
                      "that is free",
                      options.host, options.port, trouble.message()));
    port = acceptor.local_endpoint().port();
  }

  const HttpOptions options;
  const Handler handler;
  const Observe observe;
  int port = 0;
  std::atomic<std::size_t> connection_count = 0;
  std::list<std::weak_ptr<Connection>> connections;  ///< in the order they came
  std::size_t bodies_bytes = 0;
  bool stopping = false;
  asio::io_context context{1};  ///< behind what its handlers use when they go
  tcp::acceptor acceptor;
  asio::steady_timer accept_again;
  std::thread thread;

  void accept();
  void take(tcp::socket socket);
  bool make_room();
};

/// A client. It lives as long as something of it is under way.
class HttpServer::State::Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(State& state, tcp::socket socket)
      : state_(state), stream_(std::move(socket)), deadline_(state.context) {
    ++state_.connection_count;
  }
  ~Connection() {
    release_body();
    --state_.connection_count;
  }

  /// Before a request is whole; such a one may be closed for another.
  bool reading() const { return phase_ == Phase::reading; }
  bool answered() const { return phase_ != Phase::waiting; }
  bool first() const { return requests_ == 0; }

  void read() {
    phase_ = Phase::reading;
    path_.clear();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(state_.options.limits.head_bytes_max));
    parser_->body_limit(state_.options.limits.body_bytes_max);
    const HttpLimits& limits = state_.options.limits;
    stream_.expires_after(first() ? limits.head_within : limits.idle_within);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->took_head(error); });
  }

  void refuse_and_close(int status, const std::string& sentence, int retry_after_s = 0) {
    close_after_ = true;
    send(refusal(status, sentence, retry_after_s));
  }

  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
  }

  /// From the handler, by way of Reply.
  void answer(HttpResponse response) {
    if (phase_ != Phase::waiting) return;
    gone_ = nullptr;
    send(std::move(response));
  }
  void when_gone(std::function<void()> gone) { gone_ = std::move(gone); }

 private:
  enum class Phase { reading, waiting, sending, closed };

  class TheReply final : public Reply {
   public:
    TheReply(asio::io_context& context, std::weak_ptr<Connection> connection, std::uint64_t request)
        : context_(context), connection_(std::move(connection)), request_(request) {}
    void answer(HttpResponse response) override {
      asio::post(context_, [connection = connection_, request = request_,
                            response = std::move(response)]() mutable {
        const ConnectionPtr one = connection.lock();
        if (one && one->requests_ == request) one->answer(std::move(response));
      });
    }
    void when_gone(std::function<void()> gone) override {
      const ConnectionPtr one = connection_.lock();
      if (one && one->requests_ == request_) one->when_gone(std::move(gone));
    }

   private:
    asio::io_context& context_;
    const std::weak_ptr<Connection> connection_;
    const std::uint64_t request_;
  };

  /// What cannot be read as a request is answered, where the client is there to read it.
  void refuse_error(error_code error) {
    if (error == http::error::header_limit)
      return refuse_and_close(431, "the head of the request is too long");
    if (error == http::error::body_limit)
      return refuse_and_close(413, fmt::format("the body is longer than {} bytes",
                                               state_.options.limits.body_bytes_max));
    if (error == beast::error::timeout) return close();  // Beast has closed it
    if (error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return refuse_and_close(400, "this is no HTTP request: " + error.message());
    close();
  }

  void took_head(error_code error) {
    if (error) return refuse_error(error);
    const auto& head = parser_->get();
    const std::string_view target = plain(head.target());
    path_ = std::string(target.substr(0, target.find('?')));
    if (state_.stopping) return refuse_and_close(503, "the service is stopping", kRetryAfterS);
    if (!let_in(head)) return;
    const std::uint64_t announced = parser_->content_length().value_or(
        parser_->chunked() ? state_.options.limits.body_bytes_max : 0);
    if (announced > state_.options.limits.body_bytes_max)
      return refuse_error(http::error::body_limit);
    if (state_.bodies_bytes + announced > state_.options.limits.bodies_bytes_max)
      return refuse_and_close(503, "the requests under way hold too many bytes", kRetryAfterS);
    state_.bodies_bytes += held_bytes_ = announced;
    if (beast::iequals(head[http::field::expect], "100-continue")) return say_continue();
    read_body();
  }

  bool let_in(const http::request_header<>& head) {
    const HttpOptions& allowed = state_.options;
    if (allowed.token.empty()) {
      const std::string_view host = without_port(plain(head[http::field::host]));
      if (host != "127.0.0.1" && host != "localhost" && host != "[::1]" && host != allowed.host) {
        refuse_and_close(403, "this is not the host you asked for");
        return false;
      }
      if (head.count(http::field::origin) > 0) {
        refuse_and_close(403, "a page of another site may not ask here");
        return false;
      }
      return true;
    }
    for (const std::string& open : allowed.open_paths)
      if (path_ == open) return true;
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = plain(head[http::field::authorization]);
    if (given.starts_with(kScheme) && is_token(allowed.token, given.substr(kScheme.size())))
      return true;
    refuse_and_close(401, "the request lacks the token (Authorization: Bearer ...)");
    return false;
  }

  void say_continue() {
    continue_.emplace(http::status::continue_, 11);
    http::async_write(stream_, *continue_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error) self->read_body();
                      });
  }

  void read_body() {
    stream_.expires_after(state_.options.limits.body_within);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->took_body(error); });
  }

  void took_body(error_code error) {
    if (error) return refuse_error(error);
    stream_.expires_never();
    phase_ = Phase::waiting;
    ++requests_;
    http::request<http::string_body> message = parser_->release();
    parser_.reset();
    close_after_ = !message.keep_alive();
    HttpRequest request;
    request.method = std::string(plain(message.method_string()));
    const std::string_view target = plain(message.target());
    request.path = path_;
    if (const std::size_t question = target.find('?'); question != target.npos)
      request.query = std::string(target.substr(question + 1));
    request.body = std::move(message.body());
    watch();
    wait_until_late();
    try {
      state_.handler(std::move(request),
                     std::make_shared<TheReply>(state_.context, weak_from_this(), requests_));
    } catch (const std::exception& failure) {
      answer(refusal(500, failure.what()));
    }
  }

  /// Whether the client stays, as far as can be told without reading what it sends next.
  void watch() {
    if (buffer_.size() > 0) return;
    stream_.socket().async_wait(
        tcp::socket::wait_read, [self = shared_from_this(), request = requests_](error_code error) {
          if (error || self->requests_ != request || self->phase_ != Phase::waiting) return;
          char one = 0;
          error_code trouble;
          self->stream_.socket().receive(asio::buffer(&one, 1), asio::socket_base::message_peek,
                                         trouble);
          if (trouble && trouble != asio::error::would_block) self->leave();
        });
  }

  void wait_until_late() {
    deadline_.expires_after(state_.options.limits.answer_within);
    deadline_.async_wait([self = shared_from_this(), request = requests_](error_code error) {
      if (error || self->requests_ != request || self->phase_ != Phase::waiting) return;
      if (const auto gone = std::exchange(self->gone_, nullptr)) gone();
      self->answer(refusal(504, "the answer is not there in time", kRetryAfterS));
    });
  }

  void leave() {
    phase_ = Phase::closed;
    deadline_.cancel();
    release_body();
    if (const auto gone = std::exchange(gone_, nullptr)) gone();
    state_.observe(path_, 499);  // as nginx counts a client that left
    close();
  }

  void send(HttpResponse response) {
    phase_ = Phase::sending;
    deadline_.cancel();
    release_body();
    state_.observe(path_, response.status);
    response_.emplace(static_cast<http::status>(response.status), 11);
    response_->set(http::field::content_type, response.type);
    response_->set(http::field::cache_control, "no-store");
    response_->set("X-Content-Type-Options", "nosniff");
    if (response.status == 401) response_->set(http::field::www_authenticate, "Bearer");
    if (response.retry_after_s > 0)
      response_->set(http::field::retry_after, std::to_string(response.retry_after_s));
    close_after_ |= state_.stopping;
    response_->keep_alive(!close_after_);
    response_->body() = std::move(response.body);
    response_->prepare_payload();
    stream_.expires_after(state_.options.limits.send_within);
    http::async_write(
        stream_, *response_,
        [self = shared_from_this()](error_code error, std::size_t) { self->sent(error); });
  }

  void sent(error_code error) {
    response_.reset();
    if (error) return close();
    if (!close_after_) return read();
    // Closing at once would reset the connection where something is unread, and lose the answer.
    phase_ = Phase::closed;
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kDrainWithin);
    drain();
  }

  void drain() {
    stream_.async_read_some(asio::buffer(drained_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              error ? self->close() : self->drain();
                            });
  }

  void release_body() { state_.bodies_bytes -= std::exchange(held_bytes_, 0); }

  State& state_;
  beast::tcp_stream stream_;
  asio::steady_timer deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<http::response<http::empty_body>> continue_;
  std::function<void()> gone_;
  std::string path_;
  std::size_t held_bytes_ = 0;
  std::uint64_t requests_ = 0;
  Phase phase_ = Phase::reading;
  bool close_after_ = false;
  std::array<char, 4096> drained_;
};

/// Where there are too many: the oldest that has not asked goes.
bool HttpServer::State::make_room() {
  std::erase_if(connections, [](const auto& one) { return one.expired(); });
  if (connections.size() < options.limits.connections_max) return true;
  for (auto at = connections.begin(); at != connections.end(); ++at) {
    const ConnectionPtr one = at->lock();
    if (!one || !one->reading()) continue;
    one->close();
    connections.erase(at);
    return true;
  }
  return false;
}

void HttpServer::State::take(tcp::socket socket) {
  const bool room = make_room();
  const auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connections.push_back(connection);
  if (room)
    connection->read();
  else
    connection->refuse_and_close(503, "too many connections", kRetryAfterS);
}

void HttpServer::State::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (stopping) return;
    if (!error) {
      try {
        take(std::move(socket));
      } catch (const std::exception&) {
        // No memory for this client: the others are served on.
      }
      return accept();
    }
    accept_again.expires_after(kNoDescriptorsFor);
    accept_again.async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

HttpServer::HttpServer(const HttpOptions& options, Handler handler, Observe observe)
    : state_(std::make_unique<State>(options, std::move(handler), std::move(observe))) {
  state_->accept();
  state_->thread = std::thread([state = state_.get()] {
    for (;;) {
      try {
        state->context.run();
        return;
      } catch (const std::exception&) {
        // One client's trouble (no memory for its answer) ends that client.
      }
    }
  });
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  asio::post(state_->context, [state = state_.get()] {
    error_code ignored;
    state->stopping = true;
    state->acceptor.close(ignored);
    state->accept_again.cancel();
    for (const auto& weak : state->connections) {
      const auto one = weak.lock();
      if (one && one->reading() && !one->first()) one->close();
    }
  });
  const auto until = std::chrono::steady_clock::now() + grace;
  while (connections() > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(10));
}

HttpServer::~HttpServer() {
  state_->context.stop();
  state_->thread.join();
}

int HttpServer::port() const { return state_->port; }
std::size_t HttpServer::connections() const { return state_->connection_count; }

}  // namespace assay::service
