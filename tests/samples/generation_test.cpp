#include "harness/samples/generation.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "datasets/sample.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::samples;

namespace {

datasets::Dataset two_problems() {
  datasets::Dataset dataset;
  dataset.name = "two";
  for (const char* name : {"Two/0", "Two/1"}) {
    datasets::Problem problem;
    problem.task_id = name;
    problem.prompt = "def {entry_point}():\n";
    problem.entry_point = "f";
    dataset.problems.push_back(problem);
  }
  return dataset;
}

Generation some() {
  Generation one;
  one.dataset = "two";
  one.model = one.name = "m";
  one.prompt.text = "{prompt}";
  one.temperature = 0.8;
  one.seed = 1;
  return one;
}

}  // namespace

TEST_CASE("a template is filled by the problem once; other braces stand") {
  const datasets::Dataset dataset = two_problems();
  CHECK(filled("{task_id} {entry_point} {} {x} {language}{prompt}", dataset.problems[1]) ==
        "Two/1 f {} {x} pythondef {entry_point}():\n");
}

TEST_CASE("no two samples share a seed") {
  Generation one = some();
  std::set<std::uint64_t> seeds;
  std::size_t count = 0;
  for (one.seed = 1; one.seed <= 3; ++one.seed)
    for (std::size_t position = 0; position < 5; ++position)
      for (std::uint32_t number = 0; number < kAnswersMax; number += 1, ++count)
        seeds.insert(seed_of(one, 5, position, number));
  CHECK(seeds.size() == count);
  CHECK(*seeds.begin() > 0);
  CHECK(seed_of(one, 5, 2, 8) == seed_of(one, 5, 2, 0) + 8);
}

TEST_CASE("a file goes on where it stands, and only if it was drawn alike") {
  const tests::Scratch scratch;
  const datasets::Dataset dataset = two_problems();
  const std::string path = scratch.path("drawn.jsonl");
  {
    GenerationFile file(path, some(), dataset);
    DrawnSample sample;
    sample.problem = &dataset.problems[1];
    sample.number = 3;
    sample.text = "    return 1\n";
    sample.finish = "length";
    sample.seed = 7;
    sample.completion_tokens = 4;
    file.append({sample});
    CHECK(file.now().samples == 1);
  }
  GenerationFile file(path, some(), dataset);
  CHECK(file.has(1, 3));
  CHECK_FALSE(file.has(1, 2));
  CHECK_FALSE(file.has(0, 3));
  CHECK(file.before().cut == 1);
  CHECK(file.before().completion_tokens == 4);
  CHECK(file.samples_of(1) == 1);
  std::vector<datasets::Sample> read;
  datasets::read_samples(path, [&](datasets::Sample&& one) { read.push_back(one); });
  REQUIRE(read.size() == 1);
  CHECK(read[0].drawn.value().finish_reason == "length");
  CHECK(read[0].drawn.value().temperature == 0.8);
  CHECK(read[0].drawn.value().seed == 7);
  CHECK(read[0].drawn.value().prompt_template == some().prompt.hash());
  CHECK(read[0].is_completion);
  CHECK(generation_beside(path).value().prompt.text == "{prompt}");

  Generation other = some();
  other.seed = 2;
  other.endpoint = "http://elsewhere";  // may change
  const std::string second = scratch.write("second.jsonl", read_text_file(path));
  scratch.write("second.jsonl.generation.json", read_text_file(path + ".generation.json"));
  CHECK_THROWS_WITH_AS(GenerationFile(second, other, dataset),
                       doctest::Contains("seed is 1 there and 2 here; name another file"), Error);
}
