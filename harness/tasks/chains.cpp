// Chains: eight operations modulo 17, one after the other, with each intermediate value a step. A
// value that is wrong makes all behind it wrong, unless it comes right again by chance.
//
//   "+ 3* 2- 7 ...: 5" is answered by " 8 16 9 ..."
//
// The number that it begins with stands last, and a model reads an operation as one token: so each value
// lies as far behind its operation and the value before it as any other, and a model that is still
// learning errs by the operations. It would know all places but one otherwise, which is no policy that
// a verifier of steps could help.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/base/error.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Prefix;
using search::Problem;

constexpr int kModulus = 17, kOperations = 8;
constexpr std::string_view kOperators = "+-*";

struct Chain {
  std::string prompt;
  std::vector<int> values;  ///< after each operation
};

Chain random_chain(RandomStream& stream) {
  Chain chain;
  int value = static_cast<int>(stream.below(kModulus));
  const int begin = value;
  for (int i = 0; i < kOperations; ++i) {
    const char op = kOperators[stream.below(kOperators.size())];
    const int operand = 1 + static_cast<int>(stream.below(kModulus - 1));
    chain.prompt += fmt::format("{} {}", op, operand);
    value = op == '+' ? value + operand : op == '-' ? value - operand : value * operand;
    value = (value % kModulus + kModulus) % kModulus;
    chain.values.push_back(value);
  }
  chain.prompt += fmt::format(": {}", begin);
  return chain;
}

const Chain& chain_of(const Problem& problem) {
  return *static_cast<const Chain*>(problem.data.get());
}

/// Which part a chain belongs to is a property of its prompt, so no two parts share one.
enum class Part { training, calibration, test };
Part part_of(const Chain& chain) {
  const std::uint64_t share = RandomStream(0, chain.prompt).next() % 10;
  return share == 0 ? Part::test : share == 1 ? Part::calibration : Part::training;
}

Chain draw(RandomStream& stream, Part part) {
  for (;;) {
    Chain chain = random_chain(stream);
    if (part_of(chain) == part) return chain;
  }
}

/// The value of each step as far as they are values; -1 for what is none.
std::vector<int> values_of(std::string_view text) {
  std::vector<int> values;
  while (!text.empty()) {
    const std::size_t next = text.find(' ', 1);
    const std::string_view word = text.substr(0, next);
    int value = -1;
    const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), value);
    const bool good = word[0] == ' ' && error == std::errc() && end == word.data() + word.size();
    values.push_back(good && value < kModulus ? value : -1);
    text.remove_prefix(next == text.npos ? text.size() : next);
  }
  return values;
}

std::string answer_of(const Prefix& prefix) {
  const std::vector<int> values = values_of(search::text_of(prefix));
  if (values.size() != kOperations || values.back() < 0) return "";
  return std::to_string(values.back());
}

explore::Task part_task(Part part, const Options& options) {
  RandomStream stream(options.seed, part == Part::test ? "chains test" : "chains calibration");
  explore::Task task;
  task.name = "chains";
  task.step = {.delimiter = "", .tokens_max = 1, .steps_max = kOperations};
  const std::size_t count = options.problems ? options.problems : kProblemsMade;
  for (std::size_t i = 0; i < count; ++i) {
    const auto chain = std::make_shared<const Chain>(draw(stream, part));
    Problem problem;
    problem.task_id = fmt::format("chains/{}", i);
    problem.prompt = chain->prompt;
    problem.answer = answer_of;
    problem.steps_max = kOperations;
    problem.whole = [](std::string_view text) {
      return std::count(text.begin(), text.end(), ' ') >= kOperations;
    };
    problem.index = i;
    problem.data = chain;
    task.problems.push_back(std::move(problem));
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    return answer_of(answer) == std::to_string(chain_of(problem).values.back()) ? 1. : 0.;
  };
  task.tells_prefixes = true;
  task.fault = [truth = task.truth](const Problem& problem,
                                    const Prefix& prefix) -> std::optional<std::uint64_t> {
    if (prefix->finish != search::Finish::open && truth(problem, prefix) > 0) return std::nullopt;
    const std::vector<int>& right = chain_of(problem).values;
    const std::vector<int> values = values_of(search::text_of(prefix));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (i >= right.size() || values[i] != right[i])
        return static_cast<std::uint64_t>(i * kModulus) + static_cast<std::uint64_t>(values[i] + 1);
    // A chain that ends before its last value is wrong by that.
    return prefix->finish == search::Finish::open ? std::nullopt : std::optional(prefix->key);
  };
  return task;
}

}  // namespace

explore::Task chains_task(const Options& options) {
  explore::Task task = part_task(Part::test, options);
  for (int value = 0; value < kModulus; ++value) task.pieces.push_back(fmt::format(" {}", value));
  for (const char op : kOperators)
    for (int operand = 1; operand < kModulus; ++operand)
      task.pieces.push_back(fmt::format("{} {}", op, operand));
  task.pieces.push_back(":");
  task.example = [](RandomStream& stream) {
    const Chain chain = draw(stream, Part::training);
    explore::Example example{chain.prompt, ""};
    for (const int value : chain.values) example.answer += fmt::format(" {}", value);
    return example;
  };
  task.calibration = [seed = options.seed] {
    return part_task(Part::calibration, {.problems = kProblemsMade, .seed = seed});
  };
  return task;
}

}  // namespace assay::tasks
