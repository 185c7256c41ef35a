#include "harness/endpoint/client.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "tests/endpoint/scripted_server.h"

using namespace assay;
using namespace assay::endpoint;
using tests::http;
using tests::ScriptedServer;

namespace {

const std::atomic<bool> kGoOn = false;

ClientOptions hasty() {
  ClientOptions options;
  options.pause_first = 0.01;
  options.attempts_max = 4;
  return options;
}

Reply ask(const ScriptedServer& server, const ClientOptions& options = hasty()) {
  Client client(options, kGoOn);
  return client.send({{server.url() + "/x", "{\"a\":1}"}}).front();
}

}  // namespace

TEST_CASE("what passes is asked again until it is answered") {
  const std::string good = "{\"x\": \"" + std::string(5000, 'y') + "\"}";
  ScriptedServer server({http(500, "{}"), "", http(200, good, "", 100), http(200, good)});
  Client client(hasty(), kGoOn);
  const Reply reply = client.send({{server.url() + "/x", "{\"a\":1}"}}).front();
  CHECK(reply.good());
  CHECK(reply.body == good);
  CHECK(client.counts().requests == 1);
  CHECK(client.counts().attempts == 4);
  CHECK(client.counts().retries == 3);
  for (const std::string& request : server.requests()) {
    CHECK(request.starts_with("POST /x HTTP/1.1"));
    CHECK(request.ends_with("{\"a\":1}"));
  }
}

TEST_CASE("what will not pass is asked once") {
  for (const std::string& answer :
       {http(400, R"({"error": {"message": "no such field"}})"), http(401, "{}"),
        http(429, R"({"error": {"code": "insufficient_quota"}})"),
        http(503, "{}", "x-should-retry: false\r\n"), http(302, "{}", "Location: /y\r\n"),
        http(429, "{}", "Retry-After: 100000\r\n")}) {
    ScriptedServer server({answer});
    CHECK_FALSE(ask(server).good());
    CHECK(server.requests().size() == 1);
  }
  ScriptedServer server({http(400, R"({"error": {"message": "no such field"}})")});
  CHECK(ask(server).trouble == "HTTP 400: no such field");
}

TEST_CASE("a failure that lasts is told with the number of attempts") {
  ScriptedServer busy({http(503, R"({"message": "busy"})")});
  CHECK(ask(busy).trouble == "HTTP 503: busy (after 4 attempts)");
  ScriptedServer garbled({http(200, "{\"x\": ")});
  CHECK(ask(garbled).trouble == "its answer is not JSON: {\"x\":  (after 4 attempts)");
  std::string gone;
  {
    ScriptedServer server({""});
    gone = server.url();
  }
  Client client(hasty(), kGoOn);
  const Reply reply = client.send({{gone, "{}"}}).front();
  CHECK(reply.status == 0);
  CHECK(reply.trouble.ends_with("(after 3 attempts)"));  // where nobody was ever heard
}

TEST_CASE("a server that asks for patience is given it") {
  for (const char* header : {"Retry-After: 0.3\r\n", "retry-after-ms: 300\r\nRetry-After: 9\r\n"}) {
    ScriptedServer server({http(429, "{}", header), http(200, "{}")});
    const auto begun = std::chrono::steady_clock::now();
    CHECK(ask(server).good());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    CHECK(took.count() >= 0.3);
    CHECK(took.count() < 5);
  }
}

