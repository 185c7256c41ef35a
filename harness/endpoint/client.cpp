#include "harness/endpoint/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/base/text.h"

namespace assay::endpoint {

using nlohmann::json;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr std::size_t kShown = 300;    ///< of what a server says
constexpr std::size_t kSecretMin = 8;  ///< bytes of a key
constexpr std::string_view kKeyShown = "(the key)";
constexpr std::size_t kHexOfEscape = 4;  ///< digits, as JSON has them
constexpr int kDepthMax = 100;           ///< of JSON
constexpr long kRedirectsMax = 10;
constexpr int kPollMs = 100;  ///< after which the flag of the caller is looked at

struct Batch {
  const Client::Next& next;
  const Client::Arrived& arrived;
  std::size_t begun = 0, unanswered = 0;
  bool idle = false;  ///< there was nothing next; something may be when a reply has arrived
  bool ended = false, stopped = false;
  std::exception_ptr failure;
};

struct Job {
  Batch* batch;
  std::size_t index;
  Request request;
  int attempts = 0;
  std::string body;  ///< of the reply, as it comes
  bool too_long = false;
  char words[CURL_ERROR_SIZE] = "";
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* to) {
  Job& job = *static_cast<Job*>(to);
  job.too_long = job.body.size() + size * count > job.request.reply_bytes_max;
  if (job.too_long) return 0;
  job.body.append(bytes, size * count);
  return size * count;
}

/// Whether the same may go well a moment later.
bool passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer that is no HTTP
    case CURLE_BAD_CONTENT_ENCODING:
      return true;
    default:
      return false;
  }
}

/// Whether this JSON nests deeper than any answer does. Copying and comparing it goes down by a call a
/// level: a server could end the process.
bool nests_too_deep(const std::string& body) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDepthMax) return true;
  }
  return false;
}

/// Whether an error that usually passes is one that does not.
bool never_passes(const std::string& body) {
  return body.find("insufficient_quota") != body.npos ||
         body.find("Only one completion choice is allowed") != body.npos;  // llama.cpp, by a 500
}

std::optional<std::string> header(CURL* easy, const char* name) {
  curl_header* found = nullptr;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return std::nullopt;
  return found->value;
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
    return std::nullopt;
  return value;
}

