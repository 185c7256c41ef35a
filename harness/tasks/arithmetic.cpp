// Arithmetic with a calculator of two operands, as arXiv 2310.04363 has it: sums and differences of digits
// from left to right, by a chain of calls whose results a tool puts in.
//
//   "6 - 0 - 4 - 8 ? "   is answered by   "6 - 0 = 6, 6 - 4 = 2, 2 - 8 = -6. -6"
//
// The model writes all but what stands behind " = ", which the calculator puts in while it is written
// (search::Problem::tool). What it is trained on first is a weak prior: a part
// of its chains are right, others slip, or are about something else, or miss. `arithmetic` slips without a
// pattern; `arithmetic:reversed` has one: most of its chains go from right to left.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Prefix;
using search::Problem;

constexpr int kLargest = 60;  ///< numbers from -60 to 60: six digits never come further
constexpr std::string_view kAsk = " ? ", kEquals = " = ", kNext = ", ", kStop = ". ";
constexpr int kTrained = 6;  ///< operands in what the first model is trained on: 2 to so many

struct Question {
  std::vector<int> operands;
  std::string operators;  ///< '+' or '-', one less
  std::string text() const {
    std::string out = std::to_string(operands[0]);
    for (std::size_t i = 0; i < operators.size(); ++i)
      out += fmt::format(" {} {}", operators[i], operands[i + 1]);
    return out;
  }
};

int result(int a, char op, int b) { return op == '+' ? a + b : a - b; }

int value(const Question& question) {
  int out = question.operands[0];
  for (std::size_t i = 0; i < question.operators.size(); ++i)
    out = result(out, question.operators[i], question.operands[i + 1]);
  return out;
}

const Question& question_of(const Problem& problem) {
  return *static_cast<const Question*>(problem.data.get());
}

std::string call(int a, char op, int b) {
  return fmt::format("{} {} {} = {}", a, op, b, result(a, op, b));
}

std::string right_chain(const Question& question) {
  std::vector<std::string> calls;
  int so_far = question.operands[0];
  for (std::size_t i = 0; i < question.operators.size(); ++i) {
    calls.push_back(call(so_far, question.operators[i], question.operands[i + 1]));
    so_far = result(so_far, question.operators[i], question.operands[i + 1]);
  }
  return fmt::format("{}", fmt::join(calls, kNext));
}

Question random_question(int operands, RandomStream& stream) {
  Question out;
  for (int i = 0; i < operands; ++i) {
    out.operands.push_back(static_cast<int>(stream.below(10)));
    if (i > 0) out.operators += stream.below(2) ? '-' : '+';
  }
  return out;
}

/// "12 - 3" as operands and operator: what the calculator computes. None where it is anything else.
std::optional<int> computed(std::string_view asked) {
  const std::vector<std::string> words = split(std::string(asked), ' ');
  if (words.size() != 3 || (words[1] != "+" && words[1] != "-")) return std::nullopt;
  const auto a = number_in<int>(words[0]), b = number_in<int>(words[2]);
  if (!a || !b || std::abs(*a) > kLargest || std::abs(*b) > kLargest) return std::nullopt;
  const int out = result(*a, words[1][0], *b);
  return std::abs(out) <= kLargest ? std::optional(out) : std::nullopt;
}

/// What stands behind the last comma.
std::string_view last_call(std::string_view chain) {
  const std::size_t comma = chain.rfind(kNext);
  return comma == chain.npos ? chain : chain.substr(comma + kNext.size());
}

std::string calculator(std::string_view chain) {
  if (!chain.ends_with(kEquals)) return "";
  std::string_view asked = last_call(chain);
  asked.remove_suffix(kEquals.size());
  const std::optional<int> out = computed(asked);
  return out ? std::to_string(*out) : "";
}

