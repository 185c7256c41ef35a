// Game of 24: four numbers, three operations, then the expression. Its state graph is small enough to
// be known exactly, and its verifier is modelled on a real one: GPT-4's votes in "Tree of Thoughts"
// (arXiv 2305.10601), by step and by whether 24 could still be reached.
//
//   "4 * 6 = 24 (left: 24 5 10)\n" three times, then "Answer: (4 * 6) ... = 24\n"
#include "harness/tasks/rational.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <set>

#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/search/weights.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Prefix;
using search::Problem;

constexpr int kSteps = 4;      // three operations and the answer
constexpr int kMovesMax = 36;  // of four numbers: six pairs, with a - b, b - a, a / b and b / a
constexpr int kTarget = 24;

/// How often three votes came out so, of states from which 24 cannot and can be reached; of the last
/// step, of answers that are wrong and right. Counted by tests/bench/game24_votes.py in the published
/// log of puzzles 900 to 999, states that came twice and votes that could not be read left out.
struct Vote {
  int sure, likely, impossible, cannot, can;
};
const std::array<std::vector<Vote>, kSteps> kVotes = {
    {{{0, 0, 2, 3, 0},
      {0, 0, 3, 82, 12},
      {0, 1, 1, 0, 1},
      {0, 1, 2, 22, 2},
      {0, 2, 0, 2, 0},
      {0, 2, 1, 29, 3},
      {0, 3, 0, 560, 93},
      {1, 0, 2, 1, 3},
      {1, 1, 1, 0, 1},
      {1, 2, 0, 2, 29},
      {2, 0, 1, 0, 1},
      {2, 1, 0, 0, 19},
      {3, 0, 0, 0, 67}},
     {{0, 0, 1, 1, 0},
      {0, 0, 2, 14, 0},
      {0, 0, 3, 1629, 0},
      {0, 1, 2, 624, 0},
      {0, 2, 1, 410, 0},
      {0, 3, 0, 268, 3},
      {1, 1, 1, 0, 1},
      {1, 2, 0, 1, 2},
      {2, 0, 1, 0, 4},
      {3, 0, 0, 0, 182}},
     {{0, 0, 1, 186, 0},
      {0, 0, 2, 386, 0},
      {0, 0, 3, 580, 0},
      {0, 1, 1, 6, 0},
      {0, 1, 2, 124, 0},
      {0, 2, 0, 8, 0},
      {0, 2, 1, 65, 0},
      {0, 3, 0, 43, 0},
      {3, 0, 0, 0, 175}},
     {{0, 0, 3, 34, 31}, {1, 0, 2, 0, 1}, {2, 0, 1, 2, 3}, {3, 0, 0, 5, 86}}}};
/// Of the answers written behind a reached 24, those that are right (93 of 120 in that log).
constexpr double kWritesRight = 0.775;
/// Moves to a fraction or a negative number are drawn so often as this, others once: then a random
/// first move keeps 24 in reach about as often as GPT-4's proposals did (.24).
constexpr double kOddMove = 0.1;

using Numbers = std::vector<Rational>;  ///< that are left, ascending

Rational applied(const Rational& a, char op, const Rational& b) {
  return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
}

/// A number that is left, with the expression that made it.
struct Term {
  Rational value;
  std::string text;
  bool sum = false;  ///< its outermost operation is + or -
};
using State = std::vector<Term>;  ///< ascending in value

Numbers numbers_of(const State& state) {
  Numbers out;
  for (const Term& term : state) out.push_back(term.value);
  return out;
}

std::string left_text(const Numbers& numbers) {
  std::vector<std::string> words;
  for (const Rational& number : numbers) words.push_back(number.text());
  return fmt::format("{}", fmt::join(words, " "));
}

Term combined(const Term& a, char op, const Term& b) {
  const bool tight = op == '*' || op == '/';
  const auto part = [&](const Term& term, bool right) {
    const bool whole = term.text.find(' ') == std::string::npos;
    const bool needs = !whole && (tight ? term.sum || right : op == '-' && right && term.sum);
    return needs ? "(" + term.text + ")" : term.text;
  };
  return {applied(a.value, op, b.value), fmt::format("{} {} {}", part(a, false), op, part(b, true)),
          !tight};
}