/// How many seconds the server asks to wait.
std::optional<double> asked_to_wait(CURL* easy) {
  if (const auto text = header(easy, "retry-after-ms"))
    if (const auto milliseconds = number(*text)) return *milliseconds / 1000;
  const auto text = header(easy, "retry-after");
  if (!text) return std::nullopt;
  if (const auto seconds = number(*text)) return seconds;
  const std::time_t date = curl_getdate(text->c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::max(0.0, std::difftime(date, std::time(nullptr)));
}

bool is_loopback(const std::string& url) {
  const std::size_t begin = url.find("//");
  const std::string host = begin == url.npos ? "" : url.substr(begin + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

/// What the user may do about a failure of the connection; empty: nothing in particular.
std::string advice_on(CURLcode code, const std::string& url) {
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return "; the variable SSL_CERT_FILE names a file of certificates that are trusted";
  if (code == CURLE_SSL_CONNECT_ERROR) return "; does it speak https, or only http?";
  const bool unreached = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY ||
                         code == CURLE_OPERATION_TIMEDOUT;
  if (!unreached || is_loopback(url)) return "";
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    if (const char* proxy = std::getenv(name); proxy && *proxy)
      return fmt::format("; {} names a proxy, no_proxy the hosts that need none", name);
  return "";
}

}  // namespace

std::string checked_address(const std::string& url, const std::string& before) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts(curl_url(), curl_url_cleanup);
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  if (!http || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw Error(fmt::format("{0}{1}: write an address such as {0}http://HOST:8000", before, url),
                ExitCode::usage);
  char* name = nullptr;
  if (curl_url_get(parts.get(), CURLUPART_USER, &name, 0) == CURLUE_OK) {
    curl_free(name);
    throw Error(
        fmt::format("{}URL: the address holds a name before `@`, which would be printed; put "
                    "the key into an environment variable and name it by --api-key-env",
                    before),
        ExitCode::usage);
  }
  std::string base = url;
  while (base.ends_with('/')) base.pop_back();
  for (const std::string_view end : {"/v1/chat/completions", "/v1/completions", "/v1"}) {
    if (!base.ends_with(end)) continue;
    base.resize(base.size() - end.size());
    break;
  }
  return base;
}

std::string words_of(const std::string& body) {
  const json reply = json::parse(body, nullptr, false);
  const auto text_at = [](const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string()
               ? found->get<std::string>()
               : "";
  };
  if (reply.is_object()) {
    if (reply.contains("error"))
      if (const std::string text = text_at(reply["error"], "message"); !text.empty()) return text;
    for (const char* key : {"error", "message", "detail"})
      if (const std::string text = text_at(reply, key); !text.empty()) return text;
  }
  return body;
}

/// How many bytes of `text` from `at` on write the key, each of its characters as it is, behind
/// backslashes or as \uXXXX, however often that was escaped; 0: it is not there.
static std::size_t written(std::string_view text, std::size_t at, std::string_view key) {
  if (text.substr(at).starts_with(key)) return key.size();
  const std::size_t begin = at;
  while (!key.empty()) {
    const std::size_t run = std::min(text.find_first_not_of('\\', at), text.size()) - at;
    at += run;
    const Character next = first_character(key);
    std::uint32_t point = 0;
    if (run > 0 && at + kHexOfEscape < text.size() && text[at] == 'u') {
      const char* hex = text.data() + at + 1;
      const auto [end, error] = std::from_chars(hex, hex + kHexOfEscape, point, 16);
      if (error == std::errc() && end == hex + kHexOfEscape && point == next.point) {
        at += 1 + kHexOfEscape;
        key.remove_prefix(next.bytes);
        continue;
      }
    }
    if (run > 0 && key.front() == '\\') {
      key.remove_prefix(std::min(key.find_first_not_of('\\'), key.size()));
      continue;
    }
    if (at >= text.size() || text[at] != key.front()) return 0;
    ++at;
    key.remove_prefix(1);
  }
  return at - begin;
}

std::string without_key(std::string text, const std::string& key) {
  if (key.size() < kSecretMin) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool within = at > 0 && text[at - 1] == '\\';  // it was looked for from the first of them
    if (const std::size_t bytes = within ? 0 : written(text, at, key)) {
      out += kKeyShown;
      at += bytes;
    } else {
      out += text[at++];
    }
  }
  return out;
}

struct Client::State {
  State(ClientOptions given, const std::atomic<bool>& stopping)
      : options(std::move(given)),
        stop(stopping),
        jitter(std::random_device{}(), "jitter"),
        multi(curl_multi_init()) {
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");  // a pause of a second with some servers
    if (!options.key.empty())
      headers = curl_slist_append(headers, ("Authorization: Bearer " + options.key).c_str());
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.in_flight));
    worker = std::jthread([this] { work(); });
  }
  ~State() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    curl_multi_wakeup(multi);
    worker.join();
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void work();
  bool admit();
  std::unique_ptr<Job> next_of(Batch& batch);
  std::unique_ptr<Job> next();
  void begin(std::unique_ptr<Job> job);
  void end(CURL* easy, CURLcode code);
  void close(std::unique_ptr<Job> job, const Reply* reply);
  void forget(Batch& batch);
  void abandon();
  int pause_ms();

  const ClientOptions options;
  const std::atomic<bool>& stop;
  RandomStream jitter;
  CURLM* const multi;
  curl_slist* headers = nullptr;

  std::mutex mutex;  ///< guards the rest up to `counts`
  std::condition_variable done;
  std::vector<Batch*> incoming;
  bool ending = false;
  Counts counts;

  // The worker's alone.
  std::vector<Batch*> open;
  std::deque<std::unique_ptr<Job>> fresh;  ///< of batches that would else have nothing in flight
  std::multimap<Time, std::unique_ptr<Job>> later;
  std::set<CURL*> flying;
  Time nothing_before{};  ///< no attempt begins before this: a server has asked for patience
  bool heard = false;     ///< a server has answered, if only by an error
  std::jthread worker;
};

void Client::State::begin(std::unique_ptr<Job> job) {
  CURL* easy = curl_easy_init();
  ASSAY_INVARIANT(easy);
  job->body.clear();
  job->words[0] = 0;
  ++job->attempts;
  const Request& request = job->request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  if (is_loopback(request.url)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (!options.certificates.empty())
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.certificates.c_str());
  if (!request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  if (request.is_file) {
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kRedirectsMax);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(1000 * options.connect_seconds));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(1000 * options.total_seconds));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, job.get());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->words);
  {
    const std::lock_guard lock(mutex);
    ++counts.attempts;
    (job->attempts == 1 ? counts.requests : counts.retries) += 1;
  }
  curl_easy_setopt(easy, CURLOPT_PRIVATE, job.release());
  flying.insert(easy);
  curl_multi_add_handle(multi, easy);
}

