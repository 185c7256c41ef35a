#include "harness/samples/numbering.h"

#include <doctest/doctest.h>

#include "tests/support/scratch.h"

using namespace assay;
using samples::Numbering;
using samples::Numbers;

namespace {

/// What is stored of one model and one problem; a command is a list of texts, "id=text" with an id.
struct Shelf {
  tests::Scratch scratch;
  std::unique_ptr<store::Database> database = store::open(scratch.path("d.db"), true);
  store::SampleRow row;
  std::int64_t left_aside = 0;

  Shelf() {
    datasets::Problem problem;
    problem.task_id = "T/0";
    row.problem_id =
        store::put_problem(*database, store::put_dataset(*database, "d", "1", ""), 0, problem);
    row.model_id = store::put_model(*database, "m");
    row.form = "solution";
  }
  /// The ids that the texts got, those that were stored before in brackets.
  std::string command(const std::vector<std::string>& texts, bool append = false) {
    Numbering numbering(*database, append ? Numbers::behind_stored : Numbers::by_text);
    std::string ids;
    for (const std::string& text : texts) {
      const std::size_t equals = text.find('=');
      row.sample_id = equals == text.npos ? "" : text.substr(0, equals);
      row.program = row.given = equals == text.npos ? text : text.substr(equals + 1);
      row.sample_id = numbering.id_of(row);
      const store::Put put = store::put_sample(*database, row);
      if (put == store::Put::conflict) return ids + "conflict at " + row.sample_id;
      ids += put == store::Put::known ? "[" + row.sample_id + "] " : row.sample_id + " ";
    }
    left_aside = numbering.left_aside();
    return ids;
  }
};

}  // namespace

TEST_CASE("a file that has grown, was re-ordered or is repeated adds what is new in it") {
  // Rows were known by their place: a re-ordered file was refused, and what the message advised
  // (--append) doubled it (case 28).
  Shelf shelf;
  CHECK(shelf.command({"a", "b"}) == "0 1 ");
  CHECK(shelf.command({"a", "b"}) == "[0] [1] ");
  CHECK(shelf.command({"a", "b", "c"}) == "[0] [1] 2 ");
  CHECK(shelf.command({"c", "a", "b"}) == "[2] [0] [1] ");
  CHECK(shelf.command({"b"}) == "[1] ");
  CHECK(shelf.command({"x", "c", "y", "a", "b"}) == "3 [2] 4 [0] [1] ");
  CHECK(shelf.left_aside == 0);
}

TEST_CASE("a text counts as often as it comes") {
  Shelf shelf;
  CHECK(shelf.command({"a", "a", "b"}) == "0 1 2 ");
  CHECK(shelf.command({"b", "a", "a"}) == "[2] [0] [1] ");
  CHECK(shelf.command({"a", "a", "a", "b", "b"}) == "[0] [1] 3 [2] 4 ");
  CHECK(shelf.command({"a", "b", "a", "b", "a"}) == "[0] [2] [1] [4] [3] ");
}

TEST_CASE("with --append every row is new, and what did not come is told") {
  Shelf shelf;
  CHECK(shelf.command({"a", "b"}) == "0 1 ");
  CHECK(shelf.command({"a", "b"}, true) == "2 3 ");
  CHECK(shelf.left_aside == 0);
  CHECK(shelf.command({"a", "c"}) == "[0] 4 ");
  CHECK(shelf.left_aside == 3);  // a, b, b
  CHECK(shelf.command({"a"}) == "[0] ");
  CHECK(shelf.left_aside == 0);  // a part of a file is no other generation
}

TEST_CASE("rows with a sample_id of their own keep it, and their text counts") {
  Shelf shelf;
  CHECK(shelf.command({"x=a", "a", "b"}) == "x 0 1 ");
  CHECK(shelf.command({"x=a", "a", "b"}) == "[x] [0] [1] ");
  CHECK(shelf.command({"a", "b", "x=a"}) == "[x] [1] [x] ");
  CHECK(shelf.command({"x=b"}) == "conflict at x");
  CHECK(shelf.command({"7=c", "d"}) == "7 8 ");  // numbers go on from the highest
  Shelf fresh;
  CHECK(fresh.command({"0=a", "a"}) == "0 1 ");
}
