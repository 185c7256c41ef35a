// Requests of JSON over HTTP, many in flight at once: each is sent again, after a pause, until it is
// answered or has failed for good. Thread safety: send() and counts() are for any thread; all share
// one thread that moves the requests, and its cap on how many are in flight.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::endpoint {

struct ClientOptions {
  std::string key;  ///< sent as `Authorization: Bearer`; empty: none. Never in a message or a reply
  std::string certificates;  ///< a file of those that are trusted; empty: the system's
  int in_flight = 64;        ///< requests at once, those that wait to be sent again among them
  int attempts_max = 8;      ///< of a request; at most kAttemptsUnheard where nothing ever answered
  double connect_seconds = 10, total_seconds = 600;  ///< that an attempt may take
  /// The pause behind a failed attempt, which doubles from one to the next, less up to half of it by
  /// chance. A server's own word (Retry-After) comes first.
  double pause_first = 0.5, pause_max = 30;
};
/// A wrong address shall be told soon, a server that is away for a moment be waited for.
inline constexpr int kAttemptsUnheard = 3;
/// A server that wants more than these many seconds of patience has failed.
inline constexpr double kPatienceSeconds = 600;
inline constexpr std::size_t kReplyBytesMax = std::size_t{256} << 20;

struct Request {
  std::string url;
  std::string body;  ///< posted as JSON; empty: the URL is read
  /// Any body is an answer, and where the server sends on to another place it is read there. The key
  /// is not sent.
  bool is_file = false;
  std::size_t reply_bytes_max = kReplyBytesMax;
};

struct Reply {
  int status = 0;    ///< of HTTP; 0: nothing came
  std::string body;  ///< of the last attempt
  std::string
      trouble;  ///< why it failed for good, a visible line; empty: status 2xx, and the body is JSON
  bool good() const { return trouble.empty(); }
};

struct Counts {
  std::int64_t requests = 0, attempts = 0, retries = 0, failed = 0;
};

/// Thrown by send() where the caller's flag was set: the user wants an end.
struct Stopped {};

class Client {
 public:
  /// `stop` must outlive it. Throws assay::Error for a key that is no header.
  Client(ClientOptions options, const std::atomic<bool>& stop);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The next request, where there is room for one; none: there is no more, or none before another
  /// reply has arrived.
  using Next = std::function<std::optional<Request>()>;
  using Arrived = std::function<void(std::size_t index, const Reply& reply)>;
  /// Returns when there is no next request and each is answered or has failed for good. `arrived` hears
  /// of each the moment it is; `next` and `arrived` are called on the client's thread, one at a time,
  /// and may not call send(). What they throw comes out here; then no more of these are begun, and
  /// those in flight arrive. Throws Stopped.
  void send(const Next& next, const Arrived& arrived);
  void send(const std::vector<Request>& requests, const Arrived& arrived);
  /// The replies in order.
  std::vector<Reply> send(const std::vector<Request>& requests);
  Counts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The address without what a request adds: neither slash nor `/v1` at its end, nor what OpenAI has
/// behind that. Throws assay::Error (usage) where it is no http(s) address or holds a name or password;
/// `before` is what stands before the address on the command line.
std::string checked_address(const std::string& url, const std::string& before);

/// What a server says of an error, in the forms that are about: {"error": {"message"}}, {"error": ""},
/// {"message"}, {"detail"}; else the text. It may be long.
std::string words_of(const std::string& body);

/// `text` without the key, also where it is escaped as JSON may have it: what a server repeats of it
/// shall be in no message and no file. Keys that are too short for a secret, as servers without one are
/// given, stand for themselves.
std::string without_key(std::string text, const std::string& key);

}  // namespace assay::endpoint
