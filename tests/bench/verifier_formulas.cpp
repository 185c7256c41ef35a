// From the probabilities that a model gives to the steps of an answer to a verifier's score: which formula
// tells right from wrong best? Product, geometric mean, arithmetic mean, least and last p(step), on plain samples of
// a policy on the calibration problems of a task, which nothing is tried on. AUC of finished answers and of
// prefixes (right where they may still end right; all, and after each step), pooled and within problems,
// with 95% intervals over problems; and how often each accepts, from .5 on, what is right and what is wrong.
// Run: build/release/verifier_formulas POLICY.gpt VERIFIER.gpt [task [problems [samples]]]
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>

#include "harness/explore/fidelity.h"
#include "harness/models/gpt.h"
#include "harness/models/token_policy.h"
#include "harness/models/verifiers.h"
#include "harness/tasks/tasks.h"

using namespace assay;

namespace {

using Formula = double (*)(const std::vector<double>& steps);

double product(const std::vector<double>& p) {
  return std::accumulate(p.begin(), p.end(), 1.0, std::multiplies<>());
}
double geometric(const std::vector<double>& p) {
  return std::pow(product(p), 1 / static_cast<double>(p.size()));
}
double arithmetic(const std::vector<double>& p) {
  return std::accumulate(p.begin(), p.end(), 0.0) / static_cast<double>(p.size());
}
double least(const std::vector<double>& p) { return *std::min_element(p.begin(), p.end()); }
double last(const std::vector<double>& p) { return p.back(); }

constexpr std::pair<const char*, Formula> kFormulas[] = {{"product", product},
                                                         {"geometric mean", geometric},
                                                         {"arithmetic mean", arithmetic},
                                                         {"least", least},
                                                         {"last", last}};

/// The product of a generative verifier after each step as the probability of each step.
std::vector<double> by_step(const std::vector<search::Score>& products) {
  std::vector<double> out;
  double before = 1;
  for (const search::Score& score : products) {
    out.push_back(before > 0 ? score.value / before : 0);
    before = score.value;
  }
  return out;
}

std::string shown(const stats::Estimate& estimate) {
  if (!estimate.value) return "–";
  if (!estimate.interval) return fmt::format("{:.4f}", *estimate.value);
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", *estimate.value, estimate.interval->lo,
                     estimate.interval->hi);
}

void print(const char* what, const char* formula, const explore::Task& task,
           const std::vector<explore::Sampled>& samples) {
  stats::BootstrapOptions bootstrap;
  bootstrap.replicates = 400;
  const explore::Fidelity one = explore::fidelity(task, samples, .5, bootstrap).front();
  fmt::print("| {} | {} | {} | {} | {:.3f} | {:.3f} |\n", what, formula, shown(one.auc),
             shown(one.auc_within), one.tpr.value.value_or(0), one.fpr.value.value_or(0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  explore::Task task = tasks::open(argc > 3 ? argv[3] : "chains", {}).calibration();
  const std::size_t problems = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 500;
  const int samples = argc > 5 ? std::atoi(argv[5]) : 16;
  task.problems.resize(std::clamp<std::size_t>(problems, 1, task.problems.size()));
  models::TokenPolicy policy(std::make_shared<models::Gpt>(models::load(argv[1])), task.step, {});
  models::GenerativeVerifier verifier(std::make_shared<models::Gpt>(models::load(argv[2])));
  const std::atomic<bool> stop = false;
  const auto sampled =
      explore::Experiment(task, policy, verifier).sample(std::max(1, samples), 1, 1, stop);
  double right = 0;
  for (const explore::Sampled& one : sampled) right += one.truth;
  fmt::print("{} problems, {} answers of each, {:.3f} right\n\n", task.problems.size(),
             std::max(1, samples), right / static_cast<double>(sampled.size()));
  fmt::print(
      "| scored | formula | AUC | within problems | right accepted at .5 | wrong |\n|---|---|---|---|---|---|\n");
  for (const auto& [name, formula] : kFormulas) {
    std::vector<explore::Sampled> answers;
    std::map<int, std::vector<explore::Sampled>> prefixes;  // by step
    for (const explore::Sampled& one : sampled) {
      const std::vector<double> steps = by_step(one.scores);
      for (search::Prefix at = one.answer; at->depth > 0; at = at->parent) {
        const double score = formula({steps.begin(), steps.begin() + at->depth});
        const bool end = at == one.answer;
        if (!end && !task.fault) continue;
        const double truth = end ? one.truth : task.fault(task.problems[one.problem], at) ? 0 : 1;
        auto& where = end ? answers : prefixes[at->depth];
        where.push_back({one.problem, truth, {{score, true}}, one.answer});
      }
    }
    print("answers", name, task, answers);
    std::vector<explore::Sampled> all;
    for (const auto& [depth, here] : prefixes) all.insert(all.end(), here.begin(), here.end());
    if (!all.empty()) print("prefixes", name, task, all);
    for (const auto& [depth, here] : prefixes)
      print(fmt::format("after {}", depth).c_str(), name, task, here);
  }
  return 0;
}
