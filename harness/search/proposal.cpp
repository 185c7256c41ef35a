#include "harness/search/proposal.h"

#include <algorithm>

#include "harness/base/error.h"

namespace assay::search {

namespace {

/// The same prefix, as each of the two keeps it.
struct Both {
  Prefix policy, proposal;
};

std::shared_ptr<void> kept(Prefix policy, Prefix proposal) {
  return std::make_shared<Both>(Both{std::move(policy), std::move(proposal)});
}

}  // namespace

Proposed::Proposed(Policy& policy, Policy& proposal) : policy_(policy), proposal_(proposal) {
  for (const auto& [one, option] : {std::pair{&policy, "--policy"}, {&proposal, "--proposal"}})
    if (!one->capabilities().follows)
      throw Error(
          std::string(option) +
              ": with a proposal, both must tell how likely they draw a step that the other "
              "made: models (gpt:, llama2c:, module:) do, and tables",
          ExitCode::usage);
}

Capabilities Proposed::capabilities() const {
  Capabilities out = proposal_.capabilities();
  out.batch_max = std::min(out.batch_max, policy_.capabilities().batch_max);
  out.follows = false;
  return out;
}

Prefix Proposed::open(const Problem& problem) {
  return make_root(problem.task_id, kept(policy_.open(problem), proposal_.open(problem)));
}

std::vector<Prefix> Proposed::extend(std::span<Ask> asks) {
  std::vector<Ask> draws, follows;
  for (const Ask& ask : asks) {
    const auto& [policy, proposal] = *std::static_pointer_cast<const Both>(ask.prefix->state);
    draws.push_back({proposal, ask.stream, ask.greedy});
    follows.push_back({policy, ask.stream, false});
  }
  const std::vector<Prefix> drawn = proposal_.extend(draws);
  for (std::size_t i = 0; i < drawn.size(); ++i) follows[i].given = drawn[i].get();
  const std::vector<Prefix> written = policy_.extend(follows);
  std::vector<Prefix> out;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    Node step = *drawn[i];
    step.tokens_scored = step.tokens_out;
    step.state = kept(written[i], drawn[i]);
    step.lost |= written[i]->lost;
    if (step.finish != Finish::refused) {
      step.finish = written[i]->finish;
      if (step.finish != Finish::refused)
        step.log_ratio = *written[i]->log_drawn - *drawn[i]->log_drawn;
    }
    out.push_back(behind(asks[i].prefix, std::move(step)));
  }
  return out;
}

}  // namespace assay::search
