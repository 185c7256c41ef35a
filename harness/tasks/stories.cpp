// Stories: an opening is to be continued so that the story holds two or three given words, each as a
// word of its own. For models of short stories, which are not told the words: only a search can bring
// them in. A step is a sentence.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "harness/base/words.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {
namespace {

using search::Finish;
using search::Prefix;
using search::Problem;

constexpr int kSentences = 6;  ///< of an answer

/// What is learned from rewards is shorter: a batch is to take a fraction of a second.
constexpr int kLearnedSentences = 2, kLearnedTokens = 48;
constexpr std::size_t kHeldOut = 100;  ///< of the calibration problems

/// Words that half of a small model's stories hold, and words that a seventh to a half do, while as many
/// hold their letters within other words: "all" in "called", "like" in "liked". Chosen by the shares that
/// `story_words` (tests/bench) counts behind the openings of calibration problems.
constexpr std::array<const char*, 6> kOften = {"big", "day", "mom", "play", "said", "saw"};
constexpr std::array<const char*, 8> kWithinOthers = {"all", "go",  "her",  "like",
                                                      "so",  "toy", "very", "want"};

constexpr std::array<const char*, 8> kGirls = {"Lily", "Lucy", "Sue",  "Mia",
                                               "Amy",  "Anna", "Sara", "Jane"};
constexpr std::array<const char*, 8> kBoys = {"Tim",  "Tom", "Ben", "Max",
                                              "Jack", "Sam", "Bob", "Timmy"};
constexpr std::array<const char*, 6> kPlaces = {"park", "garden", "store", "beach", "farm", "zoo"};

struct Story {
  std::string opening;
  std::vector<std::string> words;  ///< small letters, ascending
};

template <typename Value, std::size_t kCount>
const Value& one_of(const std::array<Value, kCount>& all, RandomStream& stream) {
  return all[stream.below(static_cast<std::uint32_t>(kCount))];
}

std::string random_opening(RandomStream& stream) {
  const bool girl = stream.below(2) == 0;
  const char *name = one_of(girl ? kGirls : kBoys, stream), *kind = girl ? "girl" : "boy";
  switch (stream.below(4)) {
    case 0:
      return fmt::format("Once upon a time, there was a little {} named {}.", kind, name);
    case 1:
      return fmt::format("One day, a {} named {} went to the {}.", kind, name,
                         one_of(kPlaces, stream));
    case 2:
      return fmt::format("{} was playing in the {} with {} mom.", name, one_of(kPlaces, stream),
                         girl ? "her" : "his");
    default:
      return fmt::format("{} and {} are friends.", name, one_of(girl ? kBoys : kGirls, stream));
  }
}

const Story& story_of(const Problem& problem) {
  return *static_cast<const Story*>(problem.data.get());
}

/// Small ASCII letters only, and the rest as it is.
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

/// How many of the words stand in the answer so far; with `own`, as words of their own, else by their
/// letters, also within other words.
std::size_t held(const Problem& problem, std::string text, bool own) {
  text = lower(std::move(text));
  const std::vector<std::string>& words = story_of(problem).words;
  return static_cast<std::size_t>(
      std::count_if(words.begin(), words.end(), [&](const std::string& word) {
        return own ? has_word(text, word) : text.find(word) != text.npos;
      }));
}

/// The text with white space squeezed: two stories that differ in no more are the same.
std::string answer_of(const Prefix& prefix) {
  if (prefix->finish == Finish::refused) return "";
  std::string out;
  for (const char c : search::text_of(prefix)) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

/// Looks for the words. A finished story is worth 1 where all are there, else 0; one that goes on is
/// worth the share of them that it holds, one more counted on both sides, since the rest may yet come.
class WordsVerifier final : public search::PrefixVerifier {
 public:
  /// `own`: as words of their own; else for their letters only, also within other words.
  explicit WordsVerifier(bool own) : own_(own) {}
  search::Stage stage() const override { return search::Stage::prefixes; }
  std::vector<search::Score> score(const Problem& problem,
                                   std::span<const Prefix> prefixes) override {
    std::vector<search::Score> scores;
    const std::size_t all = story_of(problem).words.size();
    for (const Prefix& prefix : prefixes) {
      const std::size_t here = held(problem, search::text_of(prefix), own_);
      const double share = static_cast<double>(here + 1) / static_cast<double>(all + 1);
      scores.push_back({prefix->finish == Finish::open ? share : here == all ? 1. : 0., true});
    }
    return scores;
  }

 private:
  bool own_;
};

/// Which part a story belongs to is a property of its opening and its words, so that no two share one.
enum class Part { calibration, test };
Part part_of(const Story& story) {
  const std::string name = fmt::format("{}\n{}", story.opening, fmt::join(story.words, " "));
  return RandomStream(0, name).next() % 4 == 0 ? Part::calibration : Part::test;
}

Story draw(RandomStream& stream, Part part) {
  for (;;) {
    Story story{random_opening(stream), {}};
    std::set<std::string> words;
    if (stream.below(3) > 0)
      words = {one_of(kOften, stream), one_of(kWithinOthers, stream)};
    else
      while (words.size() < 3) words.insert(one_of(kOften, stream));
    story.words.assign(words.begin(), words.end());
    const std::string opening = lower(story.opening);
    const bool given = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return has_word(opening, word);
    });
    if (!given && part_of(story) == part) return story;
  }
}

