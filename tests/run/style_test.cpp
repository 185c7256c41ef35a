#include "harness/run/style.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::run;

namespace {

StyleReader& reader() {
  static StyleReader shared{sandbox::Config{}};
  return shared;
}

store::Style style_of(const std::string& text) {
  const auto styles = reader().read({text});
  REQUIRE(styles.size() == 1);
  REQUIRE(styles[0]);
  return *styles[0];
}

const std::string kPlain =
    "def add_up(first, secondNumber):\n"
    "    # the sum\n"
    "    total = first + secondNumber\n"
    "    if total < 0 and first:\n"
    "        return 0\n"
    "\n"
    "    return total\n";

}  // namespace

TEST_CASE("style of a program, counted by hand") {
  const store::Style style = style_of(kPlain);
  CHECK(style.lines == 6);
  CHECK(style.characters == 32 + 13 + 32 + 27 + 16 + 16);
  CHECK(style.line_longest == 32);
  CHECK(style.comment_lines == 1);
  CHECK(style.names == 4);  // add_up, first, secondNumber, total
  CHECK(style.names_snake == 3);
  CHECK(style.names_camel == 3);  // a name of one word is both
  CHECK(style.functions == 1);
  CHECK(style.function_longest == 7);
  if (reader().measured_by().find("no ") == std::string::npos) {
    CHECK(style.findings == 0);
    CHECK(style.complexity == 2);
    CHECK(style.reason.empty());
    CHECK(style_of("def f( x ):\n  return x;\n").findings == 4);  // E201 E202 E111 E703
    CHECK(style_of("x=1  # noqa\n").findings == 1);               // no remark silences the checker
    CHECK(style_of("x = 1").findings == 0);                       // where a completion was cut
  }
}

TEST_CASE("a text that cannot be parsed says so, and what can be counted is") {
  const store::Style style = style_of("def f(:\n    return 1\n");
  CHECK(style.lines == 2);
  CHECK_FALSE(style.names);
  CHECK(style.reason.find("ast: SyntaxError") != std::string::npos);
}

TEST_CASE("no text speaks for another, whatever it holds") {
  std::string nested(3000, '('), wide = "x = [" + std::string(400000, '1');
  const std::vector<std::string> hostile = {
      "import os\nos._exit(0)\n",
      nested,
      "x = " + std::string(5000, '-') + "1\n",
      std::string("a\0b = 1\n", 8),
      "\xff\xfe = '\xed\xa0\x80'\n",
      "# -*- coding: utf-16 -*-\nx = 1\n",
      "def f():\n" + std::string(3000, ' ') + "return 1\n",
      "raise SystemExit\n",
      "import sys\nsys.modules['pycodestyle'] = None\nast = tokenize = None\n",
      wide,
      ""};
  std::vector<std::string> texts;
  for (const std::string& text : hostile) texts.push_back(text), texts.push_back(kPlain);
  const auto styles = reader().read(texts);
  REQUIRE(styles.size() == texts.size());
  const store::Style plain = style_of(kPlain);
  for (std::size_t i = 1; i < styles.size(); i += 2) {
    REQUIRE(styles[i]);
    for (const auto& named : store::style_fields())
      CHECK_MESSAGE((*styles[i]).*named.second == plain.*named.second,
                    named.first << " after " << i);
  }
}

TEST_CASE("without the libraries their numbers are absent with the reason") {
  tests::Scratch scratch;
  const std::string folder = scratch.path("bare");
  if (std::system(
          ("/usr/bin/python3 -m venv --without-pip " + folder + " >/dev/null 2>&1").c_str())) {
    MESSAGE("skipped: no python3 -m venv");
    return;
  }
  sandbox::Config config;
  config.python = folder + "/bin/python3";
  StyleReader bare(config);
  CHECK(bare.measured_by().find("no pycodestyle, no mccabe") != std::string::npos);
  const auto style = bare.read({kPlain}).front();
  REQUIRE(style);
  CHECK(style->names == 4);
  CHECK_FALSE(style->findings);
  CHECK_FALSE(style->complexity);
  CHECK(style->reason.find("pycodestyle is not installed") != std::string::npos);
}

TEST_CASE("what passed is measured once, and again only by better means") {
  tests::Scratch scratch;
  const auto database = store::open(scratch.path("s.db"), true);
  const auto dataset = store::put_dataset(*database, "d", "1", "");
  datasets::Problem problem;
  problem.task_id = "T/0";
  const auto problem_id = store::put_problem(*database, dataset, 0, problem);
  const auto suite = store::put_suite(*database, problem_id, "base", "h", 1);
  const auto model = store::put_model(*database, "m");
  store::Verdict verdict;
  verdict.suite_id = suite;
  verdict.condition_id = store::put_condition(*database, {"{}", "strict", "3.11"});
  verdict.run_id =
      store::begin_run(*database, {dataset, verdict.condition_id, "full", "assay run", "{}", "{}"});
  const auto add = [&](const std::string& id, const std::string& text, const char* status) {
    REQUIRE(store::put_sample(*database, {problem_id, model, id, text, text, "solution"}) ==
            store::Put::added);
    verdict.program_id = store::put_program(*database, text);
    verdict.status = store::status_named(status).value();
    store::put_verdict(*database, verdict);
  };
  add("0", kPlain, "pass");
  add("1", kPlain + "# wrong\n", "fail");
  std::atomic<bool> stop = false;
  const auto measure = [&] {
    return measure_style(*database, dataset, {model}, {}, launch_worker, 2, nullptr, stop).measured;
  };
  CHECK(measure() == 1);
  CHECK(measure() == 0);
  const auto id = store::put_program(*database, kPlain);
  REQUIRE(store::find_style(*database, id));
  CHECK(store::find_style(*database, id)->names == 4);
  store::Style poor;
  poor.reason = "pycodestyle is not installed beside the interpreter";
  store::put_style(*database, id, "Python 2", poor);
  CHECK(measure() == 1);
  CHECK(store::find_style(*database, id)->names == 4);
}

TEST_CASE("no interpreter, no style: said in a sentence, not thrown") {
  tests::Scratch scratch;
  const auto database = store::open(scratch.path("s.db"), true);
  const std::atomic<bool> stop = false;
  sandbox::Config config;
  config.python = scratch.path("nothing");
  CHECK(measure_style(*database, 1, {1}, config, launch_worker, 1, nullptr, stop)
            .trouble.empty());  // nothing to do
  CHECK_THROWS_AS(StyleReader{config}, Error);
}
