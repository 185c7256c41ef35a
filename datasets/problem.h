// What is judged: problems with their suites. Plain data; forms/reader.h fills it, registry.h finds
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "datasets/place.h"
#include "datasets/rules/output_rule.h"
#include "datasets/rules/rule.h"

namespace assay::datasets {

/// Calls of the entry point. What they are to answer comes from running the reference, or is what the
/// benchmark says.
struct DifferentialSuite {
  /// Encoded argument tuples (harness/base/value/value.h), types restored.
  std::vector<std::string> inputs;
  /// By input, the name of the exception that the call must raise; empty: it must return. No entry at
  /// all: every call must.
  std::vector<std::string> raises;
  /// By input, the encoded answer that the benchmark names. No entry at all: the reference's.
  std::vector<std::string> expected{};

  /// Of the call at `index`; empty where it must return.
  std::string_view raises_at(std::size_t index) const {
    return raises.empty() ? std::string_view{} : raises[index];
  }
};

/// The benchmark's own test code, run as it is. One test.
struct CheckerSuite {
  std::string setup;    ///< executed before the tests: the reference program, for its helper names
  std::string checker;  ///< the test text, ending in what calls it (HumanEval's `check(candidate)`)
};

/// An assertion that somebody wrote without the reference at hand, such as a model.
struct Assertion {
  /// How it is judged: by one call's answer, or run as it stands.
  enum class Form { equal, unequal, truthy, falsy, text };
  std::string text;  ///< "assert f(1) == 2"
  Form form = Form::text;
  std::string input, expected;  ///< encoded: the call's arguments; what equal and unequal name
  double weight = 1;            ///< above 0; such as how often it was written
};

/// Assertions, each a test of its own. The reference may contradict some. Texts come behind calls.
struct AssertionSuite {
  std::string setup;  ///< executed before those that run as texts: the prompt, for its names
  std::vector<Assertion> assertions;
};

/// What a script reads, and the outputs of which any is right.
struct StdioTest {
  std::string input;
  std::vector<std::string> outputs;  ///< at least one
};

/// A program that decides whether an output is right, as testlib's checkers do: it is given the paths of
/// three files (input, output, the first right output) and exits with 0 where it is.
struct OutputChecker {
  std::string language = "python";
  std::string source;  ///< empty: there is none, and the rule decides
};

/// Standard input and output: a program is a script, and each test a process.
struct StdioSuite {
  std::vector<StdioTest> tests;
  OutputRule rule;
  OutputChecker checker{};
};

/// Tests in the program's own language, as text around the program: both are one process, and its exit
/// status decides. Whoever controls the program controls the status, so its verdicts are forgeable. One test.
struct AppendedSuite {
  std::string before;       ///< what stands in front of a program: imports, a package clause
  std::string after;        ///< what stands behind it, and calls it
  bool go_imports = false;  ///< a program's imports are those that it uses (go_text.h)
};

/// A suite of a problem. Names are free; `official`, `base` and `plus` are those of the public
/// benchmarks, and only they have defaults (base and plus are judged where nothing else is asked).
struct Suite {
  std::string name;
  std::variant<DifferentialSuite, CheckerSuite, AssertionSuite, StdioSuite, AppendedSuite> tests;
};
/// How many tests it has: calls of the entry point, assertions, or inputs of a script; 1 for test code.
std::size_t tests_of(const Suite& suite);

/// How a problem's calls are made, and what of them is compared. Only own benchmarks say so.
struct Calling {
  bool result = true;       ///< what it returns
  bool printed = false;     ///< what it writes to sys.stdout
  bool arguments = false;   ///< what it leaves in its arguments
  bool operations = false;  ///< the entry point is a class; an input is [names, lists of arguments]
};

struct Problem {
  std::string task_id;  ///< "HumanEval/0", "Mbpp/2", "Builtin/7"
  std::string language =
      "python";        ///< of its programs, its reference and its tests (sandbox/sandbox.h)
  std::string prompt;  ///< a `completion` is appended to this
  std::string
      entry_point;  ///< a name; "Class.method" is called on a fresh instance; of a script empty
  std::string
      reference;  ///< whole program: decides what the differential suites expect; of a script may be empty
  std::string official_reference;  ///< the benchmark's own solution, whole program; may be empty
  std::string
      prelude{};    ///< a line in front of every program that is called: what its platform imports
  double atol = 0;  ///< the dataset's absolute tolerance for float outputs
  Rule rule = Rule::equal;    ///< what besides equality is a right answer
  Calling calling;            ///< of the suites of inputs
  std::vector<Suite> suites;  ///< each name once
  Place place;                ///< where its row stands; no part of its identity
};

struct Dataset {
  std::string name;     ///< "humaneval", "mbpp", "builtin", or the stem of the user's file
  std::string version;  ///< of its files, as a hash or a release name
  std::string note;     ///< what must be said wherever its results are shown; may be empty
  std::vector<Problem> problems;  ///< in the benchmark's own order
};

/// Identity of a suite: hash over everything that decides its verdicts (reference, inputs or test
/// text, tolerance, entry point, comparison rule).
std::string hash_of(const Problem& problem, const Suite& suite);

/// The name that a program of the problem must define: of the entry point "Class.method" the class.
std::string_view defined_name(const Problem& problem);

/// Whether the suite's calls are those of a function, compared by what they return.
bool is_plain(const Problem& problem, const DifferentialSuite& calls);

/// The problem's suite of that name; null where it has none.
const Suite* find_suite(const Problem& problem, std::string_view name);
/// The same, where it is of that kind; else null.
const DifferentialSuite* differential(const Problem& problem, std::string_view name);
const CheckerSuite* checker(const Problem& problem, std::string_view name);
/// Adds a suite, or replaces the one of its name.
void put_suite(Problem& problem, Suite suite);
/// The names of all suites of the dataset, each once: official, base, plus, then the others in the
/// order of their first appearance.
std::vector<std::string> suite_names(const Dataset& dataset);

/// Of a dataset's suites those that judge where none is asked for: all but `official`, which says the same as
/// `base` at a higher price; that one only where there is nothing else.
std::vector<std::string> usual_suites(std::vector<std::string> names);

/// Finds problems by the task_id of a sample row. The id itself, its benchmark's name in any case
/// ("MBPP/2"), or the bare number where the numbers of the dataset are unique ("2").
/// Keeps pointers into `dataset`, which must outlive it. Reading is thread-safe.
class ProblemIndex {
 public:
  explicit ProblemIndex(const Dataset& dataset);
  /// Null where the dataset has no such problem.
  const Problem* find(std::string_view task_id) const;

 private:
  std::unordered_map<std::string, const Problem*> by_key_;
};

}  // namespace assay::datasets
