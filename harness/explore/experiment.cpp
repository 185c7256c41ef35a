#include "harness/explore/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "harness/base/crew.h"
#include "harness/base/error.h"

namespace assay::explore {

namespace {

/// Does `work` for each of the problems, on `jobs` threads.
void for_each_problem(std::size_t problems, int jobs, const std::atomic<bool>& stop,
                      const std::function<void(std::size_t)>& work,
                      const std::function<void(std::int64_t, std::int64_t)>& told) {
  std::mutex telling;
  std::int64_t done = 0;
  for_each_stretch(problems, 1, jobs, stop, [&](std::size_t i, std::size_t) {
    work(i);
    const std::lock_guard lock(telling);
    if (told) told(++done, static_cast<std::int64_t>(problems));
  });
  if (stop) throw Interrupted();
}

std::uint64_t seed_of(std::uint64_t seed, const std::string& purpose, int replicate) {
  return RandomStream(seed, fmt::format("{} {}", purpose, replicate)).next();
}

}  // namespace

void Experiment::answer(const Plan& plan, Answer& cell) {
  const search::Problem& problem = task_.problems[cell.problem];
  const search::Strategy& strategy = plan.strategies[cell.strategy];
  search::Policy& from = proposed_ && search::weighs(strategy.kind) ? *proposed_ : policy_;
  search::Search search(problem, from, verifier_, seed_of(plan.seed, "search", cell.replicate),
                        plan.caps);
  const bool believes =
      cell.strategy < plan.beliefs.size() && plan.beliefs[cell.strategy].has_value();
  const search::Result result =
      search::run(strategy, cell.n, search, believes ? &*plan.beliefs[cell.strategy] : nullptr);
  cell.spent = result.spent;
  cell.abstained = !result.chosen;
  if (result.chosen) {
    const search::Candidate& chosen = *result.chosen;
    cell.answer = problem.answer(chosen.prefix);
    cell.truth = task_.truth(problem, chosen.prefix);
    cell.judged = chosen.judged;
    cell.accepted = chosen.judged && chosen.scores.back().value >= plan.accepts_at;
  }
  const search::Ledger& ledger = search.ledger();
  cell.generations = ledger.generations();
  cell.tokens = ledger.tokens();
  cell.tokens_read = ledger.tokens_read();
  cell.tokens_scored = ledger.tokens_scored();
  cell.calls = ledger.calls();
  cell.log_z = result.log_z;
  cell.lost = search.lost();
  cell.effective_size = result.trace.effective_size;
  cell.ancestors = result.trace.ancestors;
}

std::optional<double> standing(const search::Strategy& strategy, const Sampled& sample) {
  if (sample.scores.empty() || !sample.scores.back().judged) return std::nullopt;
  double score = 1;
  for (const search::Score& one : sample.scores)
    if (one.judged) score = search::aggregated(strategy.aggregate, score, one.value);
  return score;
}

search::Belief belief_of(const search::Strategy& strategy, const std::vector<Sampled>& samples) {
  struct Sums {
    double right = 0, wrong = 0, all = 0;
  };
  std::map<std::size_t, Sums> by_problem;
  for (const Sampled& one : samples) {
    Sums& sums = by_problem[one.problem];
    const std::optional<double> score = standing(strategy, one);
    const bool accepted = score && *score >= strategy.threshold;
    sums.right += accepted ? one.truth : 0;
    sums.wrong += accepted ? 1 - one.truth : 0;
    sums.all += 1;
  }
  search::Belief belief;
  for (const auto& [problem, sums] : by_problem) {
    belief.accepted_right.push_back(sums.right / sums.all);
    belief.accepted_wrong.push_back(sums.wrong / sums.all);
  }
  return belief;
}

std::vector<Answer> Experiment::run(const Plan& plan, const std::atomic<bool>& stop,
                                    const std::function<void(std::int64_t, std::int64_t)>& told,
                                    Memory* memory) {
  std::vector<Answer> out;
  for (std::size_t i = 0; i < task_.problems.size(); ++i)
    for (int replicate = 0; replicate < plan.repeats; ++replicate)
      for (std::size_t s = 0; s < plan.strategies.size(); ++s)
        for (const int n : plan.n) out.push_back({i, s, n, replicate});
  std::vector<char> known(out.size());
  for (std::size_t at = 0; memory && at < out.size(); ++at) known[at] = memory->recall(out[at]);
  const std::size_t per_problem = task_.problems.empty() ? 0 : out.size() / task_.problems.size();
  std::mutex keeping;
  for_each_problem(
      task_.problems.size(), plan.jobs, stop,
      [&](std::size_t i) {
        std::vector<Answer> fresh;
        for (std::size_t at = i * per_problem; at < (i + 1) * per_problem; ++at) {
          if (known[at]) continue;
          answer(plan, out[at]);
          if (memory && !out[at].lost) fresh.push_back(out[at]);
        }
        const std::lock_guard lock(keeping);
        if (!fresh.empty()) memory->keep(fresh);
      },
      told);
  return out;
}

void Experiment::sample_problem(std::size_t i, std::uint64_t seed, std::span<Sampled> out) {
  const search::Problem& problem = task_.problems[i];
  search::Search search(problem, policy_, verifier_, seed_of(seed, "measure", 0));
  std::vector<search::Prefix> prefixes(out.size(), search.root());
  for (bool open = true; open;) {
    const std::vector<search::Prefix> before = prefixes;
    prefixes = search.extend(before);
    std::vector<search::Prefix> moved;
    std::vector<std::size_t> which;
    open = false;
    for (std::size_t k = 0; k < prefixes.size(); ++k) {
      open |= prefixes[k]->finish == search::Finish::open;
      if (prefixes[k] == before[k]) continue;
      moved.push_back(prefixes[k]);
      which.push_back(k);
    }
    const std::vector<search::Score> scores = search.score(moved);
    for (std::size_t k = 0; k < which.size(); ++k) out[which[k]].scores.push_back(scores[k]);
  }
  for (std::size_t k = 0; k < prefixes.size(); ++k)
    out[k] = {i, task_.truth(problem, prefixes[k]), std::move(out[k].scores), prefixes[k],
              search.lost()};
}

std::vector<Sampled> Experiment::sample(int samples, std::uint64_t seed, int jobs,
                                        const std::atomic<bool>& stop, Memory* memory) {
  const auto count = static_cast<std::size_t>(samples);
  std::vector<Sampled> out(task_.problems.size() * count);
  std::vector<char> known(task_.problems.size());
  for (std::size_t i = 0; memory && i < known.size(); ++i) {
    std::vector<Sampled> kept = memory->recall_samples(i, samples);
    known[i] = !kept.empty();
    std::move(kept.begin(), kept.end(), out.begin() + static_cast<std::ptrdiff_t>(i * count));
  }
  std::mutex keeping;
  for_each_problem(task_.problems.size(), jobs, stop,
                   [&](std::size_t i) {
                     if (known[i]) return;
                     const std::span<Sampled> here = std::span(out).subspan(i * count, count);
                     sample_problem(i, seed, here);
                     const std::lock_guard lock(keeping);
                     if (memory && !here.front().lost) memory->keep_samples(i, here);
                   },
                   {});
  return out;
}

}  // namespace assay::explore
