// Thoughts: problems that may be answered at once or behind a thought, for learning when to think. A
// state goes through one to six moves, and the answer is where it comes to; the more moves, the less a
// small model can do at once. A thought says states on the way.
//
//   "+ 3* 2: 5"         is answered by " = 5", and with a thought by " 8 5 = 5"
//   "verbose + 3* 2: 5" by "+ 3 8;* 2 5; = 5"
//
// Three families, which share nothing but their form: `chain` (arithmetic modulo 11), `walk` (steps on
// a torus of 25 fields) and `cups` (which of six cups holds the ball). `thoughts` is chain and walk;
// cups is kept out of it, to see what carries over.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "harness/base/error.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Prefix;
using search::Problem;

constexpr int kMovesMax = 6;
constexpr std::string_view kMark = " =", kStepEnd = ";";

/// States and moves are texts of a token each.
struct Family {
  const char* name;
  std::vector<std::string> states, moves;
  std::vector<std::vector<int>> next;  ///< [state][move]
};

Family chain_family() {
  constexpr int kModulus = 11;
  Family family{"chain", {}, {}, {}};
  for (int state = 0; state < kModulus; ++state) {
    family.states.push_back(fmt::format(" {}", state));
    family.next.emplace_back();
    for (const char op : {'+', '-', '*'})
      for (int operand = 1; operand < kModulus; ++operand) {
        const int to = op == '+' ? state + operand : op == '-' ? state - operand : state * operand;
        family.next.back().push_back((to + kModulus) % kModulus);
      }
  }
  for (const char op : {'+', '-', '*'})
    for (int operand = 1; operand < kModulus; ++operand)
      family.moves.push_back(fmt::format("{} {}", op, operand));
  return family;
}

Family walk_family() {
  constexpr int kSide = 5;
  Family family{"walk", {}, {}, {}};
  for (int row = 0; row < kSide; ++row)
    for (int column = 0; column < kSide; ++column) {
      family.states.push_back(fmt::format(" {}{}", static_cast<char>('a' + column), row + 1));
      family.next.emplace_back();
      for (const auto& [down, right] : {std::pair{-1, 0}, {1, 0}, {0, 1}, {0, -1}})
        for (int far = 1; far <= 2; ++far)
          family.next.back().push_back((row + down * far + kSide) % kSide * kSide +
                                       (column + right * far + kSide) % kSide);
    }
  for (const char* way : {"N", "S", "E", "W"})
    for (int far = 1; far <= 2; ++far) family.moves.push_back(fmt::format("{} {}", way, far));
  return family;
}

Family cups_family() {
  constexpr int kCups = 6;
  Family family{"cups", {}, {}, std::vector<std::vector<int>>(kCups)};
  for (int cup = 0; cup < kCups; ++cup)
    family.states.push_back(fmt::format(" {}", static_cast<char>('A' + cup)));
  for (int a = 0; a < kCups; ++a)
    for (int b = a + 1; b < kCups; ++b) {
      family.moves.push_back(
          fmt::format("{}/{}", static_cast<char>('A' + a), static_cast<char>('A' + b)));
      for (int cup = 0; cup < kCups; ++cup)
        family.next[static_cast<std::size_t>(cup)].push_back(cup == a ? b : cup == b ? a : cup);
    }
  return family;
}

const std::array<Family, 3>& families() {
  static const std::array<Family, 3> kFamilies = {chain_family(), walk_family(), cups_family()};
  return kFamilies;
}

struct Question {
  const Family* family;
  std::vector<int> moves, states;  ///< states[0] is where it begins, states[i] behind move i
  std::string prompt;
};