/// Whether it ends with a call and its result, or is empty.
bool may_stop(std::string_view chain) {
  if (chain.empty()) return true;
  const std::string_view last = last_call(chain);
  const std::size_t equals = last.find(kEquals);
  if (equals == last.npos) return false;
  const std::optional<int> out = computed(last.substr(0, equals));
  return out && last.substr(equals + kEquals.size()) == std::to_string(*out);
}

/// Whether each call begins with what the call before came to, and has the result that the calculator gives,
/// whatever was asked. A last call may be unfinished.
bool is_consistent(std::string_view chain) {
  std::string so_far;
  while (!chain.empty()) {
    const std::size_t comma = chain.find(kNext);
    const std::string_view call = chain.substr(0, comma);
    const std::size_t equals = call.find(kEquals);
    const std::string begins = so_far.empty() ? "" : so_far + " ";
    if (!call.starts_with(begins.substr(0, call.size()))) return false;
    if (equals == call.npos) return comma == chain.npos;
    const std::optional<int> out = computed(call.substr(0, equals));
    so_far = std::string(call.substr(equals + kEquals.size()));
    if (!out || (so_far != std::to_string(*out) && !(so_far.empty() && comma == chain.npos)))
      return false;
    chain = comma == chain.npos ? "" : chain.substr(comma + kNext.size());
  }
  return true;
}

/// What a chain comes to: the result of its last call, empty where it has none.
std::string_view outcome(std::string_view chain) {
  const std::string_view last = last_call(chain);
  const std::size_t equals = last.find(kEquals);
  return equals == last.npos ? "" : last.substr(equals + kEquals.size());
}

explore::Calls calls_of(std::string_view chain) {
  explore::Calls out;
  for (std::size_t at = 0; (at = chain.find(kEquals, at)) != chain.npos;) {
    at += kEquals.size();
    ++out.all;
    out.invalid += calculator(chain.substr(0, at)).empty();
  }
  return out;
}

enum class Kind { right, slip, stray, direct, reversed };

/// How often the chains of a first model are of which kind.
struct Prior {
  const char* name;
  double right, slip, stray, direct, reversed;
};
constexpr Prior kPriors[] = {{"arithmetic", .45, .25, .2, .1, 0},
                             {"arithmetic:reversed", .08, 0, .22, .1, .6},
                             {"arithmetic:mixed", .3, .1, .15, .1, .35}};

Kind drawn_kind(const Prior& prior, RandomStream& stream) {
  double left = stream.uniform();
  for (const auto& [kind, share] : {std::pair{Kind::right, prior.right},
                                    {Kind::slip, prior.slip},
                                    {Kind::stray, prior.stray},
                                    {Kind::direct, prior.direct}})
    if ((left -= share) < 0) return kind;
  return prior.reversed > 0 ? Kind::reversed : Kind::direct;
}

/// A chain of that kind, and what it comes to, which is what is answered behind it.
std::string example_of(const Question& question, Kind kind, RandomStream& stream) {
  const std::size_t count = question.operators.size();
  if (kind == Kind::direct) return fmt::format("{}{}", kStop, value(question));
  Question asked = question;
  if (kind == Kind::stray) asked = random_question(static_cast<int>(count) + 1, stream);
  const std::size_t slip = stream.below(static_cast<std::uint32_t>(count));
  if (kind == Kind::slip) {
    if (stream.below(2))
      asked.operands[slip + 1] = static_cast<int>(stream.below(10));
    else
      asked.operators[slip] = asked.operators[slip] == '+' ? '-' : '+';
  }
  if (kind != Kind::reversed) return fmt::format("{}{}{}", right_chain(asked), kStop, value(asked));
  std::vector<std::string> calls;
  int so_far = asked.operands[count];
  for (std::size_t i = count; i-- > 0;) {
    calls.push_back(call(asked.operands[i], asked.operators[i], so_far));
    so_far = result(asked.operands[i], asked.operators[i], so_far);
  }
  return fmt::format("{}{}{}", fmt::join(calls, kNext), kStop, so_far);
}

