#include "datasets/sample.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "harness/base/error.h"
#include "tests/support/data.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"

using assay::Error;
using assay::LineReader;
using assay::datasets::Sample;
using assay::tests::Scratch;

static std::vector<Sample> all(const std::string& text) {
  std::vector<Sample> samples;
  assay::datasets::read_samples(LineReader("s.jsonl", text),
                                [&](Sample&& sample) { samples.push_back(std::move(sample)); });
  return samples;
}

TEST_CASE("rows with completion or solution, and what else they may say") {
  const auto samples = all(
      "{\"task_id\": \"HumanEval/0\", \"completion\": \"    return 1\\r\\n\"}\r\n"
      "\n"
      "{\"task_id\": 2, \"solution\": \"\", \"model\": \"m\", \"sample_id\": 7, \"language\": \"py\", \"prompt\": [1]}\n"
      "{\"task_id\": \"x\", \"solution\": \"a\\u0000\", \"model\": null, \"sample_id\": \"s\"}");
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].is_completion);
  CHECK(samples[0].text == "    return 1\r\n");  // exactly as given
  CHECK(samples[0].place.line == 1);
  CHECK(samples[0].place.file == "s.jsonl");
  CHECK(!samples[1].is_completion);
  CHECK(samples[1].task_id == "2");
  CHECK(samples[1].model == "m");
  CHECK(samples[1].sample_id == "7");
  CHECK(samples[1].language == "py");
  CHECK(samples[1].place.line == 3);
  CHECK(samples[2].text == std::string("a\0", 2));
  CHECK(samples[2].model == "");
  CHECK(samples[2].sample_id == "s");
}

TEST_CASE("a byte order mark before a whole program goes, as Python drops one from a file") {
  // It was called a syntax error.
  CHECK(all("{\"task_id\": \"x\", \"solution\": \"\\ufeffpass\"}")[0].text == "pass");
  CHECK(all("{\"task_id\": \"x\", \"completion\": \"\\ufeffpass\"}")[0].text == "\xEF\xBB\xBFpass");
}

TEST_CASE("a bad row is refused by file, line and key") {
  const std::string good = "{\"task_id\": \"a\", \"solution\": \"\"}\n";
  const auto refused = [&](const std::string& row, const char* what) {
    CAPTURE(row);
    CHECK_THROWS_WITH(all(good + row), doctest::Contains(what));
    CHECK_THROWS_WITH(all(good + row), doctest::Contains("s.jsonl:2: "));
  };
  refused(R"({"solution": "x"})", "the key \"task_id\" is missing");
  refused(R"({"task_id": "x"})", "neither \"completion\"");
  refused(R"({"task_id": "x", "completion": "", "solution": ""})", "both");
  refused(R"({"task_id": "x", "completion": 1})", "\"completion\" is not a string");
  refused(R"({"task_id": "x", "solution": null})", "\"solution\" is not a string");
  refused(R"({"task_id": ["x"], "solution": ""})", "\"task_id\" is not a string");
  refused(R"({"task_id": "x", "solution": "", "model": 3})", "\"model\" is not a string");
  refused(R"([1])", "the row is not a JSON object");
  refused(R"({"task_id": "x", "solution")", "malformed JSON");
  refused("{\"task_id\": \"x\", \"solution\": \"caf\xe9\"}",
          "\"solution\": not UTF-8 (byte 0xE9); where the file is Latin-1");
  refused(R"({"task_id": "x", "solution": "\ud800"})", "\"solution\": malformed JSON");
  refused(R"({"task_id": "x", "solution": ""}{"task_id": "y", "solution": ""})", "one row");
  refused(R"({'task_id': 'x', 'solution': ''})", "byte 2: single quotes are Python's");
  for (const char* key : {"task_id", "model", "sample_id"}) {
    const std::string row =
        R"({"task_id": "x", "solution": "", ")" + std::string(key) + R"(": "a\u001b[31m"})";
    refused(row, "holds a control character");
  }
}

TEST_CASE("what stands under keys that nobody reads is no reason to refuse a row") {
  // Half a letter in "raw_answer" refused the file (case 16), as did a list nested 300 deep.
  const auto samples = all(
      "{\"raw_answer\": \"\\udcb2 stray \\\" }\", \"deep\": " + std::string(300, '[') +
      "{\"]\": 01}" + std::string(300, ']') +
      ", \"task_id\": \"a\", \"solution\": \"x\", \"latin\": \"\xe9\"}\n" +
      R"({"solution": "1", "task\u005fid": "b", "n": NaN, "solution": "2", "meta": {"solution": 3}})");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].text == "x");
  CHECK(samples[1].task_id == "b");
  CHECK(samples[1].text == "2");  // as Python reads it
}

TEST_CASE("bad rows go to whoever asks for them, and those after them are read") {
  const std::string good = R"({"task_id": "a", "solution": ""})";
  const std::string half = R"({"task_id": "b", "solution": "\ud835"})";
  const auto read = [](const std::string& text) {
    std::string seen;
    assay::datasets::read_samples(
        LineReader("s", text), [&](Sample&& sample) { seen += sample.place.text() + " "; },
        [&](const assay::datasets::RowError& error) { seen += "!" + error.place.text() + " "; });
    return seen;
  };
  CHECK(read(good + "\n{\n\n" + half + "\n" + good) == "s:1 !s:2 !s:4 s:5 ");
  CHECK(read("[" + half + ",\n" + good + ", 3]") == "!s, row 1 s, row 2 !s, row 3 ");
  CHECK_THROWS_WITH(read("[" + good + ",\n"), doctest::Contains("s: malformed JSON at byte"));
  // Reading broke off at a line beyond the limit.
  const Scratch scratch;
  const std::string path = scratch.write(
      "long.jsonl",
      good + "\n" + std::string(assay::datasets::kSampleBytesMax + 1, ' ') + "\n" + good);
  std::string seen;
  assay::datasets::read_samples(
      path, [&](Sample&& sample) { seen += std::to_string(sample.place.line) + " "; },
      [&](const assay::datasets::RowError& error) { seen += error.what_is_wrong + " "; });
  CHECK(seen == "1 the line is longer than 16 MiB 3 ");
}

