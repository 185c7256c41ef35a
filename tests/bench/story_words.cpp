// What a story model's plain stories hold behind the openings of the calibration problems of the task
// `stories`, for its lists of words: how many hold each word as a word of its own, and how many only its
// letters, within other words (columns: word, own, letters only). Then how often stories are right, problem by
// problem, and accepted by the verifier of letters though they are wrong. Test problems are not looked at.
// Run: build/release/story_words MODEL.bin TOKENIZER.bin [problems [samples]]
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <set>

#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/models/token_policy.h"
#include "harness/tasks/tasks.h"

using namespace assay;

namespace {

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> out;
  std::string word;
  for (const char c : text + ".") {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (small >= 'a' && small <= 'z') {
      word += small;
    } else {
      if (word.size() >= 2) out.insert(word);
      word.clear();
    }
  }
  return out;
}

double share(std::size_t of, std::size_t all) {
  return static_cast<double>(of) / static_cast<double>(all);
}

void print_words(const std::vector<explore::Sampled>& sampled) {
  std::map<std::string, std::size_t> own;
  std::vector<std::set<std::string>> stories;
  for (const explore::Sampled& one : sampled)
    for (const std::string& word : stories.emplace_back(words_of(search::text_of(one.answer))))
      ++own[word];
  for (const auto& [word, count] : own) {
    if (count * 50 < stories.size()) continue;
    const auto letters = std::count_if(stories.begin(), stories.end(), [&](const auto& story) {
      return !story.contains(word) &&
             std::any_of(story.begin(), story.end(),
                         [&](const std::string& other) { return other.find(word) != other.npos; });
    });
    fmt::print("{:12} {:.3f} {:.3f}\n", word, share(count, stories.size()),
               share(static_cast<std::size_t>(letters), stories.size()));
  }
}

void print_problems(const std::vector<explore::Sampled>& sampled, std::size_t problems) {
  const std::size_t samples = sampled.size() / problems;
  std::vector<double> right;
  std::size_t accepted = 0, wrong = 0, steps = 0;
  for (std::size_t p = 0; p < problems; ++p) {
    double sum = 0;
    for (std::size_t k = 0; k < samples; ++k) {
      const explore::Sampled& one = sampled[p * samples + k];
      sum += one.truth;
      steps += one.scores.size();
      accepted += one.scores.back().value >= .5;
      wrong += one.scores.back().value >= .5 && one.truth == 0;
    }
    right.push_back(sum / static_cast<double>(samples));
  }
  std::sort(right.begin(), right.end());
  double mean = 0;
  for (const double x : right) mean += x / static_cast<double>(problems);
  fmt::print("\n{} problems, {} stories of each, {:.2f} sentences on average\n", problems, samples,
             share(steps, sampled.size()));
  fmt::print("right: {:.3f} of all; by problem (quantiles 0, .1, .25, .5, .75, .9, 1):", mean);
  for (const double q : {0., .1, .25, .5, .75, .9, 1.})
    fmt::print(" {:.3f}", right[static_cast<std::size_t>(q * static_cast<double>(problems - 1))]);
  const auto between =
      std::count_if(right.begin(), right.end(), [](double x) { return x >= .05 && x <= .4; });
  fmt::print("\nproblems with .05 to .4 right: {:.3f}\n",
             share(static_cast<std::size_t>(between), problems));
  fmt::print("accepted by their letters: {:.3f} of all, of which {:.3f} are wrong\n",
             share(accepted, sampled.size()), share(wrong, accepted));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto gpt = std::make_shared<models::Gpt>(models::load_llama2c(argv[1], argv[2]));
  explore::Task task = tasks::stories_task({}).calibration();
  const std::size_t problems = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 100;
  const int samples = argc > 4 ? std::atoi(argv[4]) : 64;
  task.problems.resize(std::clamp<std::size_t>(problems, 1, task.problems.size()));
  models::TokenPolicy policy(gpt, task.step, {});
  const auto verifier = task.verifiers.at("letters")();
  const std::atomic<bool> stop = false;
  const auto sampled =
      explore::Experiment(task, policy, *verifier).sample(std::max(1, samples), 1, 1, stop);
  print_words(sampled);
  print_problems(sampled, task.problems.size());
  return 0;
}