/// The questions of a task by what they are for.
struct Sets {
  std::vector<Question> demonstrations, training, held_out, test;
  std::set<std::string> kept_out;  ///< of what models are trained on: held out and test
};
constexpr std::size_t kDemonstrations = 50, kTraining = 1000, kHeldOut = 200;

/// As many as in the paper, of its kinds, no question in two of them.
Sets random_sets(const Options& options) {
  RandomStream stream(options.seed, "arithmetic");
  std::set<std::string> seen;
  const auto fresh = [&](int operands) {
    for (;;) {
      Question question = random_question(operands, stream);
      if (seen.insert(question.text()).second) return question;
    }
  };
  const std::size_t all = options.problems ? options.problems : 3 * kProblemsMade;
  Sets out;
  for (std::size_t i = 0; i < kDemonstrations; ++i)
    out.demonstrations.push_back(fresh(3 + static_cast<int>(stream.below(2))));
  for (std::size_t i = 0; i < kTraining; ++i)
    out.training.push_back(fresh(3 + static_cast<int>(stream.below(2))));
  for (std::size_t i = 0; i < kHeldOut; ++i)
    out.held_out.push_back(fresh(3 + static_cast<int>(stream.below(2))));
  for (int operands = 3; operands <= 5; ++operands)
    for (std::size_t i = static_cast<std::size_t>(operands - 3); i < all; i += 3)
      out.test.push_back(fresh(operands));
  return out;
}

Question parsed(std::string_view text, const std::string& where) {
  Question out;
  const std::vector<std::string> words = split(std::string(text), ' ');
  bool good = words.size() >= 3 && words.size() % 2 == 1 && words.size() < 2 * kTrained;
  for (std::size_t i = 0; i < words.size() && good; ++i) {
    const auto digit = number_in<int>(words[i]);
    good = i % 2 ? words[i] == "+" || words[i] == "-" : digit && *digit >= 0 && *digit <= 9;
    if (good && i % 2 == 1) out.operators += words[i][0];
    if (good && i % 2 == 0) out.operands.push_back(*digit);
  }
  if (good) return out;
  throw Error(fmt::format(
      "{}: `{}` is no question; write two to {} digits with + and - between them, as in 6 "
      "- 0 - 4 - 8",
      where, text, kTrained));
}

/// A line a question, with its set before it: "demo 6 - 0 - 4", "qa ...", "t3 ..." to
/// "t6 ..." (test, by operands). A test question that stands among those to learn from is left out, and of those to learn from the last 200 are held out.
Sets sets_of(const std::string& path, const Options& options) {
  Sets out;
  std::vector<Question> test;
  std::set<std::string> learned, met;
  int number = 0;
  LineReader reader(path);
  std::string line;
  while (reader.next(line)) {
    ++number;
    if (line.empty()) continue;
    const std::string where = fmt::format("{}, line {}", path, number);
    const std::size_t space = line.find(' ');
    const std::string set = line.substr(0, space);
    Question question = parsed(space == line.npos ? "" : line.substr(space + 1), where);
    if (set.size() == 2 && set[0] == 't' && set[1] >= '3' && set[1] <= '6') {
      if (met.insert(question.text()).second) test.push_back(std::move(question));
      continue;
    }
    if (set != "demo" && set != "qa")
      throw Error(
          fmt::format("{}: `{}` is no set; there is demo, qa, t3, t4, t5 and t6", where, set));
    const bool fresh = learned.insert(question.text()).second;
    if (fresh || set == "demo")
      (set == "demo" ? out.demonstrations : out.training).push_back(std::move(question));
  }
  const std::size_t held_out = std::min(kHeldOut, out.training.size() / 4);
  out.held_out.assign(out.training.end() - static_cast<std::ptrdiff_t>(held_out),
                      out.training.end());
  out.training.resize(out.training.size() - held_out);
  for (Question& question : test)
    if (!learned.contains(question.text())) out.test.push_back(std::move(question));
  if (out.demonstrations.empty() || out.training.empty() || out.test.empty())
    throw Error(fmt::format(
        "{}: it has no questions of {}; it needs some of demo, of qa, and of one of t3, t4, t5 and t6 "
        "that do not stand in the first two as well",
        path,
        out.demonstrations.empty() ? "demo"
        : out.training.empty()     ? "qa"
                                   : "a test"));
  if (options.problems && options.problems < out.test.size()) out.test.resize(options.problems);
  return out;
}