TEST_CASE("an attempt that takes too long is given up and made again") {
  // Half an answer, after which the connection stays open: the scripted server is busy with it.
  ClientOptions options = hasty();
  options.total_seconds = 0.2;
  options.attempts_max = 2;
  const Fd listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  listen(listening.get(), 8);
  socklen_t size = sizeof address;
  getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size);
  Client client(options, kGoOn);
  const Reply reply =
      client.send({{"http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "{}"}}).front();
  CHECK(reply.trouble.find("after 2 attempts") != reply.trouble.npos);
  CHECK(client.counts().attempts == 2);
}

TEST_CASE("a caller that is interrupted, or throws, is let go") {
  ScriptedServer server({http(500, "{}")});
  std::atomic<bool> stop = false;
  ClientOptions patient = hasty();
  patient.pause_first = patient.pause_max = 100;
  Client client(patient, stop);
  std::jthread signal([&] {
    while (server.requests().empty()) std::this_thread::yield();
    stop = true;
  });
  CHECK_THROWS_AS(client.send({{server.url(), "{}"}, {server.url(), "{}"}}), Stopped);

  ScriptedServer good({http(200, "{}")});
  ClientOptions one = hasty();
  one.in_flight = 1;
  Client other(one, kGoOn);
  const std::vector<Request> three(3, {good.url(), "{}"});
  CHECK_THROWS_WITH(other.send(three, [](std::size_t, const Reply&) { throw Error("enough"); }),
                    "enough");
  CHECK(good.requests().size() == 1);
  CHECK(other.send(three).size() == 3);  // it still works
}

TEST_CASE("the key is sent, and cut out of what the server says of it") {
  ClientOptions options = hasty();
  options.key = "sk-secret";
  ScriptedServer server({http(401, R"({"error": {"message": "no key sk-secret here"}})")});
  CHECK(ask(server, options).trouble == "HTTP 401: no key (the key) here");
  CHECK(server.requests()[0].find("Authorization: Bearer sk-secret\r\n") != std::string::npos);
  // Not in part either, where a long message is cut within it, nor behind a redirect, nor in a reply.
  options.key = "sk-live/" + std::string(60, 'k');
  const std::string echo = "Authorization: Bearer " + options.key;
  const std::string escaped = "sk-live\\/" + std::string(60, 'k');
  for (const std::string& answer :
       {http(401, R"({"error": {"message": ")" + std::string(250, '.') + echo + "\"}}"),
        http(401, std::string(270, '.') + echo), http(302, "{}", "Location: /?" + echo + "\r\n"),
        http(200, "<p>" + std::string(60, '.') + echo), http(200, "{\"you\": \"" + echo + "\"}"),
        http(400, "{\"detail\": \"" + escaped + "\"}")}) {
    ScriptedServer mirror({answer});
    const Reply reply = ask(mirror, options);
    for (const std::string& said : {reply.trouble, reply.body}) {
      CAPTURE(said);
      CHECK(said.find("sk-live") == std::string::npos);
      CHECK(said.find("kkkk") == std::string::npos);
    }
  }
  // What is given where no key is needed is no secret, and no answer may change by it.
  options.key = "1";
  ScriptedServer counts({http(200, R"({"text": "11"})")});
  CHECK(ask(counts, options).body == R"({"text": "11"})");
  options.key = "a\r\nHost: elsewhere";
  CHECK_THROWS_AS(Client(options, kGoOn), Error);
}

TEST_CASE("a server that spells the key as JSON escapes gets it into no message and no reply") {
  ClientOptions options = hasty();
  options.key = "sk-live/\\\"\u00e9" + std::string(20, 'k');
  std::string lower, upper, twice;
  for (std::string_view rest = options.key; !rest.empty();) {
    const Character one = first_character(rest);
    const auto point = static_cast<unsigned>(one.point);
    lower += fmt::format("\\u{:04x}", point);
    upper += fmt::format("\\u{:04X}", point);
    twice += fmt::format("\\\\u{:04x}", point);
    rest.remove_prefix(one.bytes);
  }
  const std::string mixed = "\\u0073k-live\\/\\\\\\\"\u00e9" + std::string(20, 'k');
  for (const std::string& form : {options.key, lower, upper, twice, mixed}) {
    CHECK(without_key("a " + form + form + "b", options.key) == "a (the key)(the key)b");
    const std::string less = form.substr(0, form.size() - 1);
    CHECK(without_key(less, options.key) == less);
  }
  const std::string backslashes(1 << 20, '\\');  // in a moment, not in an hour
  CHECK(without_key(backslashes, options.key) == backslashes);
  for (const std::string& form : {lower, upper, twice, mixed}) {
    ScriptedServer refuses({http(401, R"({"error": {"message": "bad key )" + form + "\"}}")});
    CHECK(ask(refuses, options).trouble == "HTTP 401: bad key (the key)");
    ScriptedServer says({http(200, R"({"text": "my )" + form + "\"}")});
    CHECK(ask(says, options).body == "{\"text\": \"my (the key)\"}");
  }
}