TEST_CASE("empty, missing and truncated sample files") {
  CHECK_THROWS_WITH(all(""), "s.jsonl: the file is empty");
  CHECK_THROWS_WITH(all("\n\n"), "s.jsonl: the file is empty");
  const std::string zipped = assay::tests::gzipped(std::string(100, ' ') + "{\"task_id\": \"x\"}");
  CHECK_THROWS_AS(all(zipped.substr(0, zipped.size() - 8)), Error);
  CHECK_THROWS_WITH(assay::datasets::read_samples("no/such/file", [](Sample&&) {}),
                    doctest::Contains("no/such/file"));
}

TEST_CASE("a folder's names are names, and its programs files of a program's size") {
  const Scratch scratch;
  scratch.write("HumanEval_0/0.py", "x = 1\n");
  scratch.write("HumanEval_0/a\xff.py", "x = 1\n");
  CHECK_THROWS_WITH(assay::datasets::read_samples(scratch.path("."), [](Sample&&) {}),
                    doctest::Contains("its name is not UTF-8"));
  const Scratch other;
  other.write("HumanEval_0/0.py", std::string(assay::datasets::kSampleBytesMax + 1, ' '));
  CHECK_THROWS_WITH(assay::datasets::read_samples(other.path("."), [](Sample&&) {}),
                    doctest::Contains("is larger than 16 MiB"));
}

TEST_CASE("numbers beyond 64 bits in a folder's names leave an order") {
  // "10", "5000...0" and "9" went round in a circle, which std::sort must not meet.
  const Scratch scratch;
  for (const char* name : {"10", "9", "500000000000000000000000000000", "x"}) {
    scratch.write("HumanEval_0/" + std::string(name) + ".py", "");
  }
  std::string seen;
  assay::datasets::read_samples(scratch.path("."),
                                [&](Sample&& sample) { seen += sample.sample_id + " "; });
  CHECK(seen == "9 10 500000000000000000000000000000 x ");
}

TEST_CASE("EvalPlus's folder form comes in the order of its numbers") {
  const Scratch scratch;
  scratch.write("HumanEval_10/0.py", "ten");
  scratch.write("HumanEval_2/10.py", "c");
  scratch.write("HumanEval_2/0.py", "a\r\n");
  scratch.write("HumanEval_2/2.py", "b");
  scratch.write("HumanEval_2/notes.txt", "no");
  scratch.write("readme", "no");
  std::string seen;
  assay::datasets::read_samples(scratch.path("."), [&](Sample&& sample) {
    CHECK(!sample.is_completion);
    seen += sample.task_id + ":" + sample.sample_id + "=" + sample.text + " ";
  });
  CHECK(seen == "HumanEval/2:0=a\r\n HumanEval/2:2=b HumanEval/2:10=c HumanEval/10:0=ten ");
  const Scratch empty;
  CHECK_THROWS_WITH(assay::datasets::read_samples(empty.path("."), [](Sample&&) {}),
                    doctest::Contains("holds no samples"));
}

TEST_CASE("the real sample files are read whole") {
  struct Known {
    const char* file;
    std::size_t rows, tasks, models;
    bool completions;
  };
  for (const Known& known : {Known{"codegen-16b-mono-t0.8-n100", 16400, 164, 1, true},
                             Known{"codex-davinci-002-n20", 3220, 161, 1, true},
                             Known{"open-models-94-runs-n1", 15416, 164, 94, false}}) {
    const std::string path =
        assay::tests::data_file("samples/humaneval-" + std::string(known.file) + ".jsonl.gz");
    ASSAY_NEEDS_DATA(path);
    std::size_t rows = 0, completions = 0;
    std::set<std::string> tasks, models;
    assay::datasets::read_samples(path, [&](Sample&& sample) {
      ++rows;
      completions += sample.is_completion;
      tasks.insert(sample.task_id);
      models.insert(sample.model);
      CHECK(sample.place.line == rows);
    });
    CHECK(rows == known.rows);
    CHECK(tasks.size() == known.tasks);
    CHECK(models.size() == known.models);
    CHECK(completions == (known.completions ? known.rows : 0));
  }
}

TEST_CASE(
    "LiveCodeBench's list of programs by problem is read in order, and what is wrong with it is said") {
  const auto samples = all(
      R"([{"question_id": "abc001_a", "code_list": ["a", ""]}, {"question_id": 2777, "code_list": ["b"]}])");
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].task_id == "abc001_a");
  CHECK(samples[0].text == "a");
  CHECK(!samples[0].is_completion);
  CHECK(samples[0].sample_id == "");
  CHECK(samples[1].task_id == "abc001_a");
  CHECK(samples[1].text == "");
  CHECK(samples[2].task_id == "2777");
  CHECK_THROWS_WITH(all(R"([{"question_id": "a", "code_list": "x"}])"),
                    "s.jsonl, row 1: \"code_list\" is not a list of programs");
  CHECK_THROWS_WITH(all(R"([{"code_list": ["x"]}])"),
                    "s.jsonl, row 1: the key \"question_id\" is missing or empty");
  CHECK_THROWS_WITH(all(R"([["x"], ["y"]])"), "s.jsonl, row 1: the row is not a JSON object");
}
