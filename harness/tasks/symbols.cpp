#include "harness/tasks/symbols.h"

#include <fmt/format.h>

#include <numeric>

#include "harness/search/weights.h"

namespace assay::tasks {

using search::Prefix;
using search::Problem;

std::vector<std::int32_t> drawn_symbols(RandomStream& stream) {
  static const std::vector<double> first = {.3, .25, .2, .15, .1},
                                   further = {.15, .4, .2, .15, .1};  // steps up, modulo 5
  constexpr double kStop = .08;
  std::vector<std::int32_t> out = {static_cast<std::int32_t>(search::drawn(first, stream))};
  while (out.size() < kSymbolsLengthMax && stream.uniform() >= kStop) {
    const auto up = static_cast<std::int32_t>(search::drawn(further, stream));
    out.push_back((out.back() + up) % kSymbols);
  }
  return out;
}

bool accepts_symbols(std::span<const std::int32_t> sequence) {
  return sequence.size() >= 2 && sequence.size() <= kSymbolsLengthMax &&
         std::accumulate(sequence.begin(), sequence.end(), 0) % 10 == 0;
}

bool right_symbols(std::span<const std::int32_t> sequence) {
  for (std::size_t i = 1; i < sequence.size(); ++i)
    if (sequence[i] == sequence[i - 1]) return false;
  return accepts_symbols(sequence);
}

/// " 0 3" and so on; empty where the text is anything else.
static std::vector<std::int32_t> symbols_of(std::string_view text) {
  std::vector<std::int32_t> out;
  for (; !text.empty(); text.remove_prefix(2)) {
    if (text.size() < 2 || text[0] != ' ' || text[1] < '0' || text[1] >= '0' + kSymbols) return {};
    out.push_back(text[1] - '0');
  }
  return out;
}

namespace {

class SumVerifier final : public search::PrefixVerifier {
 public:
  search::Stage stage() const override { return search::Stage::answers; }
  std::vector<search::Score> score(const Problem&, std::span<const Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const Prefix& prefix : prefixes) {
      if (prefix->finish == search::Finish::open)
        out.emplace_back();
      else
        out.push_back({accepts_symbols(symbols_of(search::text_of(prefix))) ? 1. : 0., true});
    }
    return out;
  }
};

}  // namespace

std::vector<std::string> symbol_pieces() {
  std::vector<std::string> out;
  for (int s = 0; s < kSymbols; ++s) out.push_back(fmt::format(" {}", s));
  return out;
}

explore::Task symbols_task(const Options&) {
  explore::Task task;
  task.name = "symbols";
  task.step = {.delimiter = "", .tokens_max = 1, .steps_max = kSymbolsLengthMax + 1};
  Problem problem;
  problem.task_id = "symbols/0";  // there is nothing to ask: all answers are to one problem
  problem.answer = [](const Prefix& prefix) { return search::text_of(prefix); };
  problem.steps_max = kSymbolsLengthMax + 1;  // the last ends the text
  task.problems.push_back(std::move(problem));
  task.truth = [](const Problem&, const Prefix& answer) {
    return right_symbols(symbols_of(search::text_of(answer))) ? 1. : 0.;
  };
  task.pieces = symbol_pieces();
  task.example = [](RandomStream& stream) {
    explore::Example example;
    for (const std::int32_t symbol : drawn_symbols(stream))
      example.answer += fmt::format(" {}", symbol);
    return example;
  };
  task.verifiers["sum"] = [] { return std::make_unique<SumVerifier>(); };
  task.usual_verifier = "sum";
  return task;
}

}  // namespace assay::tasks