/// Drops what of a batch is not in flight.
void Client::State::forget(Batch& batch) {
  const auto is_of = [&](const auto& job) { return job->batch == &batch; };
  const std::size_t before = fresh.size() + later.size();
  std::erase_if(fresh, is_of);
  std::erase_if(later, [&](const auto& one) { return is_of(one.second); });
  batch.unanswered -= before - fresh.size() - later.size();
}

/// The job is done: with a reply, or without where nobody waits for it any more.
void Client::State::close(std::unique_ptr<Job> job, const Reply* reply) {
  Batch& batch = *job->batch;
  --batch.unanswered;
  batch.idle = false;
  if (reply) {
    try {
      batch.arrived(job->index, *reply);
    } catch (...) {
      if (!batch.failure) batch.failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (!reply->good()) ++counts.failed;
  }
  if (batch.failure || batch.stopped) forget(batch);
  if (batch.unanswered > 0) return;
  if (auto another = next_of(batch)) fresh.push_back(std::move(another));
}

/// The next request of a batch; null where there is none now. With none in flight the batch has ended,
/// and is its caller's again.
std::unique_ptr<Job> Client::State::next_of(Batch& batch) {
  std::optional<Request> request;
  if (!batch.failure && !batch.stopped) {
    try {
      request = batch.next();
    } catch (...) {
      batch.failure = std::current_exception();
      forget(batch);
    }
  }
  if (request) {
    ++batch.unanswered;
    return std::make_unique<Job>(Job{&batch, batch.begun++, std::move(*request)});
  }
  batch.idle = true;
  if (batch.unanswered > 0) return nullptr;
  std::erase(open, &batch);
  const std::lock_guard lock(mutex);
  batch.ended = true;
  done.notify_all();
  return nullptr;
}

/// Of the first batch that has one.
std::unique_ptr<Job> Client::State::next() {
  if (!fresh.empty()) {
    std::unique_ptr<Job> job = std::move(fresh.front());
    fresh.pop_front();
    return job;
  }
  const std::vector<Batch*> all = open;  // those that have ended leave it
  for (Batch* batch : all) {
    if (batch->idle) continue;
    if (auto job = next_of(*batch)) return job;
  }
  return nullptr;
}

void Client::State::end(CURL* easy, CURLcode code) {
  char* owned = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owned);
  std::unique_ptr<Job> job(reinterpret_cast<Job*>(owned));
  long status = 0;
  if (code == CURLE_OK) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  const std::optional<double> wait = code == CURLE_OK ? asked_to_wait(easy) : std::nullopt;
  const std::optional<std::string> again =
      code == CURLE_OK ? header(easy, "x-should-retry") : std::nullopt;
  const std::optional<std::string> elsewhere =
      code == CURLE_OK ? header(easy, "location") : std::nullopt;
  curl_multi_remove_handle(multi, easy);
  curl_easy_cleanup(easy);
  flying.erase(easy);
  job->body = without_key(std::move(job->body), options.key);

  Reply reply;
  reply.status = static_cast<int>(status);
  bool retry = false;
  if (job->too_long) {
    reply.trouble = fmt::format("it is longer than the {} bytes that it may have",
                                job->request.reply_bytes_max);
  } else if (code != CURLE_OK) {
    reply.trouble = job->words[0] ? job->words : curl_easy_strerror(code);
    reply.trouble += advice_on(code, job->request.url);
    retry = passing(code);
  } else {
    heard = true;
    if (status < 200 || status > 299) {
      // What is sent on to another place might take the key there.
      const std::string words =
          status < 400 && elsewhere
              ? fmt::format("it sends on to {}; if that is right, name that address", *elsewhere)
              : words_of(job->body);
      reply.trouble =
          job->request.is_file
              ? fmt::format("the server answered {}", status)
              : fmt::format("HTTP {}: {}", status, cut(without_key(words, options.key), kShown));
      retry = status == 408 || status == 409 || status == 429 || status >= 500;
      if (never_passes(job->body)) retry = false;
      if (again == "true" || again == "false") retry = again == "true";
    } else if (job->request.is_file) {
      // Whatever it holds.
    } else if (job->body.starts_with("data:")) {
      reply.trouble = "it streams its answers though that was not asked for";
    } else if (nests_too_deep(job->body)) {
      reply.trouble = fmt::format("its answer nests more than {} levels deep", kDepthMax);
      retry = true;
    } else if (!json::accept(job->body)) {
      reply.trouble = "its answer is not JSON: " + std::string(cut(job->body, 100));
      retry = true;
    }
  }
  const int most = heard ? options.attempts_max : std::min(options.attempts_max, kAttemptsUnheard);
  if (!reply.good() && wait > kPatienceSeconds) {
    reply.trouble += fmt::format("; it asks to wait {:.0f} seconds", *wait);
    retry = false;
  }
  if (retry && job->attempts < most) {
    double pause = std::min(options.pause_max, std::ldexp(options.pause_first, job->attempts - 1));
    pause *= 1 - jitter.uniform() / 2;
    if (wait) pause = *wait + jitter.uniform() * options.pause_first / 4;
    const Time due = std::chrono::steady_clock::now() +
                     std::chrono::microseconds(static_cast<std::int64_t>(1e6 * pause));
    if (wait && status == 429) nothing_before = std::max(nothing_before, due);
    later.emplace(due, std::move(job));
    return;
  }
  if (retry) reply.trouble += fmt::format(" (after {} attempts)", job->attempts);
  reply.trouble = visible_line(without_key(std::move(reply.trouble), options.key));
  reply.body = std::move(job->body);
  close(std::move(job), &reply);
}

