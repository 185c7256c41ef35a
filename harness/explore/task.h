// What strategies are tried on: problems, the truth about answers, and what a task brings of its own:
// policies and verifiers by name, and what a model that is trained for it has to know.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/random.h"
#include "harness/search/table.h"

namespace assay::explore {

/// Where a prefix went wrong: the same number for the same error, none while it may still end right.
using Fault =
    std::function<std::optional<std::uint64_t>(const search::Problem&, const search::Prefix&)>;

/// A problem with a right answer to it, as texts.
struct Example {
  std::string prompt, answer;
};

/// Tasks whose answers are programs, as a benchmark in assay's own form (datasets/README.md).
struct Benchmark {
  /// A problem as a row of JSON; its verifier's tests are suite `base`, the truth's `plus`. Empty where
  /// the task is a benchmark already.
  std::function<std::string(const search::Problem&)> row;
  /// The whole program that a finished answer stands for; empty where it stands for none.
  std::function<std::string(const search::Problem&, const search::Prefix& answer)> program;
};

/// Tasks whose answers may begin with a thought, for learning when to think. A text is a thought, the
/// mark and the answer; the thought may be empty.
struct Thinking {
  std::string mark;                 ///< between a thought and its answer
  std::vector<std::string> styles;  ///< what a prompt may begin with that says how to think
  std::function<std::string(const search::Problem&)> right;  ///< the answer behind the mark
  std::function<int(const search::Problem&)> difficulty;     ///< from 1 on
  /// Whether the text answers rightly and no step of its thought is wrong.
  std::function<bool(const search::Problem&, const std::string& text)> right_chain;
  /// A random problem of those to learn from, which are never among the task's.
  std::function<search::Problem(RandomStream&)> question;
};

/// How often a tool was asked, and how often for what it cannot do.
struct Calls {
  int all = 0, invalid = 0;
};

/// Tasks whose answers stand behind a chain of steps that may be learned from rewards. A text is a chain,
/// `stop` and the answer; the chain may be empty.
struct Reasoning {
  std::string stop;                 ///< of one piece
  std::vector<std::string> pieces;  ///< of which chains are written, a token each
  int actions_max = 0;              ///< pieces of a chain, what a tool puts in not counted
  /// What a tool puts in behind a chain, one piece at most; empty: nothing, or there is no tool.
  std::function<std::string(std::string_view chain)> tool;
  std::function<Calls(std::string_view chain)> calls;
  std::function<bool(std::string_view chain)> may_stop;
  std::function<std::string(const search::Problem&)> right;  ///< the answer
  std::function<int(const search::Problem&)> difficulty;     ///< from 1 on
  /// Whether it leads to the right answer and no step of it is wrong.
  std::function<bool(const search::Problem&, std::string_view chain)> right_chain;
  /// Questions whose answers may be learned from, those that options are chosen by, and a few with a
  /// right chain; none of them is among the task's problems.
  std::vector<search::Problem> training, held_out, demonstrations;
  std::function<std::string(const search::Problem&)> demonstration;  ///< the right chain
};

/// Tasks whose answers go on from a prompt so that a verifier accepts them, which the language model that is
/// to go on from it knows nothing of. A model that learns is told beforehand what is asked for.
struct Continuation {
  int tokens_max = 0;  ///< of a text
  std::function<bool(std::string_view text)>
      over;  ///< the text ends here; also where the model ends it
  std::function<std::string(const search::Problem&)> told;  ///< what stands before the prompt
  std::function<bool(const search::Problem&, std::string_view text)> accepted, right;
  std::function<int(const search::Problem&)> difficulty;  ///< from 1 on
  /// A problem of the same prompt that a text is right for, drawn among those that may be learned from;
  /// none where there is none.
  std::function<std::optional<search::Problem>(const search::Problem&, std::string_view text,
                                               RandomStream&)>
      answered;
  /// Problems to learn from, and those that options are chosen by; none is among the task's.
  std::vector<search::Problem> training, held_out;
};

struct Task {
  std::string name;
  std::string version;  ///< of what lies outside the program and is not named by `name` alone
  std::vector<search::Problem> problems;  ///< problems[i].index == i
  /// Whether a finished answer is right: 0, 1, or the chance of it where that is all that is known.
  /// Thread-safe.
  std::function<double(const search::Problem&, const search::Prefix& answer)> truth;
  Fault fault;  ///< empty: it cannot tell errors apart. Thread-safe
  /// Whether `fault` tells of prefixes that go on, and not of finished answers alone.
  bool tells_prefixes = false;
  search::StepRule step;
  /// Texts that a model of tokens should see as one token, of which every prompt and answer consists.
  /// Empty: bytes.
  std::vector<std::string> pieces;
  /// A random problem of those that models are trained on, which are never among `problems`, with a
  /// right answer; empty: there are none. Thread-safe.
  std::function<Example(RandomStream&)> example;
  /// Its own, by name. Thread-safe, as are policies and verifiers.
  std::map<std::string, std::function<std::unique_ptr<search::Policy>()>> policies;
  std::map<std::string, std::function<std::unique_ptr<search::PrefixVerifier>()>> verifiers;
  /// The same for samplers that its own policy of that name may be replaced by (search/proposal.h).
  std::map<std::string, std::function<std::unique_ptr<search::Policy>()>> proposals;
  std::string usual_policy, usual_verifier;  ///< where none is named; empty: one must be
  /// A problem written down as a table, with the task's own policy (and proposal) and the verifier of that name, for
  /// those that can be enumerated.
  std::map<std::string, std::function<search::TableProblem(const search::Problem&)>> tables;
  std::optional<Benchmark> benchmark;  ///< none: its answers are no programs
  std::optional<Thinking> thinking;    ///< none: its answers have no thoughts
  std::optional<Reasoning> reasoning;  ///< none: there are no chains to be learned from rewards
  std::optional<Continuation>
      continuation;  ///< none: no language model says what an answer is worth
  /// Problems to calibrate a verifier on, with truth and fault of their own, and none of these; empty:
  /// there are none to be had.
  std::function<Task()> calibration;
};

}  // namespace assay::explore