/// An operation on two of the numbers that are left, by their places.
struct Move {
  std::size_t i = 0, j = 0;
  char op = '+';
  double weight = 1;
};

Numbers after(const Numbers& numbers, const Move& move) {
  Numbers out;
  for (std::size_t k = 0; k < numbers.size(); ++k)
    if (k != move.i && k != move.j) out.push_back(numbers[k]);
  out.push_back(applied(numbers[move.i], move.op, numbers[move.j]));
  std::sort(out.begin(), out.end());
  return out;
}

/// All moves; of those that leave the same numbers, the first.
std::vector<Move> moves_of(const Numbers& numbers) {
  std::vector<Move> moves;
  std::set<Numbers> seen;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t j = 0; j < numbers.size(); ++j) {
      for (const char op : {'+', '*', '-', '/'}) {
        if (i == j || ((op == '+' || op == '*') && i > j)) continue;
        if (op == '/' && numbers[j].zero()) continue;
        Move move{i, j, op};
        if (!seen.insert(after(numbers, move)).second) continue;
        const Rational value = applied(numbers[i], op, numbers[j]);
        if (!value.whole() || value.negative()) move.weight = kOddMove;
        moves.push_back(move);
      }
    }
  }
  return moves;
}

State after(const State& state, const Move& move) {
  State next;
  for (std::size_t k = 0; k < state.size(); ++k)
    if (k != move.i && k != move.j) next.push_back(state[k]);
  next.push_back(combined(state[move.i], move.op, state[move.j]));
  std::sort(next.begin(), next.end(),
            [](const Term& a, const Term& b) { return a.value < b.value; });
  return next;
}

/// "4 * 6 = 24 (left: 5 10 24)\n"
std::string text_of(const State& state, const Move& move) {
  const Rational &a = state[move.i].value, &b = state[move.j].value;
  return fmt::format("{} {} {} = {} (left: {})\n", a.text(), move.op, b.text(),
                     applied(a, move.op, b).text(), left_text(after(numbers_of(state), move)));
}

/// Whether 24 can be reached from numbers, asked once for each. Thread-safe.
class Reach {
 public:
  bool operator()(const Numbers& numbers) {
    if (numbers.size() == 1) return numbers[0] == Rational(kTarget);
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = known_.find(numbers); found != known_.end()) return found->second;
    }
    const std::vector<Move> moves = moves_of(numbers);
    const bool can = std::any_of(moves.begin(), moves.end(),
                                 [&](const Move& move) { return (*this)(after(numbers, move)); });
    const std::lock_guard lock(mutex_);
    return known_[numbers] = can;
  }

 private:
  std::mutex mutex_;
  std::map<Numbers, bool> known_;
};

State start_of(const std::vector<int>& numbers) {
  State state;
  for (const int number : numbers) state.push_back({Rational(number), std::to_string(number)});
  return state;
}

/// A step from a state, with the text that says it.
struct Step {
  std::string text;
  State next;
  double weight = 1;
};

/// The last steps of a finished state: to write the answer down, rightly or with a slip, which uses a
/// number that is not there.
std::vector<Step> answers_of(const State& state, const std::vector<int>& numbers) {
  const std::string& text = state[0].text;
  const std::size_t digits = text.find_first_of("0123456789"),
                    rest = text.find_first_not_of("0123456789", digits);
  const int wrong = 1 + *std::max_element(numbers.begin(), numbers.end());
  return {{fmt::format("Answer: {} = {}\n", text, kTarget), state, kWritesRight},
          {fmt::format("Answer: {}{}{} = {}\n", text.substr(0, digits), wrong, text.substr(rest),
                       kTarget),
           state, 1 - kWritesRight}};
}

/// Four numbers, ascending, and everything that can come of them.
struct Puzzle {
  std::vector<int> numbers;