bool is_right(const Problem& problem, const Prefix& answer) {
  return answer->finish == search::Finish::complete &&
         problem.answer(answer) == std::to_string(value(question_of(problem)));
}

std::vector<Problem> problems_of(const std::vector<Question>& questions, const std::string& name) {
  std::vector<Problem> out;
  for (const Question& question : questions) {
    Problem problem;
    problem.task_id = fmt::format("{}/{}", name, question.text());
    problem.prompt = question.text() + std::string(kAsk);
    problem.index = out.size();
    problem.data = std::make_shared<const Question>(question);
    problem.tool = calculator;
    problem.answer = [](const Prefix& prefix) {
      const std::string text = search::text_of(prefix);
      const std::size_t stop = text.find(kStop);
      return stop == text.npos ? "" : text.substr(stop + kStop.size());
    };
    out.push_back(std::move(problem));
  }
  return out;
}

/// Checks an answer against the chain that it stands behind, and the chain against itself: it does not look at the
/// question. An answer without a chain is refused.
class ConsistentVerifier final : public search::PrefixVerifier {
 public:
  search::Stage stage() const override { return search::Stage::prefixes; }
  std::vector<search::Score> score(const Problem&, std::span<const Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const Prefix& prefix : prefixes) {
      const std::string text = search::text_of(prefix);
      const std::size_t stop = text.find(kStop);
      const std::string_view chain = std::string_view(text).substr(0, stop);
      bool good = is_consistent(chain);
      if (prefix->finish != search::Finish::open)
        good = good && prefix->finish == search::Finish::complete && stop != text.npos &&
               !outcome(chain).empty() &&
               std::string_view(text).substr(stop + kStop.size()) == outcome(chain);
      out.push_back({good ? 1. : 0., true});
    }
    return out;
  }
};

/// Knows what the question comes to and looks at the answer alone, not at the chain before it.
class AnswerVerifier final : public search::PrefixVerifier {
 public:
  search::Stage stage() const override { return search::Stage::answers; }
  std::vector<search::Score> score(const Problem& problem,
                                   std::span<const Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const Prefix& prefix : prefixes)
      if (prefix->finish == search::Finish::open)
        out.emplace_back();
      else
        out.push_back({is_right(problem, prefix) ? 1. : 0., true});
    return out;
  }
};

/// Where a text leaves the right chain and the answer behind it: the first step that does.
std::optional<std::uint64_t> chain_fault(const Problem& problem, const Prefix& prefix) {
  const Question& question = question_of(problem);
  const std::string right =
      right_chain(question) + std::string(kStop) + std::to_string(value(question));
  const bool open = prefix->finish == search::Finish::open;
  const std::string text = search::text_of(prefix);
  if (open ? right.starts_with(text) : prefix->finish == search::Finish::complete && text == right)
    return std::nullopt;
  for (int depth = 1; depth < prefix->depth; ++depth) {
    const Prefix first = search::first_steps(prefix, depth);
    if (!right.starts_with(search::text_of(first))) return first->key;
  }
  return prefix->key;
}

std::vector<std::string> numbers() {
  std::vector<std::string> out;
  for (int i = -kLargest; i <= kLargest; ++i) out.push_back(std::to_string(i));
  return out;
}

