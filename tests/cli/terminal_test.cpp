#include "harness/cli/terminal.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "tests/support/fake_clock.h"

using namespace assay;
using namespace assay::cli;
using namespace std::chrono_literals;

namespace {
/// Standard error is a pipe while it lives.
class Captured {
 public:
  Captured() : before_(dup(STDERR_FILENO)) {
    int ends[2];
    REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
    far_ = Fd(ends[0]);
    const Fd near(ends[1]);
    dup2(near.get(), STDERR_FILENO);
  }
  ~Captured() { dup2(before_.get(), STDERR_FILENO); }
  std::string read() {
    char buffer[4096];
    const ssize_t count = ::read(far_.get(), buffer, sizeof buffer);
    return std::string(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
  }

 private:
  Fd before_, far_;
};
}  // namespace

TEST_CASE("off a terminal progress is a line every half minute") {
  // A run of hours under a scheduler, or in CI, said nothing until its end.
  std::string early, due, soon, later, quiet;
  {
    Captured standard_error;
    tests::FakeClock time;
    ProgressBar bar(false, time);
    bar.show("judging", 0, 100);
    time.advance(29s);
    bar.show("judging", 50, 100);
    early = standard_error.read();
    time.advance(2s);
    bar.show("judging", 62, 100);
    due = standard_error.read();
    bar.show("judging", 100, 100);
    soon = standard_error.read();
    time.advance(30s);
    bar.show("style\x1b", 1, 2);
    later = standard_error.read();
    ProgressBar none(true, time);
    time.advance(60s);
    none.show("judging", 1, 2);
    quiet = standard_error.read();
  }
  CHECK(early == "");
  CHECK(due == "judging: 62 of 100 (2/s, 0:19 left)\n");
  CHECK(soon == "");
  CHECK(later == "style\\x1b: 1 of 2 (0/s)\n");
  CHECK(quiet == "");
}