  std::vector<Step> steps(const State& state) const {
    if (state.size() == 1) return answers_of(state, numbers);
    std::vector<Step> out;
    for (const Move& move : moves_of(numbers_of(state)))
      out.push_back({text_of(state, move), after(state, move), move.weight});
    return out;
  }
  /// The state behind the text's steps, as far as they are legal: none where one is not. `answered`
  /// says whether a right answer stands behind them, and is none while nothing does.
  struct Replay {
    std::optional<State> state;
    std::optional<bool> answered;
  };
  Replay replay(std::string_view text) const;

 private:
  bool is_answer(std::string_view expression) const;
};

/// The state after a line such as "4 * 6 = 24 (left: 5 10 24)"; none where it is no legal step.
std::optional<State> replayed(const State& state, std::string_view line) {
  const std::vector<std::string> words = split(line, ' ');
  if (words.size() < 3 || words[1].size() != 1) return std::nullopt;
  Move move{0, 0, words[1][0]};
  if (std::string_view("+-*/").find(move.op) == std::string_view::npos) return std::nullopt;
  for (move.i = 0; move.i < state.size() && state[move.i].value.text() != words[0];) ++move.i;
  for (move.j = 0;
       move.j < state.size() && (move.j == move.i || state[move.j].value.text() != words[2]);)
    ++move.j;
  if (move.i >= state.size() || move.j >= state.size()) return std::nullopt;
  if (move.op == '/' && state[move.j].value.zero()) return std::nullopt;
  const std::string whole = text_of(state, move);
  if (std::string_view(whole).substr(0, whole.size() - 1) != line) return std::nullopt;
  return after(state, move);
}

bool Puzzle::is_answer(std::string_view line) const {
  const std::size_t equals = line.find(" = ");
  if (equals == line.npos || line.substr(equals + 3) != std::to_string(kTarget)) return false;
  std::vector<Rational> used;
  const std::optional<Rational> value = evaluated(line.substr(0, equals), &used);
  std::sort(used.begin(), used.end());
  return value && *value == Rational(kTarget) && used == numbers_of(start_of(numbers));
}

Puzzle::Replay Puzzle::replay(std::string_view text) const {
  Replay out{start_of(numbers), std::nullopt};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (out.answered) return {std::nullopt, false};  // something behind the answer
    if (line.starts_with("Answer: "))
      out.answered = is_answer(line.substr(8));
    else if (auto next = replayed(*out.state, line))
      out.state = std::move(next);
    else
      return {std::nullopt, std::nullopt};
  }
  return out;
}

/// What stands behind a problem: the same whichever part of the puzzles it is in.
const Puzzle& puzzle_of(const Problem& problem) {
  return *static_cast<const Puzzle*>(problem.data.get());
}

/// What all puzzles share.
struct Game {
  std::uint64_t seed = 1;
  mutable Reach reach;

  /// Whether a prefix may still end right; of finished ones whether they are.
  bool good(const Problem& problem, const Prefix& prefix) const {
    const Puzzle::Replay at = puzzle_of(problem).replay(search::text_of(prefix));
    if (at.answered) return *at.answered;
    return prefix->finish == search::Finish::open && at.state && reach(numbers_of(*at.state));
  }

  /// The votes on a state that has or has not 24 in reach: the same whenever the same is voted on.
  double vote(int step, bool can, const std::string& what) const {
    const std::vector<Vote>& votes = kVotes[static_cast<std::size_t>(step)];
    int total = 0;
    for (const Vote& vote : votes) total += can ? vote.can : vote.cannot;
    RandomStream stream(seed, fmt::format("votes {} {}", step, what));
    int drawn = static_cast<int>(stream.below(static_cast<std::uint32_t>(total)));
    for (const Vote& vote : votes) {
      drawn -= can ? vote.can : vote.cannot;
      if (drawn < 0)
        return (20. * vote.sure + vote.likely + .001 * vote.impossible) /
               (20. * (vote.sure + vote.likely + vote.impossible));
    }
    ASSAY_INVARIANT(false);
    return 0;
  }
  /// The score behind the step from `before`, which is at `step` of kSteps.
  double score(int step, const std::optional<State>& state, std::optional<bool> answered,
               const std::string& text) const {
    if (answered) return vote(kSteps - 1, *answered, text);
    return vote(step, state && reach(numbers_of(*state)),
                state ? left_text(numbers_of(*state)) : text);
  }
};