/// Whether right means the right chain, and not the answer alone.
bool by_chain(const Options& options) {
  for (const std::string& gold : options.gold)
    if (gold != "answer" && gold != "chain")
      throw Error(fmt::format("--gold {}: of arithmetic there is answer, and chain", gold),
                  ExitCode::usage);
  return std::find(options.gold.begin(), options.gold.end(), "chain") != options.gold.end();
}

const Prior& prior_of(std::string_view name) {
  for (const Prior& prior : kPriors)
    if (name == prior.name) return prior;
  throw Error(
      fmt::format(
          "--task {}: there is arithmetic, arithmetic:mixed and arithmetic:reversed, each also with "
          "a file of questions behind a comma",
          name),
      ExitCode::usage);
}

}  // namespace

explore::Task arithmetic_task(const std::string& name, const Options& options) {
  const std::size_t comma = name.find(',');
  const Prior& prior = prior_of(name.substr(0, comma));
  Sets sets = comma == name.npos ? random_sets(options) : sets_of(name.substr(comma + 1), options);
  for (const auto* kept : {&sets.held_out, &sets.test})
    for (const Question& question : *kept) sets.kept_out.insert(question.text());
  explore::Task task;
  task.name = name;
  task.step = {.delimiter = std::string(kEquals), .tokens_max = 16, .steps_max = 12};
  task.problems = problems_of(sets.test, prior.name);
  task.truth = [](const Problem& problem, const Prefix& answer) {
    return is_right(problem, answer) ? 1. : 0.;
  };
  task.fault = fault_of_answers(task.truth);
  if (by_chain(options)) {
    task.truth = [](const Problem& problem, const Prefix& answer) {
      return chain_fault(problem, answer) ? 0. : 1.;
    };
    task.fault = chain_fault;
    task.tells_prefixes = true;
  }
  task.verifiers["answer"] = [] { return std::make_unique<AnswerVerifier>(); };
  task.verifiers["consistent"] = [] { return std::make_unique<ConsistentVerifier>(); };
  task.usual_verifier = "consistent";
  task.pieces = numbers();
  for (const std::string_view piece :
       {std::string_view(" + "), std::string_view(" - "), kEquals, kNext, kStop, kAsk})
    task.pieces.emplace_back(piece);
  task.example = [&prior, kept_out = sets.kept_out](RandomStream& stream) {
    for (;;) {
      const Question question =
          random_question(2 + static_cast<int>(stream.below(kTrained - 1)), stream);
      if (kept_out.contains(question.text())) continue;
      return explore::Example{question.text() + std::string(kAsk),
                              example_of(question, drawn_kind(prior, stream), stream)};
    }
  };
  explore::Reasoning reasoning;
  reasoning.stop = kStop;
  reasoning.pieces = numbers();
  for (const std::string_view piece :
       {std::string_view(" + "), std::string_view(" - "), kEquals, kNext})
    reasoning.pieces.emplace_back(piece);
  reasoning.actions_max = 5 * (kTrained - 1);
  reasoning.tool = calculator;
  reasoning.calls = calls_of;
  reasoning.may_stop = may_stop;
  reasoning.right = [](const Problem& problem) {
    return std::to_string(value(question_of(problem)));
  };
  reasoning.difficulty = [](const Problem& problem) {
    return static_cast<int>(question_of(problem).operands.size());
  };
  reasoning.right_chain = [](const Problem& problem, std::string_view chain) {
    return chain == right_chain(question_of(problem));
  };
  reasoning.demonstration = [](const Problem& problem) {
    return right_chain(question_of(problem));
  };
  reasoning.training = problems_of(sets.training, prior.name);
  reasoning.held_out = problems_of(sets.held_out, prior.name);
  reasoning.demonstrations = problems_of(sets.demonstrations, prior.name);
  task.reasoning = std::move(reasoning);
  task.calibration = [whole = task] {
    explore::Task others = whole;
    others.problems = whole.reasoning->held_out;
    return others;
  };
  return task;
}

}  // namespace assay::tasks
