#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "tests/sandbox/jobs.h"

using namespace assay;
using namespace assay::sandbox;

static Config with_tmp(std::uint64_t mib) {
  Config config;
  config.tmp_mib = mib;
  return config;
}

static bool granted() { return probe(Config{}).level == Level::full; }

TEST_CASE(
    "sandbox tmp: files of every day, in /tmp and in the current folder, and none elsewhere") {
  if (!granted()) return;
  Worker worker(with_tmp(4));
  const std::string program =
      "import os, tempfile\n"
      "def f(i):\n"
      "    with tempfile.TemporaryDirectory() as d, open(d + '/x', 'w+') as g, open('y', 'w') as h:\n"
      "        g.write('text'); g.seek(0); os.rename(d + '/x', '/tmp/z')\n"
      "        got = [g.read(), sorted(os.listdir('/tmp')) == sorted([d[5:], 'y', 'z'])]\n"
      "    for path in '/x', '/private/x', os.path.dirname(os.__file__) + '/x':\n"
      "        try: open(path, 'w'); got.append(path)\n"
      "        except OSError as e: got.append(e.errno in (1, 13, 30))\n"
      "    return got\n";
  const Ran ran = run(worker, program);
  REQUIRE_MESSAGE(ran.replies.size() == 1, ran.outcome.message);
  CHECK(ran.replies[0] == "['text', True, True, True, True]");
  CHECK(worker.interpreter().identity().find(", /tmp of 4 MiB") != std::string::npos);
  CHECK(worker.restarts() == 0);
}

// A name, a room or a number that another program left would be a message to this one.
TEST_CASE("sandbox tmp: each program finds it empty, in a checker and for references too") {
  if (!granted()) return;
  Worker worker(with_tmp(4));
  const std::string program =
      "import os\n"
      "room = os.statvfs('/tmp')\n"
      "seen = os.listdir('/tmp'), room.f_blocks - room.f_bfree, room.f_files - room.f_ffree > 1\n"
      "open('/tmp/made', 'w').write('x' * 100000)\n"
      "number = os.stat('/tmp/made').st_ino\n"
      "for i in range(1000): open(str(i), 'w').close()\n"
      "def f(i): return seen, number\n";
  const Ran first = run(worker, program);
  REQUIRE_MESSAGE(first.replies.size() == 1, first.outcome.message);
  CHECK(first.replies[0].starts_with("(([], 0, False)"));
  CheckJob job;
  job.program = program;
  job.checker = "import os\nassert os.listdir('/tmp') == [] and f(0)[0][0] == []\nopen('t', 'w')";
  job.entry_point = "f";
  for (int again = 0; again < 3; ++again) {
    CHECK(run(worker, program).replies == first.replies);
    CHECK(worker.check(job).end == End::completed);
  }
  CHECK(worker.restarts() == 0);
}

TEST_CASE("sandbox tmp: its room and the number of its files are bounded") {
  if (!granted()) return;
  Worker worker(with_tmp(2));
  const Ran ran = run(worker,
                      "import os\n"
                      "def f(i):\n"
                      "    n = 0\n"
                      "    try:\n"
                      "        with open('x', 'wb', 0) as g:\n"
                      "            while n < 100: n += g.write(b'x' * 65536) // 65536\n"
                      "    except OSError: pass\n"
                      "    os.remove('x'); k = 0\n"
                      "    try:\n"
                      "        while k < 10000: open(str(k), 'w').close(); k += 1\n"
                      "    except OSError: pass\n"
                      "    return n, k < 4100\n");
  REQUIRE_MESSAGE(ran.replies.size() == 1, ran.outcome.message);
  CHECK(ran.replies[0] == "(32, True)");
}

TEST_CASE("sandbox tmp: where it cannot be private it is refused, and nothing is weakened") {
  Config config = with_tmp(4);
  config.level_max = Level::no_namespace;
  config.allow_weaker = true;
  std::string said;
  try {
    Worker worker(config);
  } catch (const Error& error) {
    said = error.what();
  }
  CHECK(said.starts_with("--tmp: a private /tmp takes namespaces (level full)"));
}
