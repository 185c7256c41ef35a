// Gold that is more likely wrong than the programs it rejects: what other programs answer where an
// accepted one first fails, from the stored witnesses. Throws assay::Error as the store does.
//
// Only a first failure's answer is stored, so that of a program which failed another test before the
// answer is not known. It counts for neither side: a problem may be disputed that is not listed here,
// and none is listed that is not.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/analysis/stored_tests.h"
#include "harness/analysis/weak_tests.h"

namespace assay::analysis {

/// Programs of two or more models give the same answer on a test, and are more than those that give
/// the reference's: in number, and with one voice a model, which its programs share. What differs in
/// comments or spacing alone is one program (datasets::code_of).
struct Dispute {
  JudgedSuite suite;
  std::string entry_point;
  std::int64_t test = 0;
  std::string input, expected, answer;                        ///< as the witness has them
  std::int64_t programs = 0, models = 0;                      ///< that give `answer`
  std::int64_t reference_programs = 0, reference_models = 0;  ///< that give the reference's
  std::int64_t wrong = 0;  ///< samples, accepted, that gold calls wrong for this answer
};

/// Collects the programs of all models.
class Disputes {
 public:
  /// REQUIRES: the group has its members. `model` must outlive this.
  void add(const store::Database& database, const store::StoredModel& model, const Suites& suites,
           const store::Tally::Group& group);
  /// At most one a problem, that with the most programs on the other side; in the order of datasets
  /// and task ids.
  std::vector<Dispute> list(store::Database& database) const;

 private:
  using Codes = std::vector<std::uint64_t>;
  using Answer = std::pair<std::int64_t, std::string>;  ///< to a test, as a hash
  /// A model's programs of which a suite says the same.
  struct Group {
    const store::StoredModel* model = nullptr;
    std::int64_t problem_id = 0, program_id = 0;  ///< the first of them
    Codes codes;
    bool passes = false;                 ///< every test
    std::int64_t judged = 0;             ///< tests
    std::vector<std::uint32_t> failing;  ///< of these; empty without `passes`: all
    std::optional<Answer> answer;        ///< to the first test that they fail
    bool passes_test(std::int64_t test) const;
  };
  /// Those that give one answer to a test.
  struct Side {
    Codes codes;                            ///< of all, each once
    std::map<std::string, Codes> of_model;  ///< of each model, each once
  };
  struct Suite {
    std::string hash, entry_point;
    std::vector<Group> groups;
    std::map<Answer, std::int64_t> wrong;  ///< accepted samples by the answer that gold calls wrong
  };
  using Key = std::tuple<std::string, std::string, std::string>;  ///< dataset, task id, suite
  template <typename IsOne>
  static Side side_of(const Suite& suite, const IsOne& is_one);
  /// At least and at most how many codes its side has, for less.
  template <typename IsOne>
  static std::size_t distinct_of_largest(const Suite& suite, const IsOne& is_one);
  template <typename IsOne>
  static std::size_t programs_of(const Suite& suite, const IsOne& is_one);
  static double majority(const Side& others, const Side& reference);
  static std::vector<Dispute> disputes_of(store::Database& database, const Key& key,
                                          const Suite& suite);

  std::map<Key, Suite> suites_;
};

/// Dataset and task id of each.
std::set<std::pair<std::string, std::string>> problems_of(const std::vector<Dispute>& disputes);

/// All disputes among the programs of these models.
std::vector<Dispute> disputes(store::Database& database, const Selected& selected);

/// Without the disputed problems: of these no test is to be advised.
std::vector<WeakProblem> undisputed(std::vector<WeakProblem> problems,
                                    const std::vector<Dispute>& disputes);

/// Moves the model at `index` to `left_out`.
void leave_out(Selected& selected, std::size_t index, const std::string& why);

/// The same without disputed problems; models of which no problem is left are named in `left_out`.
Selected without(Selected selected, const std::vector<Dispute>& disputes);

}  // namespace assay::analysis