/// Begins what may begin. False where the worker shall end.
bool Client::State::admit() {
  {
    const std::lock_guard lock(mutex);
    if (ending) return false;
    open.insert(open.end(), incoming.begin(), incoming.end());
    incoming.clear();
  }
  const Time now = std::chrono::steady_clock::now();
  if (now < nothing_before) return true;
  while (flying.size() < static_cast<std::size_t>(options.in_flight)) {
    const bool due = !later.empty() && later.begin()->first <= now;
    // One that waits keeps its place: a server in trouble is not asked for ever more.
    const bool room = flying.size() + later.size() < static_cast<std::size_t>(options.in_flight);
    auto job = due ? std::move(later.extract(later.begin()).mapped()) : room ? next() : nullptr;
    if (!job) break;
    begin(std::move(job));
  }
  return true;
}

void Client::State::abandon() {
  for (Batch* batch : open) batch->stopped = true;
  const std::set<CURL*> all = std::exchange(flying, {});
  for (CURL* easy : all) {
    char* owned = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owned);
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    close(std::unique_ptr<Job>(reinterpret_cast<Job*>(owned)), nullptr);
  }
  const std::vector<Batch*> rest = open;  // those of which nothing is in flight
  for (Batch* batch : rest) {
    forget(*batch);
    next_of(*batch);
  }
}

int Client::State::pause_ms() {
  Time next = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPollMs);
  if (!later.empty() && flying.size() < static_cast<std::size_t>(options.in_flight))
    next = std::min(next, std::max(later.begin()->first, nothing_before));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      next - std::chrono::steady_clock::now());
  return std::clamp(static_cast<int>(left.count()) + 1, 1, kPollMs);
}

void Client::State::work() {
  while (admit()) {
    int running = 0;
    curl_multi_perform(multi, &running);
    bool ended = false;
    for (int rest = 0; CURLMsg* message = curl_multi_info_read(multi, &rest);) {
      if (message->msg != CURLMSG_DONE) continue;
      end(message->easy_handle, message->data.result);
      ended = true;
    }
    if (stop) abandon();
    if (!ended) curl_multi_poll(multi, nullptr, 0, pause_ms(), nullptr);
  }
  abandon();
}

Client::Client(ClientOptions options, const std::atomic<bool>& stop) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  ASSAY_INVARIANT(ready == CURLE_OK);
  for (const char c : options.key) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      throw Error("the key holds a space, a line end or another control character",
                  ExitCode::usage);
  }
  state_ = std::make_unique<State>(std::move(options), stop);
}

Client::~Client() = default;

void Client::send(const Next& next, const Arrived& arrived) {
  Batch batch{next, arrived};
  std::unique_lock lock(state_->mutex);
  state_->incoming.push_back(&batch);
  curl_multi_wakeup(state_->multi);
  state_->done.wait(lock, [&] { return batch.ended; });
  if (batch.failure) std::rethrow_exception(batch.failure);
  if (batch.stopped) throw Stopped();
}

void Client::send(const std::vector<Request>& requests, const Arrived& arrived) {
  std::size_t begun = 0;
  send(
      [&]() -> std::optional<Request> {
        if (begun == requests.size()) return std::nullopt;
        return requests[begun++];
      },
      arrived);
}

std::vector<Reply> Client::send(const std::vector<Request>& requests) {
  std::vector<Reply> replies(requests.size());
  send(requests, [&](std::size_t i, const Reply& reply) { replies[i] = reply; });
  return replies;
}

Counts Client::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

}  // namespace assay::endpoint