Question random_question(const Family& family, int moves, RandomStream& stream) {
  Question out{&family, {}, {}, ""};
  out.states.push_back(
      static_cast<int>(stream.below(static_cast<std::uint32_t>(family.states.size()))));
  for (int i = 0; i < moves; ++i) {
    const int move =
        static_cast<int>(stream.below(static_cast<std::uint32_t>(family.moves.size())));
    out.moves.push_back(move);
    out.prompt += family.moves[static_cast<std::size_t>(move)];
    out.states.push_back(
        family.next[static_cast<std::size_t>(out.states.back())][static_cast<std::size_t>(move)]);
  }
  out.prompt += ":" + family.states[static_cast<std::size_t>(out.states[0])];
  return out;
}

const Question& question_of(const Problem& problem) {
  return *static_cast<const Question*>(problem.data.get());
}

const std::string& state_text(const Question& question, std::size_t at) {
  return question.family->states[static_cast<std::size_t>(question.states[at])];
}

/// Which part a question belongs to is a property of its prompt, so no two parts share one.
enum class Part { training, calibration, test };
Part part_of(const Question& question) {
  const std::uint64_t share = RandomStream(0, question.prompt).next() % 10;
  return share == 0 ? Part::test : share == 1 ? Part::calibration : Part::training;
}

Question draw(const std::vector<const Family*>& from, RandomStream& stream, Part part) {
  const Family& family = *from[stream.below(static_cast<std::uint32_t>(from.size()))];
  const int moves = 1 + static_cast<int>(stream.below(kMovesMax));
  for (;;) {
    Question question = random_question(family, moves, stream);
    if (part_of(question) == part) return question;
  }
}

/// What stands behind the mark, where the text ends there; empty where it is no answer.
std::string answer_of(std::string_view text) {
  const std::size_t mark = text.find(kMark);
  return mark == text.npos ? "" : std::string(text.substr(mark + kMark.size()));
}

Problem problem_of(const std::shared_ptr<const Question>& question, std::string task_id) {
  Problem problem;
  problem.task_id = std::move(task_id);
  problem.prompt = question->prompt;
  problem.answer = [](const Prefix& prefix) {
    return prefix->finish == search::Finish::complete ? answer_of(search::text_of(prefix)) : "";
  };
  problem.data = question;
  return problem;
}

bool right(const Problem& problem, std::string_view text) {
  const Question& question = question_of(problem);
  return answer_of(text) == state_text(question, question.states.size() - 1);
}

/// Whether each state that the thought names is one on the way, none before another that comes later,
/// and each move that it names the one that leads there.
bool right_thought(const Question& question, std::string_view thought) {
  std::size_t at = 0;
  while (!thought.empty()) {
    if (thought.starts_with(kStepEnd)) {
      thought.remove_prefix(kStepEnd.size());
      continue;
    }
    const bool names_move = thought[0] != ' ';
    std::size_t next = at + 1;
    for (; next < question.states.size(); ++next) {
      const std::string& state = state_text(question, next);
      const std::string step =
          (names_move ? question.family->moves[static_cast<std::size_t>(question.moves[next - 1])]
                      : "") +
          state;
      // " 1" does not begin " 10".
      const std::string_view rest =
          thought.starts_with(step) ? thought.substr(step.size()) : std::string_view("0");
      if (thought.starts_with(step) && (rest.empty() || rest[0] < '0' || rest[0] > '9')) {
        thought = rest;
        break;
      }
    }
    if (next >= question.states.size()) return false;
    at = next;
  }
  return true;
}

constexpr std::array<const char*, 3> kStyles = {"direct ", "terse ", "verbose "};

/// Ways of thinking without a word that says how: none, all or some of the states on the way, or, mostly,
/// verbose, as models do.
constexpr std::array<std::uint32_t, 6> kHabits = {0, 1, 3, 2, 2, 2};

/// As the style says; without one, as it comes.
std::string text_of(const Question& question, std::string_view style, RandomStream& stream) {
  const std::uint32_t way = style == kStyles[0]   ? 0
                            : style == kStyles[1] ? 1
                            : style == kStyles[2] ? 2
                                                  : kHabits[stream.below(kHabits.size())];
  std::string text;
  for (std::size_t i = 1; i < question.states.size(); ++i) {
    if (way == 2)
      text += question.family->moves[static_cast<std::size_t>(question.moves[i - 1])] +
              state_text(question, i) + std::string(kStepEnd);
    else if (way == 1 || (way == 3 && stream.below(2) == 1))
      text += state_text(question, i);
  }
  return text + std::string(kMark) + state_text(question, question.states.size() - 1);
}

