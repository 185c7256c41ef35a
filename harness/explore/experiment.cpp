#include "harness/explore/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "harness/base/crew.h"
#include "harness/base/error.h"

namespace assay::explore {

namespace {

/// Does `work` for each of the problems, on `jobs` threads.
void for_each_problem(std::size_t problems, int jobs, const std::atomic<bool>& stop,
                      const std::function<void(std::size_t)>& work,
                      const std::function<void(std::int64_t, std::int64_t)>& told) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> ended = false;
  std::mutex telling;
  std::int64_t done = 0;
  Crew crew([&] { ended = true; });
  const auto member = [&] {
    for (;;) {
      const std::size_t i = next.fetch_add(1);
      if (i >= problems || stop || ended) return;
      work(i);
      const std::lock_guard lock(telling);
      if (told) told(++done, static_cast<std::int64_t>(problems));
    }
  };
  for (int j = 1; j < jobs; ++j) crew.start(member);
  crew.lead(member);
  crew.join();
  if (stop) throw Interrupted();
}

std::uint64_t seed_of(std::uint64_t seed, const std::string& purpose, int replicate) {
  return RandomStream(seed, fmt::format("{} {}", purpose, replicate)).next();
}

}  // namespace

std::vector<Answer> Experiment::run(const Plan& plan, const std::atomic<bool>& stop,
                                    const std::function<void(std::int64_t, std::int64_t)>& told) {
  const std::size_t cells = plan.strategies.size() * plan.n.size();
  const std::size_t per_problem = cells * static_cast<std::size_t>(plan.repeats);
  std::vector<Answer> out(task_.problems.size() * per_problem);
  for_each_problem(
      task_.problems.size(), plan.jobs, stop,
      [&](std::size_t i) {
        const search::Problem& problem = task_.problems[i];
        std::size_t at = i * per_problem;
        for (int replicate = 0; replicate < plan.repeats; ++replicate) {
          for (std::size_t s = 0; s < plan.strategies.size(); ++s) {
            for (const int n : plan.n) {
              search::Search search(problem, policy_, verifier_,
                                    seed_of(plan.seed, "search", replicate), plan.caps);
              const search::Result result = search::run(plan.strategies[s], n, search);
              Answer& answer = out[at++];
              answer = {i, s, n, replicate};
              answer.spent = result.spent;
              answer.abstained = !result.chosen;
              if (result.chosen) {
                const search::Candidate& chosen = *result.chosen;
                answer.answer = problem.answer(chosen.prefix);
                answer.truth = task_.truth(problem, chosen.prefix);
                answer.judged = chosen.judged;
                answer.accepted = chosen.judged && chosen.scores.back().value >= plan.accepts_at;
              }
              const search::Ledger& ledger = search.ledger();
              answer.generations = ledger.generations();
              answer.tokens = ledger.tokens();
              answer.tokens_read = ledger.tokens_read();
              answer.calls = ledger.calls();
              answer.log_z = result.log_z;
              answer.effective_size = result.trace.effective_size;
              answer.ancestors = result.trace.ancestors;
            }
          }
        }
      },
      told);
  return out;
}

std::vector<Sampled> Experiment::sample(int samples, std::uint64_t seed, int jobs,
                                        const std::atomic<bool>& stop) {
  std::vector<Sampled> out(task_.problems.size() * static_cast<std::size_t>(samples));
  for_each_problem(
      task_.problems.size(), jobs, stop,
      [&](std::size_t i) {
        search::Search search(task_.problems[i], policy_, verifier_, seed_of(seed, "measure", 0));
        std::vector<search::Prefix> prefixes(static_cast<std::size_t>(samples), search.root());
        const std::size_t begin = i * prefixes.size();
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
            which.push_back(begin + k);
          }
          const std::vector<search::Score> scores = search.score(moved);
          for (std::size_t k = 0; k < which.size(); ++k) out[which[k]].scores.push_back(scores[k]);
        }
        for (std::size_t k = 0; k < prefixes.size(); ++k) {
          out[begin + k].problem = i;
          out[begin + k].text = search::text_of(prefixes[k]);
          out[begin + k].truth = task_.truth(task_.problems[i], prefixes[k]);
        }
      },
      {});
  return out;
}

}  // namespace assay::explore