TEST_CASE("a good reply stands whatever its header asks, and whatever brackets its texts hold") {
  const std::string body = "{\"text\": \"\\\"" + std::string(1000, '[') + "\"}";
  ScriptedServer server({http(200, body, "Retry-After: 100000\r\n")});
  CHECK(ask(server).good());
}

TEST_CASE("a server cannot forge lines of the terminal by its message") {
  ScriptedServer forges(
      {http(400, R"({"error": {"message": "a\nassay: all is well\r\u001b[2J"}})")});
  CHECK(ask(forges).trouble == "HTTP 400: a\\x0aassay: all is well\\x0d\\x1b[2J");
  ScriptedServer page({http(200, "<p>\nassay: all is well")});
  CHECK(ask(page).trouble.find('\n') == std::string::npos);
  ScriptedServer sends_on({http(302, "{}", "Location: /\x1b[2J\r\n")});
  CHECK(ask(sends_on).trouble.find('\x1b') == std::string::npos);
}

TEST_CASE("what a server does that no other attempt mends is said in a sentence") {
  const auto trouble_of = [](const std::string& answer) {
    ScriptedServer server({answer});
    const std::string trouble = ask(server).trouble;
    CHECK(server.requests().size() == 1);
    return trouble;
  };
  CHECK(trouble_of(http(308, "", "Location: https://elsewhere/v1\r\n")) ==
        "HTTP 308: it sends on to https://elsewhere/v1; if that is right, name that address");
  CHECK(trouble_of(http(200, "data: {\"choices\": []}\n\ndata: [DONE]\n\n")) ==
        "it streams its answers though that was not asked for");
  // llama.cpp refuses several choices as if it had failed itself.
  CHECK(
      trouble_of(http(500, R"({"error": {"message": "Only one completion choice is allowed"}})")) ==
      "HTTP 500: Only one completion choice is allowed");
  // TLS spoken to who has none.
  ScriptedServer plain({http(200, "{}")});
  Client client(hasty(), kGoOn);
  const std::string url = "https" + plain.url().substr(4);
  CHECK(client.send({{url, "{}"}}).front().trouble.find("does it speak https") !=
        std::string::npos);
}

TEST_CASE("a proxy of the environment is used, and named where it is not there") {
  setenv("http_proxy", "http://127.0.0.1:9", 1);
  Client client(hasty(), kGoOn);
  const std::string trouble = client.send({{"http://model.invalid:8000", "{}"}}).front().trouble;
  ScriptedServer near({http(200, "{}")});
  CHECK(ask(near).good());  // the loopback needs none
  unsetenv("http_proxy");
  CHECK(trouble.find("http_proxy names a proxy") != std::string::npos);
}

TEST_CASE("addresses are brought into one form, and none may hold a name") {
  CHECK(checked_address("http://h:8000/v1/", "--policy") == "http://h:8000");
  CHECK(checked_address("https://h/api", "--policy") == "https://h/api");
  CHECK(checked_address("https://h/api/v1//", "--policy") == "https://h/api");
  CHECK(checked_address("http://[::1]:8000/v1", "--policy") == "http://[::1]:8000");
  CHECK(checked_address("http://h/v1/chat/completions", "--policy") == "http://h");
  CHECK(checked_address("http://h/v1/completions/", "--policy") == "http://h");
  for (const char* bad : {"h:8000", "file:///etc/passwd", "http://", "http://u:p@h"})
    CHECK_THROWS_AS(checked_address(bad, "--policy"), Error);
}