Problem problem_of(std::shared_ptr<const Story> story) {
  Problem problem;
  problem.prompt = story->opening;
  problem.answer = answer_of;
  problem.steps_max = kSentences;
  problem.data = std::move(story);
  return problem;
}

/// Words as draw() takes them, but such as the text holds and the opening does not.
std::optional<Problem> answered(const Problem& problem, std::string_view text,
                                RandomStream& stream) {
  const std::string opening = lower(problem.prompt), told = lower(std::string(text));
  const auto found = [&](const auto& all) {
    std::vector<std::string> out;
    for (const char* word : all)
      if (has_word(told, word) && !has_word(opening, word)) out.emplace_back(word);
    return out;
  };
  const auto taken = [&](std::vector<std::string>& from) {
    const auto at = from.begin() + stream.below(static_cast<std::uint32_t>(from.size()));
    std::string word = std::move(*at);
    from.erase(at);
    return word;
  };
  std::vector<std::string> often = found(kOften), within = found(kWithinOthers);
  Story story{problem.prompt, {}};
  if (stream.below(3) > 0) {
    if (often.empty() || within.empty()) return std::nullopt;
    story.words = {taken(often), taken(within)};
  } else {
    if (often.size() < 3) return std::nullopt;
    for (int i = 0; i < 3; ++i) story.words.push_back(taken(often));
  }
  std::sort(story.words.begin(), story.words.end());
  if (part_of(story) != Part::calibration) return std::nullopt;
  return problem_of(std::make_shared<const Story>(std::move(story)));
}

/// The words stand before the opening for a model that learns; the language model reads the opening alone.
explore::Continuation continuation(const explore::Task& calibration) {
  explore::Continuation out;
  out.tokens_max = kLearnedTokens;
  out.over = [](std::string_view text) {
    return std::count(text.begin(), text.end(), '.') >= kLearnedSentences;
  };
  out.told = [](const Problem& problem) {
    return fmt::format("{}: ", fmt::join(story_of(problem).words, ", "));
  };
  const auto holds = [](bool own) {
    return [own](const Problem& problem, std::string_view text) {
      return held(problem, std::string(text), own) == story_of(problem).words.size();
    };
  };
  out.accepted = holds(false), out.right = holds(true);
  out.difficulty = [](const Problem& problem) {
    return static_cast<int>(story_of(problem).words.size());
  };
  const auto middle = calibration.problems.begin() + kHeldOut;
  out.held_out.assign(calibration.problems.begin(), middle);
  std::set<std::pair<std::string, std::vector<std::string>>> kept_out;
  for (const Problem& problem : out.held_out)
    kept_out.emplace(problem.prompt, story_of(problem).words);
  out.answered = [kept_out = std::move(kept_out)](const Problem& problem, std::string_view text,
                                                  RandomStream& stream) {
    std::optional<Problem> found = answered(problem, text, stream);
    if (found && kept_out.contains({found->prompt, story_of(*found).words})) found.reset();
    return found;
  };
  out.training.assign(middle, calibration.problems.end());
  return out;
}

explore::Task part_task(Part part, const Options& options) {
  RandomStream stream(options.seed, part == Part::test ? "stories test" : "stories calibration");
  explore::Task task;
  task.name = "stories";
  task.step = {.delimiter = ".", .tokens_max = 64, .steps_max = kSentences};
  const std::size_t count = options.problems ? options.problems : kProblemsMade;
  std::set<std::pair<std::string, std::vector<std::string>>> seen;
  while (task.problems.size() < count) {
    const auto story = std::make_shared<const Story>(draw(stream, part));
    if (!seen.emplace(story->opening, story->words).second) continue;
    Problem problem = problem_of(story);
    problem.task_id = fmt::format("stories/{}", task.problems.size());
    problem.index = task.problems.size();
    task.problems.push_back(std::move(problem));
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    return held(problem, search::text_of(answer), true) == story_of(problem).words.size() ? 1. : 0.;
  };
  task.verifiers["letters"] = [] { return std::make_unique<WordsVerifier>(false); };
  task.verifiers["words"] = [] { return std::make_unique<WordsVerifier>(true); };
  task.usual_verifier = "letters";
  return task;
}

}  // namespace

explore::Task stories_task(const Options& options) {
  explore::Task task = part_task(Part::test, options);
  const auto calibration = [seed = options.seed] {
    return part_task(Part::calibration, {.problems = kProblemsMade, .seed = seed});
  };
  task.continuation = continuation(calibration());
  task.calibration = calibration;
  return task;
}

}  // namespace assay::tasks