class Proposals : public search::Policy {
 public:
  explicit Proposals(std::shared_ptr<const Game> game) : game_(std::move(game)) {}
  search::Capabilities capabilities() const override { return {true, true, true, 1024}; }
  Prefix open(const Problem& problem) override {
    const Puzzle& puzzle = puzzle_of(problem);
    return search::make_root(problem.task_id,
                             std::make_shared<At>(At{&puzzle, start_of(puzzle.numbers)}));
  }
  std::vector<Prefix> extend(std::span<search::Ask> asks) override {
    std::vector<Prefix> out;
    for (search::Ask& ask : asks) {
      const auto& at = *std::static_pointer_cast<At>(ask.prefix->state);
      std::vector<Step> moves = at.puzzle->steps(at.state);
      double total = 0;
      std::vector<double> weights;
      for (const Step& one : moves) total += weights.emplace_back(one.weight);
      for (double& weight : weights) weight /= total;
      const std::size_t k =
          ask.greedy ? static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) -
                                                weights.begin())
                     : search::drawn(weights, ask.stream);
      search::Node step;
      step.text = moves[k].text;
      step.tokens = {static_cast<std::int32_t>(k)};
      step.tokens_out = 1;
      step.log_probability = std::log(weights[k]);
      step.finish =
          ask.prefix->depth + 1 == kSteps ? search::Finish::complete : search::Finish::open;
      step.state = std::make_shared<At>(At{at.puzzle, std::move(moves[k].next)});
      out.push_back(search::behind(ask.prefix, std::move(step)));
    }
    return out;
  }

 private:
  struct At {
    const Puzzle* puzzle;
    State state;
  };
  std::shared_ptr<const Game> game_;
};

class Votes : public search::PrefixVerifier {
 public:
  /// With `first_true`, the first step is judged by the truth.
  Votes(std::shared_ptr<const Game> game, bool first_true)
      : game_(std::move(game)), first_true_(first_true) {}
  search::Stage stage() const override { return search::Stage::prefixes; }
  std::vector<search::Score> score(const Problem& problem,
                                   std::span<const Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const Prefix& prefix : prefixes) {
      const std::string text = search::text_of(prefix);
      const Puzzle::Replay at = puzzle_of(problem).replay(text);
      const int step = std::clamp(prefix->depth - 1, 0, kSteps - 2);
      const bool true_here = first_true_ && prefix->depth == 1;
      out.push_back({true_here ? (game_->good(problem, prefix) ? 1 : 0)
                               : game_->score(step, at.state, at.answered, text),
                     true});
    }
    return out;
  }

 private:
  std::shared_ptr<const Game> game_;
  bool first_true_;
};

/// The whole graph behind `state`, written down.
void write(const Game& game, const Puzzle& puzzle, const State& state, const std::string& text,
           const std::string& key, int depth, search::TableProblem& into) {
  const std::vector<Step> moves = puzzle.steps(state);
  std::vector<double>& p = into.policy[key];
  p.assign(static_cast<std::size_t>(into.symbols), 0);
  double total = 0;
  for (const Step& one : moves) total += one.weight;
  for (std::size_t k = 0; k < moves.size(); ++k) {
    p[k] = moves[k].weight / total;
    const std::string longer = (key.empty() ? "" : key + ",") + std::to_string(k),
                      whole = text + moves[k].text;
    if (depth + 1 < kSteps) {
      into.score[longer] = game.score(depth, moves[k].next, std::nullopt, whole);
      write(game, puzzle, moves[k].next, whole, longer, depth + 1, into);
      continue;
    }
    const bool right = *puzzle.replay(whole).answered;
    into.score[longer] = game.score(depth, moves[k].next, right, whole);
    if (right) into.truth[longer] = 1;
  }
}

