#include "harness/tasks/sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/search/weights.h"

namespace assay::tasks {

using search::Prefix;
using search::Problem;
using Symbols = std::span<const std::int32_t>;

namespace {

constexpr int kSymbols = 5, kSymbolsMax = 6;
constexpr int kNumbers = 100, kWords = 26, kWordsMax = 2;

/// A symbol likes the one after it to follow.
std::vector<std::int32_t> drawn_symbols(RandomStream& stream) {
  static const std::vector<double> first = {.3, .25, .2, .15, .1},
                                   further = {.15, .4, .2, .15, .1};  // steps up, modulo 5
  constexpr double kStop = .08;
  std::vector<std::int32_t> out = {static_cast<std::int32_t>(search::drawn(first, stream))};
  while (out.size() < kSymbolsMax && stream.uniform() >= kStop) {
    const auto up = static_cast<std::int32_t>(search::drawn(further, stream));
    out.push_back((out.back() + up) % kSymbols);
  }
  return out;
}

bool comes_back(Symbols sequence) {
  return sequence.size() >= 2 && sequence.front() == sequence.back();
}

bool never_twice_in_a_row(Symbols sequence) {
  return comes_back(sequence) &&
         std::adjacent_find(sequence.begin(), sequence.end()) == sequence.end();
}

/// Half of what is said is a number, its first digit d with the chance log10(1 + 1/d) (0 as 9); the rest
/// is a letter, or two.
std::vector<std::int32_t> drawn_numbers(RandomStream& stream) {
  static const std::vector<double> first_digits = [] {
    std::vector<double> out;
    for (int d = 0; d < 10; ++d) out.push_back(std::log10(1 + 1. / (d ? d : 10)));
    return out;
  }();
  if (stream.below(2)) {
    const auto digit = static_cast<std::int32_t>(search::drawn(first_digits, stream));
    if (digit == 0 || stream.below(2)) return {digit};
    return {10 * digit + static_cast<std::int32_t>(stream.below(10))};
  }
  std::vector<std::int32_t> out;
  do out.push_back(kNumbers + static_cast<std::int32_t>(stream.below(kWords)));
  while (out.size() < kWordsMax && stream.below(2));
  return out;
}

bool is_number(Symbols sequence) { return sequence.size() == 1 && sequence[0] < kNumbers; }

std::vector<std::string> numbered(int count) {
  std::vector<std::string> out;
  for (int s = 0; s < count; ++s) out.push_back(fmt::format(" {}", s));
  return out;
}

std::vector<std::string> numbers_and_letters() {
  std::vector<std::string> out = numbered(kNumbers);
  for (int i = 0; i < kWords; ++i) out.push_back(fmt::format(" {}", static_cast<char>('a' + i)));
  return out;
}

/// None where the text is anything else.
std::optional<std::vector<std::int32_t>> sequence_of(const Source& source, std::string_view text) {
  std::vector<std::int32_t> out;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find(' ', 1));
    const auto found = std::find(source.pieces.begin(), source.pieces.end(), piece);
    if (found == source.pieces.end()) return std::nullopt;
    out.push_back(static_cast<std::int32_t>(found - source.pieces.begin()));
    text.remove_prefix(piece.size());
  }
  if (out.size() > static_cast<std::size_t>(source.length_max)) return std::nullopt;
  return out;
}

class SourceVerifier final : public search::PrefixVerifier {
 public:
  explicit SourceVerifier(const Source& source) : source_(source) {}
  search::Stage stage() const override { return search::Stage::answers; }
  std::vector<search::Score> score(const Problem&, std::span<const Prefix> prefixes) override {
    std::vector<search::Score> out;
    for (const Prefix& prefix : prefixes) {
      const auto sequence = sequence_of(source_, search::text_of(prefix));
      if (prefix->finish == search::Finish::open)
        out.emplace_back();
      else
        out.push_back({sequence && source_.accepts(*sequence) ? 1. : 0., true});
    }
    return out;
  }

 private:
  const Source& source_;
};

}  // namespace

const Source* source_of(std::string_view name) {
  static const Source symbols = {numbered(kSymbols), kSymbolsMax,          drawn_symbols,
                                 comes_back,         never_twice_in_a_row, "ring"};
  static const Source numbers = {
      numbers_and_letters(), kWordsMax, drawn_numbers, is_number, nullptr, "number", false, 16};
  return name == "symbols" ? &symbols : name == "numbers" ? &numbers : nullptr;
}

explore::Task source_task(const std::string& name, const Source& source) {
  explore::Task task;
  task.name = name;
  task.step = {.delimiter = "", .tokens_max = 1, .steps_max = source.length_max + 1};
  Problem problem;
  problem.task_id = name + "/0";  // there is nothing to ask: all answers are to one problem
  problem.answer = [](const Prefix& prefix) { return search::text_of(prefix); };
  problem.steps_max = source.length_max + 1;  // the last ends the text
  task.problems.push_back(std::move(problem));
  task.truth = [&source](const Problem&, const Prefix& answer) {
    const auto sequence = sequence_of(source, search::text_of(answer));
    return sequence && (source.right ? source.right : source.accepts)(*sequence) ? 1. : 0.;
  };
  task.pieces = source.pieces;
  task.example = [&source](RandomStream& stream) {
    explore::Example example;
    for (const std::int32_t symbol : source.drawn(stream))
      example.answer += source.pieces[static_cast<std::size_t>(symbol)];
    return example;
  };
  task.verifiers[source.verifier] = [&source] { return std::make_unique<SourceVerifier>(source); };
  task.usual_verifier = source.verifier;
  return task;
}

}  // namespace assay::tasks
