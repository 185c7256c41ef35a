#include "harness/samples/ingest.h"

#include <doctest/doctest.h>

#include <vector>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "tests/support/scratch.h"

using namespace assay;
using datasets::Sample;
using samples::IngestOptions;
using samples::Source;
using tests::Scratch;

namespace {

/// A database with one dataset of two problems, and what is put into it.
struct Desk {
  Scratch scratch;
  std::unique_ptr<store::Database> database = store::open(scratch.path("d.db"), true);
  datasets::Dataset dataset;
  std::vector<std::int64_t> problem_ids;
  std::atomic<bool> stop = false;
  samples::Intake intake{samples::Reading::as_is, {}, stop};

  Desk() {
    dataset.name = "d";
    const std::int64_t id = store::put_dataset(*database, "d", "1", "");
    for (const char* name : {"add", "mul"}) {
      datasets::Problem& problem = dataset.problems.emplace_back();
      problem.task_id = "T/" + std::to_string(dataset.problems.size() - 1);
      problem.entry_point = name;
      problem.prompt = "def " + problem.entry_point + "(a, b):\n";
      problem_ids.push_back(
          store::put_problem(*database, id, static_cast<int>(problem_ids.size()), problem));
    }
  }
  samples::Ingested put(std::vector<Sample> rows, const IngestOptions& options = {}) {
    const auto read = [&](const datasets::TakeSample& take, const datasets::TakeRefused& refused) {
      for (const Sample& row : rows) {
        try {
          take(Sample(row));
        } catch (const datasets::RowError& error) {
          if (!refused) throw;
          refused(error);
        }
      }
    };
    const Source source{"s.jsonl", "s", read};
    return samples::ingest(*database, dataset, problem_ids, options, {source}, intake);
  }
};

Sample completion(const std::string& text, const std::string& task_id = "T/0") {
  Sample sample;
  sample.task_id = task_id;
  sample.is_completion = true;
  sample.text = text;
  sample.place = {"s.jsonl", 7};
  return sample;
}

Sample solution(const std::string& text, const std::string& sample_id = "") {
  Sample sample = completion(text);
  sample.is_completion = false;
  sample.sample_id = sample_id;
  return sample;
}

}  // namespace

TEST_CASE("samples are numbered, met again, and refused where another text has their identity") {
  Desk desk;
  samples::Ingested first = desk.put({solution("one"), solution("two"), solution("three", "x")});
  CHECK(first.added == 3);
  CHECK(first.model_ids.size() == 1);
  samples::Ingested again = desk.put({solution("one"), solution("two"), solution("three", "x")});
  CHECK(again.added == 0);
  CHECK(again.known == 3);
  CHECK_THROWS_WITH(desk.put({solution("another", "x")}),
                    doctest::Contains("s.jsonl:7: sample x of T/0 by this model is stored with "
                                      "another text"));
  CHECK_THROWS_WITH(desk.put({solution("n", "new"), solution("m", "new")}),
                    doctest::Contains("comes with another text in s.jsonl:7 already"));
  Sample unknown = solution("x");
  unknown.task_id = "T/9";
  CHECK_THROWS_WITH(desk.put({unknown}), doctest::Contains("s.jsonl:7: task_id \"T/9\" is not in"));
}

TEST_CASE("a bad row costs itself; with strict, and where there is no other, it refuses all") {
  // One row of 3,000 held half a letter, and the whole file was refused.
  Desk desk;
  Sample unknown = solution("x");
  unknown.task_id = "T/9";
  IngestOptions strict;
  strict.strict = true;
  CHECK_THROWS_WITH(desk.put({solution("one"), unknown}, strict),
                    doctest::Contains("s.jsonl:7: task_id \"T/9\" is not in dataset d"));
  CHECK_THROWS_WITH(desk.put({unknown, unknown}), doctest::Contains("so with each of 2 rows"));
  CHECK(store::last_sample(*desk.database) == 0);
  const samples::Ingested ingested = desk.put({unknown, solution("one"), unknown});
  CHECK(ingested.rows == 1);
  CHECK(ingested.added == 1);
  REQUIRE(ingested.bad.count() == 2);
  CHECK(ingested.bad.first()[0].place == "s.jsonl:7");
  CHECK(ingested.bad.first()[0].why.starts_with("task_id \"T/9\""));
}

// A benchmark that names no language is Python's: C++ samples of it were all judged `syntax`, in silence, though
// their rows said their language.
TEST_CASE("a row in another language than its problem's is a bad row") {
  Desk desk;
  Sample other = completion("  return 1;"), same = completion("  return 2");
  other.language = "C++";
  same.language = "py";
  const samples::Ingested in = desk.put({other, same, completion("  return 3")});
  CHECK(in.added == 2);
  REQUIRE(in.bad.first().size() == 1);
  CHECK(in.bad.first().front().why.find("\"language\" is \"C++\", but the programs of T/0") !=
        std::string::npos);
}

TEST_CASE("of very many bad rows the first are kept and all are counted") {
  Desk desk;
  Sample unknown = solution("x");
  unknown.task_id = "T/9";
  std::vector<Sample> rows(samples::BadRows::kKeptMax + 5, unknown);
  rows.push_back(solution("one"));
  const samples::Ingested ingested = desk.put(rows);
  CHECK(ingested.bad.count() == static_cast<std::int64_t>(samples::BadRows::kKeptMax) + 5);
  CHECK(ingested.bad.first().size() == samples::BadRows::kKeptMax);
}

TEST_CASE("a model is named by its row, by --model, by its source; only by what is a name") {
  // A file named by bytes that are no UTF-8 was taken in, and then no command could print the
  // database (attack 66).
  Desk desk;
  Sample own = solution("a");
  own.model = "own";
  IngestOptions named;
  named.model = "given";
  const samples::Ingested ingested = desk.put({own, solution("b")}, named);
  CHECK(ingested.model_ids.size() == 2);
  CHECK(ingested.named.at("own") == 1);
  named.model = "no\xff";
  CHECK_THROWS_WITH(desk.put({own}, named), doctest::Contains("--model is not UTF-8"));
  const Source bad{
      "bad\xff.jsonl", "bad\xff",
      [&](const datasets::TakeSample& take, const datasets::TakeRefused&) { take(solution("c")); }};
  CHECK_THROWS_WITH(
      samples::ingest(*desk.database, desk.dataset, desk.problem_ids, {}, {bad}, desk.intake),
      doctest::Contains("the model's name is not UTF-8"));
}
