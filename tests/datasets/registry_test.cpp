#include "datasets/registry.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <set>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/support/data.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"

using assay::datasets::check;
using assay::datasets::FileState;
using assay::datasets::known_dataset;
using assay::datasets::load;
using assay::tests::Scratch;

/// Sets an environment variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST_CASE("a dataset that is not there: where was looked, and what to do") {
  const Scratch scratch;
  const Variable data("ASSAY_DATA", scratch.path("none")), home("HOME", scratch.path("home"));
  for (const char* part : {"HumanEval.jsonl.gz", "openai/human-eval",
                           "HumanEvalPlus-v0.1.10.jsonl.gz", "home/.local/share/assay",
                           "none/benchmarks", "ASSAY_DATA", "assay datasets fetch humaneval"}) {
    CAPTURE(part);
    CHECK_THROWS_WITH(load("humaneval"), doctest::Contains(part));
  }
  CHECK_THROWS_WITH(load("humanevil"),
                    doctest::Contains("known by name are builtin, humaneval and mbpp"));
  for (const FileState& state : check(*known_dataset("mbpp"))) {
    CHECK(state.state == FileState::State::missing);
    CHECK(state.detail.find("not found in") == 0);
  }
  CHECK(known_dataset("humanevil") == nullptr);
}

TEST_CASE("a changed or unreadable file is told by its content") {
  const Scratch scratch;
  const Variable data("ASSAY_DATA", scratch.path(".")), home("HOME", scratch.path("home"));
  scratch.write("HumanEval.jsonl", "changed\n");
  const std::string zipped = assay::tests::gzipped(std::string(1000, 'x'));
  scratch.write("benchmarks/HumanEvalPlus.jsonl.gz", zipped.substr(0, zipped.size() - 4));
  const auto states = check(*known_dataset("humaneval"));
  REQUIRE(states.size() == 2);
  CHECK(states[0].state == FileState::State::changed);
  CHECK(states[0].detail.find("get it again from GitHub openai/human-eval") != std::string::npos);
  CHECK(states[1].state == FileState::State::unreadable);
  CHECK(states[1].path == scratch.path("./benchmarks/HumanEvalPlus.jsonl.gz"));
}

TEST_CASE("builtin comes with the program") {
  const Variable data("ASSAY_DATA", "/nowhere"), home("HOME", "/nowhere");
  const auto dataset = load("builtin");
  CHECK(dataset.name == "builtin");
  CHECK(dataset.problems.size() >= 40);
  CHECK(!dataset.note.empty());
  const assay::datasets::ProblemIndex index(dataset);
  std::set<std::string> models;
  std::size_t rows = 0, unknown = 0;
  assay::datasets::read_builtin_samples([&](assay::datasets::Sample&& sample) {
    ++rows;
    models.insert(sample.model);
    unknown += index.find(sample.task_id) == nullptr;
  });
  CHECK(unknown == 0);
  CHECK(models.size() >= 5);
  CHECK(rows >= models.size() * dataset.problems.size() * 50);
}

TEST_CASE("a file of one's own by its path") {
  const Scratch scratch;
  const std::string path = scratch.write(
      "mine.jsonl",
      R"({"task_id": "M/0", "entry_point": "f", "reference": "def f(): return 1\n", "base": [[]]})");
  const auto dataset = load(path);
  CHECK(dataset.name == "mine");
  CHECK(dataset.version.starts_with("sha256:"));
  CHECK(dataset.problems.size() == 1);
}

TEST_CASE("the real files are the pinned ones, also unzipped, under any of their names") {
  const std::string file = assay::tests::data_file("benchmarks/HumanEval.jsonl.gz");
  ASSAY_NEEDS_DATA(file);
  const std::string folder = file.substr(0, file.rfind('/'));
  const Variable data("ASSAY_DATA", folder.substr(0, folder.rfind('/')));
  for (const char* name : {"humaneval", "mbpp"}) {
    for (const FileState& state : check(*known_dataset(name))) {
      CAPTURE(state.path);
      CHECK(state.state == FileState::State::good);
      CHECK(state.detail.empty());
    }
  }
  CHECK(load("humaneval").problems.size() == 164);
  CHECK(load("mbpp").problems.size() == 974);
  const Scratch scratch;
  const Variable copies("ASSAY_DATA", scratch.path("."));
  scratch.write("HumanEval.jsonl", assay::read_text_file(file));
  scratch.write("HumanEvalPlus.jsonl",
                assay::read_text_file(folder + "/HumanEvalPlus-v0.1.10.jsonl.gz"));
  for (const FileState& state : check(*known_dataset("humaneval"))) {
    CHECK(state.state == FileState::State::good);
  }
}
