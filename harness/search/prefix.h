// What a search works on: a problem, and immutable prefixes of answers that share what they begin
// with. Thread-safe, as nothing here changes once it is made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::search {

/// Why a prefix goes no further.
enum class Finish {
  open,      ///< it does go on
  complete,  ///< the policy has ended it
  cut,       ///< it reached the greatest length
  refused,   ///< the policy would not or could not go on
};

struct Node;
using Prefix = std::shared_ptr<const Node>;

/// A step, and through `parent` all steps before it. The root has no step.
struct Node {
  Prefix parent;
  std::string text;                       ///< of this step
  std::vector<std::int32_t> tokens;       ///< of this step; empty where the policy shows none
  std::int64_t tokens_out = 0;            ///< of this step, without those that a tool put in
  std::int64_t tokens_before = 0;         ///< of the steps before it
  std::optional<double> log_probability;  ///< of this step given what is before it, where known
  /// The same as it was drawn, at its temperature and from its nucleus, where the policy follows.
  std::optional<double> log_drawn;
  /// Of a step that was proposed by another than the policy: log p/q, and how many tokens of it the
  /// policy has read to say so.
  double log_ratio = 0;
  std::int64_t tokens_scored = 0;
  Finish finish = Finish::open;
  int depth = 0;                ///< steps from the root
  std::uint64_t key = 0;        ///< the same for the same problem and the same steps
  bool lost = false;            ///< refused by a failure of ours, which another time may not have
  bool alone = false;           ///< its text stands for itself, not behind the problem's prompt
  std::shared_ptr<void> state;  ///< what the policy keeps of it
};

/// All the text from the root on, without the prompt.
std::string text_of(const Prefix& prefix);
/// All tokens from the root on.
std::vector<std::int32_t> tokens_of(const Prefix& prefix);
/// The prefix of the first `depth` steps. REQUIRES: 0 <= depth <= prefix->depth.
Prefix first_steps(Prefix prefix, int depth);

Prefix make_root(const std::string& task_id, std::shared_ptr<void> state = nullptr);
/// `step`, its parent set; depth and key follow from it.
Prefix behind(const Prefix& parent, Node step);

struct Problem {
  std::string task_id;
  std::string prompt;
  /// The answer that a finished prefix gives, in a form in which equal answers are equal. Empty where
  /// it gives none.
  std::function<std::string(const Prefix&)> answer;
  int steps_max = 0;  ///< the most steps an answer may take; 0: not known
  /// Whether a text is a whole answer, for tasks that can tell; empty: only the policy ends one.
  std::function<bool(std::string_view)> whole;
  /// What a tool puts in behind a text, for tasks that have one: it is read like the rest, and is no
  /// choice of the policy's. Empty, or an empty text: nothing.
  std::function<std::string(std::string_view)> tool;
  std::size_t index = 0;  ///< its place in its task
  std::shared_ptr<const void>
      data;  ///< what its task, and policies and verifiers of that, keep of it
};

/// What one step of a text is.
struct StepRule {
  std::string delimiter = "\n";  ///< the step ends behind it; empty: a token is a step
  int tokens_max = 256;          ///< of a step, which then ends without a delimiter
  int steps_max = 64;            ///< of an answer, which is cut there; a problem's own comes first
};
/// "line", "token" or "delim:TEXT", in which \n and \t stand for themselves. Throws assay::Error.
StepRule parse_step_rule(const std::string& text);

/// How a hosted model's next token is drawn.
struct Sampling {
  double temperature = 1;  ///< above 0
  double top_p = 1;        ///< only the likeliest tokens whose probabilities add up to this
};

}  // namespace assay::search
