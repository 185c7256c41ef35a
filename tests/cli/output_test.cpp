#include "harness/cli/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/fd.h"

using namespace assay;
using namespace assay::cli;

namespace {
/// What an Output writes, read back through a socket, which buffers it.
struct Pair {
  Fd near, far;
  Pair() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    near = Fd(ends[0]), far = Fd(ends[1]);
  }
  std::string read() {
    char buffer[4096];
    const ssize_t count = recv(far.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return std::string(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
  }
};
constexpr const char* kHostile = "m\x1b]0;pwn\x07\u202e\n\x9b";
}  // namespace

TEST_CASE("a name in a sentence is one harmless line") {
  // `limits` printed the model name of a sample file as it was: ESC and OSC reached the terminal.
  Pair pair;
  Output out(pair.near.get(), Output::Kind::data);
  out.say("{}: {} samples\n", std::string(kHostile), 3);
  out.flush();
  CHECK(pair.read() == "m\\x1b]0;pwn\\x07\\u202e\\x0a\\x9b: 3 samples\n");
  out.write(kHostile);
  out.flush();
  CHECK(pair.read() == "m\\x1b]0;pwn\\x07\\u202e\n\\x9b");
}

TEST_CASE("a progress bar writes over its line and lets a name do nothing") {
  Pair pair;
  Output bar(pair.near.get(), Output::Kind::messages);
  bar.write_over(std::string("judging ") + kHostile);
  CHECK(pair.read() == "\rjudging m\\x1b]0;pwn\\x07\\u202e\\x0a\\x9b\x1b[K");
}

TEST_CASE("a message comes behind the data printed before it") {
  Pair pair;
  Output out(pair.near.get(), Output::Kind::data);
  Output messages(pair.near.get(), Output::Kind::messages, &out);
  out.write("data\n");
  CHECK(pair.read().empty());
  messages.write("message\n");
  CHECK(pair.read() == "data\nmessage\n");
}

TEST_CASE("a full disk is an error, a reader that left is none, and lost messages are ignored") {
  // `assay datasets list > /dev/full` ended with exit code 0.
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  Output out(full.get(), Output::Kind::data);
  out.write("data\n");
  CHECK_THROWS_AS(out.flush(), Error);
  CHECK_THROWS_AS(out.flush(), Error);  // it stays one
  Output messages(full.get(), Output::Kind::messages);
  CHECK_NOTHROW(messages.write("message\n"));
  CHECK_NOTHROW(messages.flush());

  Pair pair;
  pair.far.reset();
  const auto before = signal(SIGPIPE, SIG_IGN);
  Output gone(pair.near.get(), Output::Kind::data);
  gone.write("data\n");
  CHECK_THROWS_AS(gone.flush(), ReaderGone);
  signal(SIGPIPE, before);
}

TEST_CASE("JSON is ASCII whatever it holds, and reads back") {
  // A name that is not UTF-8 ended every --json with "unexpected"; U+009B and U+202E went out raw.
  const std::string text = json_text({{"m", "a\u009b\u202e\u00e9\U0001F600\x7f"}, {"bad", "\x9b"}});
  for (const char c : text) CHECK((c >= 0x20 && c < 0x7f));
  const auto back = nlohmann::json::parse(text);
  CHECK(back["m"] == "a\u009b\u202e\u00e9\U0001F600\x7f");
  CHECK(back["bad"] == "\uFFFD");
}

TEST_CASE("a text in CSV is no formula") {
  // `rates --csv` wrote a model named `=1+1` as it was: a spreadsheet computes it.
  CHECK(csv_text("=1+1") == "'=1+1");
  CHECK(csv_text("@SUM(1)") == "'@SUM(1)");
  CHECK(csv_text("+1") == "'+1");
  CHECK(csv_text("-1") == "'-1");
  CHECK(csv_text("\t=1") == "'\\x09=1");
  CHECK(csv_text("\r=1") == "'\\x0d=1");
  CHECK(csv_text("=HYPERLINK(\"http://x\",1)") == "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
  CHECK(csv_text("gpt-4, new") == "\"gpt-4, new\"");
  CHECK(csv_text("gpt-4") == "gpt-4");
  CHECK(csv_text("") == "");
}