search::TableProblem written(const Game& game, const Problem& problem) {
  search::TableProblem table;
  table.source = "game24";
  table.task_id = problem.task_id;
  table.steps = kSteps;
  const Puzzle& puzzle = puzzle_of(problem);
  const State start = start_of(puzzle.numbers);
  table.symbols = kMovesMax;
  write(game, puzzle, start, "", "", 0, table);
  return table;
}

/// All puzzles of four numbers from 1 to 13 that have a solution, in an order of the seed.
std::vector<Puzzle> puzzles_of(std::uint64_t seed) {
  std::vector<Puzzle> out;
  Reach reach;
  for (int a = 1; a <= 13; ++a)
    for (int b = a; b <= 13; ++b)
      for (int c = b; c <= 13; ++c)
        for (int d = c; d <= 13; ++d)
          if (reach(numbers_of(start_of({a, b, c, d})))) out.push_back({{a, b, c, d}});
  RandomStream stream(seed, "game24 order");
  for (std::size_t i = out.size(); i > 1; --i)
    std::swap(out[i - 1], out[stream.below(static_cast<std::uint32_t>(i))]);
  return out;
}

explore::Task part(const std::vector<Puzzle>& puzzles, const std::shared_ptr<const Game>& game) {
  explore::Task task;
  task.name = "game24";
  task.step = {.delimiter = "\n", .tokens_max = 64, .steps_max = kSteps};
  for (std::size_t i = 0; i < puzzles.size(); ++i) {
    Problem problem;
    const std::vector<int>& numbers = puzzles[i].numbers;
    problem.task_id = fmt::format("game24/{}", fmt::join(numbers, "_"));
    problem.prompt = fmt::format("Input: {}\nSteps:\n", fmt::join(numbers, " "));
    problem.answer = [](const Prefix& prefix) { return search::text_of(prefix); };
    problem.steps_max = kSteps;
    problem.whole = [](std::string_view text) {
      const std::size_t at = text.find("Answer: ");
      return at != text.npos && text.find('\n', at) != text.npos;
    };
    problem.index = i;
    problem.data = std::make_shared<const Puzzle>(puzzles[i]);
    task.problems.push_back(std::move(problem));
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    const auto at = puzzle_of(problem).replay(search::text_of(answer));
    return at.answered.value_or(false) ? 1. : 0.;
  };
  task.tells_prefixes = true;
  task.fault = [game](const Problem& problem,
                      const Prefix& prefix) -> std::optional<std::uint64_t> {
    if (game->good(problem, prefix)) return std::nullopt;
    // The error is the first prefix that went wrong: all behind it rest on it.
    Prefix first = prefix;
    while (first->parent && !game->good(problem, first->parent)) first = first->parent;
    return first->key;
  };
  task.usual_policy = "proposals";
  task.usual_verifier = "votes";
  task.policies["proposals"] = [game] { return std::make_unique<Proposals>(game); };
  task.verifiers["votes"] = [game] { return std::make_unique<Votes>(game, false); };
  task.verifiers["votes-first-true"] = [game] { return std::make_unique<Votes>(game, true); };
  task.tables["votes"] = [game](const Problem& problem) { return written(*game, problem); };
  return task;
}

}  // namespace

explore::Task game24_task(const Options& options) {
  std::vector<Puzzle> all = puzzles_of(options.seed);
  const std::size_t count = options.problems ? options.problems : kProblemsMade;
  if (count > all.size())
    throw Error(
        fmt::format("--problems {}: Game of 24 has {} puzzles with a solution", count, all.size()),
        ExitCode::usage);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(count);
  const auto game = std::make_shared<Game>();
  game->seed = options.seed;
  explore::Task task = part({all.begin(), middle}, game);
  const auto end = std::min(middle + kProblemsMade, all.end());
  if (middle != end) {
    task.calibration = [rest = std::vector<Puzzle>(middle, end), game] { return part(rest, game); };
  }
  return task;
}

}  // namespace assay::tasks
