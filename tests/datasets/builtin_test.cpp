// The built-in benchmark as the readers see it. That its files are as made, and its problems sound,
// is checked by datasets/builtin/make.py --check (ctest -R builtin).
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "datasets/forms/reader.h"
#include "datasets/sample.h"
#include "harness/base/value/value.h"
#include "tests/support/source_dir.h"

using namespace assay;
using namespace assay::datasets;

static const std::string kFolder = source_dir() + "/datasets/builtin/";

static const Problem& named(const Dataset& dataset, const std::string& entry_point) {
  for (const Problem& problem : dataset.problems) {
    if (problem.entry_point == entry_point) return problem;
  }
  FAIL("no problem " << entry_point);
  return dataset.problems.front();
}

static Value argument(const std::string& input, std::size_t index) {
  Value arguments;
  REQUIRE(decode_whole(input, arguments));
  REQUIRE(arguments.items.size() > index);
  return arguments.items[index];
}

TEST_CASE("every built-in problem has its prompt, three suites and many plus inputs") {
  const Dataset dataset = read_dataset(kFolder + "problems.jsonl.gz");
  REQUIRE(dataset.problems.size() >= 48);
  std::set<std::string> entry_points;
  for (const Problem& problem : dataset.problems) {
    CAPTURE(problem.task_id);
    entry_points.insert(problem.entry_point);
    CHECK(problem.reference.starts_with(problem.prompt));  // so a completion fits behind the prompt
    CHECK(problem.prompt.find(">>> ") != std::string::npos);
    CHECK(checker(problem, "official"));
    const DifferentialSuite *base = differential(problem, "base"),
                            *plus = differential(problem, "plus");
    REQUIRE((base && plus));
    CHECK(base->inputs.size() >= 3);
    CHECK(base->inputs.size() <= 8);
    CHECK(plus->inputs.size() >= 200);
    const std::set<std::string> different(plus->inputs.begin(), plus->inputs.end());
    CHECK(different.size() == plus->inputs.size());
  }
  CHECK(entry_points.size() == dataset.problems.size());
  CHECK(dataset.problems.front().task_id == "Builtin/0");
}

TEST_CASE("built-in inputs keep the types that JSON lacks") {
  const Dataset dataset = read_dataset(kFolder + "problems.jsonl.gz");
  CHECK(argument(differential(named(dataset, "next_free"), "base")->inputs[0], 0).kind ==
        Kind::set);
  CHECK(argument(differential(named(dataset, "checksum"), "base")->inputs[0], 0).kind ==
        Kind::bytes);
  CHECK(argument(differential(named(dataset, "board_neighbours"), "base")->inputs[0], 2).kind ==
        Kind::tuple);
  CHECK(argument(differential(named(dataset, "turn_points"), "base")->inputs[0], 0).items[0].kind ==
        Kind::complex);
  const Value pages = argument(differential(named(dataset, "invert_index"), "base")->inputs[0], 0);
  CHECK(pages.kind == Kind::dict);
  CHECK(pages.items[0].kind == Kind::integer);
  const Value readings =
      argument(differential(named(dataset, "finite_mean"), "base")->inputs[1], 0);
  CHECK(repr(readings) == "[4.5, nan, 5.5]");
  CHECK(named(dataset, "finite_mean").atol == 1e-6);
}

TEST_CASE("the built-in samples: six stand-ins, fifty answers each to every problem") {
  const Dataset dataset = read_dataset(kFolder + "problems.jsonl.gz");
  const ProblemIndex index(dataset);
  std::map<std::pair<std::string, std::string>, std::set<std::string>> ids;
  read_samples(kFolder + "samples.jsonl.gz", [&](Sample&& sample) {
    CHECK(!sample.is_completion);
    CHECK(index.find(sample.task_id) != nullptr);
    ids[{sample.model, sample.task_id}].insert(sample.sample_id);
  });
  CHECK(ids.size() == 6 * dataset.problems.size());
  for (const auto& [cell_of, numbers] : ids) {
    const auto& cell = cell_of;
    CAPTURE(cell.first);
    CAPTURE(cell.second);
    CHECK(numbers.size() == 50);
  }
}