std::vector<const Family*> families_of(const std::string& name) {
  if (name == "thoughts") return {&families()[0], &families()[1]};
  for (const Family& family : families())
    if (name == fmt::format("thoughts:{}", family.name)) return {&family};
  throw Error(fmt::format("--task {}: there is thoughts, thoughts:chain, thoughts:walk and "
                          "thoughts:cups",
                          name),
              ExitCode::usage);
}

explore::Task part_task(const std::string& name, Part part, const Options& options) {
  const std::vector<const Family*> from = families_of(name);
  RandomStream stream(options.seed,
                      fmt::format("{} {}", name, part == Part::test ? "test" : "calibration"));
  explore::Task task;
  task.name = name;
  task.step = {.delimiter = "", .tokens_max = 1, .steps_max = 4 * kMovesMax};
  const std::size_t count = options.problems ? options.problems : kProblemsMade;
  std::set<std::string> seen;
  // There are few with one move: when those are all there, others take their place.
  while (task.problems.size() < count) {
    const auto question = std::make_shared<const Question>(draw(from, stream, part));
    if (!seen.insert(question->prompt).second) continue;
    task.problems.push_back(problem_of(question, fmt::format("{}/{}", name, task.problems.size())));
    task.problems.back().index = task.problems.size() - 1;
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    return answer->finish == search::Finish::complete && right(problem, search::text_of(answer))
               ? 1.
               : 0.;
  };
  // A thought that errs may still come right, and a right one end wrong: only the end can tell.
  task.fault = fault_of_answers(task.truth);
  return task;
}

}  // namespace

explore::Task thoughts_task(const std::string& name, const Options& options) {
  explore::Task task = part_task(name, Part::test, options);
  for (const Family& family : families()) {
    task.pieces.insert(task.pieces.end(), family.states.begin(), family.states.end());
    task.pieces.insert(task.pieces.end(), family.moves.begin(), family.moves.end());
  }
  task.pieces.insert(task.pieces.end(), kStyles.begin(), kStyles.end());
  for (const std::string_view other : {kMark, kStepEnd, std::string_view(":")})
    task.pieces.emplace_back(other);
  // A model that is to learn when to think knows all families, also those that it does not learn it on.
  task.example = [](RandomStream& stream) {
    const Question question =
        draw({&families()[0], &families()[1], &families()[2]}, stream, Part::training);
    const std::uint32_t style = stream.below(kStyles.size() + 1);
    const std::string tag = style < kStyles.size() ? kStyles[style] : "";
    return explore::Example{tag + question.prompt, text_of(question, tag, stream)};
  };
  task.calibration = [name, seed = options.seed] {
    return part_task(name, Part::calibration, {.problems = kProblemsMade, .seed = seed});
  };
  task.thinking = explore::Thinking{
      .mark = std::string(kMark),
      .styles = {kStyles.begin(), kStyles.end()},
      .right =
          [](const Problem& problem) {
            return state_text(question_of(problem), question_of(problem).states.size() - 1);
          },
      .difficulty =
          [](const Problem& problem) {
            return static_cast<int>(question_of(problem).moves.size());
          },
      .right_chain =
          [](const Problem& problem, const std::string& text) {
            return right(problem, text) &&
                   right_thought(question_of(problem),
                                 std::string_view(text).substr(0, text.find(kMark)));
          },
      .question =
          [from = families_of(name)](RandomStream& stream) {
            const auto question =
                std::make_shared<const Question>(draw(from, stream, Part::training));
            return problem_of(question, question->prompt);
          }};
  return task;
}

}  // namespace assay::tasks
