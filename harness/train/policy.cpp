#include "harness/train/policy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/search/weights.h"

namespace assay::train {

namespace {

std::vector<double> at_tokens(const std::vector<std::int32_t>& tokens, const double* logits) {
  std::vector<double> out;
  for (const std::int32_t token : tokens) out.push_back(logits[token]);
  return out;
}

std::size_t chosen(std::vector<double> logs, double temperature, RandomStream& stream) {
  if (temperature == 0)
    return static_cast<std::size_t>(std::max_element(logs.begin(), logs.end()) - logs.begin());
  for (double& x : logs) x /= temperature;
  return search::drawn(search::normalised(logs), stream);
}

}  // namespace

std::vector<double> log_actions(const Moves& moves, const std::vector<std::int32_t>& ends,
                                const double* logits) {
  std::vector<double> out = at_tokens(moves.tokens, logits);
  out.push_back(moves.stop ? search::log_sum_exp(at_tokens(ends, logits)) : kNoReward);
  const double sum = search::log_sum_exp(out);
  if (std::isinf(sum)) return out;
  for (double& x : out) x -= sum;
  return out;
}

void add_gradient(const Moves& moves, const std::vector<std::int32_t>& ends,
                  const std::vector<double>& log_actions, const std::vector<double>& by_action,
                  const double* logits, double* by_logits) {
  const double sum = std::accumulate(by_action.begin(), by_action.end(), 0.0);
  const auto pull = [&](std::size_t action) {
    return by_action[action] - std::exp(log_actions[action]) * sum;
  };
  for (std::size_t i = 0; i < moves.tokens.size(); ++i) by_logits[moves.tokens[i]] += pull(i);
  if (!moves.stop) return;
  const std::vector<double> share = search::normalised(at_tokens(ends, logits));
  for (std::size_t i = 0; i < share.size(); ++i)
    by_logits[ends[i]] += share[i] * pull(moves.tokens.size());
}

double rules_loss(const Moves& moves, const std::vector<std::int32_t>& ends,
                  std::span<const double> logits, double weight, double* by_logits) {
  std::vector<std::int32_t> may = moves.tokens;
  if (moves.stop) may.insert(may.end(), ends.begin(), ends.end());
  if (may.empty()) return 0;
  const std::vector<double> all = search::normalised({logits.begin(), logits.end()}),
                            kept = search::normalised(at_tokens(may, logits.data()));
  double mass = 0;
  for (const std::int32_t token : may) mass += all[static_cast<std::size_t>(token)];
  for (std::size_t i = 0; i < all.size(); ++i) by_logits[i] += weight * all[i];
  for (std::size_t i = 0; i < may.size(); ++i) by_logits[may[i]] -= weight * kept[i];
  return -std::log(mass);
}

std::size_t done_in(const Trajectory& trajectory, std::size_t state, const Moves& moves) {
  if (state == trajectory.actions.size()) return moves.tokens.size();
  return static_cast<std::size_t>(
      std::find(moves.tokens.begin(), moves.tokens.end(), trajectory.actions[state]) -
      moves.tokens.begin());
}

std::vector<Trajectory> draw(const Game& game, const models::TokenModel& model,
                             const std::vector<std::size_t>& questions,
                             const std::vector<double>& temperatures,
                             std::vector<RandomStream>& streams) {
  std::vector<Trajectory> out;
  for (const std::size_t question : questions) out.push_back(game.start(question));
  std::vector<std::shared_ptr<const models::Past>> pasts(out.size());
  std::vector<std::size_t> read(out.size()), going(out.size());
  std::iota(going.begin(), going.end(), std::size_t{0});
  while (!going.empty()) {
    std::vector<std::shared_ptr<models::Past>> tokens;
    std::vector<std::size_t> last;
    for (const std::size_t row : going) {
      const auto fresh = models::chain(pasts[row], std::span(out[row].text).subspan(read[row]));
      tokens.insert(tokens.end(), fresh.begin(), fresh.end());
      pasts[row] = fresh.back(), read[row] = out[row].text.size();
      last.push_back(tokens.size() - 1);
    }
    std::vector<float> logits;
    model.read(tokens, &logits);
    const std::size_t vocabulary = logits.size() / tokens.size();
    std::vector<std::size_t> still;
    for (std::size_t k = 0; k < going.size(); ++k) {
      const std::size_t row = going[k];
      const Moves moves = game.moves(out[row], out[row].actions.size());
      if (moves.tokens.empty()) continue;  // it can only stop
      const auto here = logits.begin() + static_cast<std::ptrdiff_t>(last[k] * vocabulary);
      const std::vector<double> plain(here, here + static_cast<std::ptrdiff_t>(vocabulary));
      const std::size_t action =
          chosen(log_actions(moves, game.ends(), plain.data()), temperatures[row], streams[row]);
      if (action == moves.tokens.size()) continue;
      game.go(out[row], moves.tokens[action]);
      still.push_back(row);
    }
    going = std::move(still);
  }
  return out;
}

std::vector<double> log_chances(const Game& game, const Trajectory& trajectory,
                                const double* logits, std::size_t vocabulary) {
  std::vector<double> out;
  for (std::size_t state = 0; state < trajectory.at.size(); ++state) {
    const Moves moves = game.moves(trajectory, state);
    const auto logs = log_actions(moves, game.ends(), logits + trajectory.at[state] * vocabulary);
    out.push_back(logs[done_in(trajectory, state, moves)]);
  }
  return out;
}

std::vector<std::vector<double>> logits_of(const models::TokenModel& model,
                                           const std::vector<Trajectory>& trajectories) {
  std::vector<std::shared_ptr<models::Past>> tokens;
  for (const Trajectory& one : trajectories) {
    const auto text = models::chain(nullptr, one.text);
    tokens.insert(tokens.end(), text.begin(), text.end());
  }
  std::vector<float> logits;
  model.read(tokens, &logits);
  std::vector<std::vector<double>> out;
  auto from = logits.begin();
  for (const Trajectory& one : trajectories) {
    const auto count =
        static_cast<std::ptrdiff_t>(one.text.size() * (logits.size() / tokens.size()));
    out.emplace_back(from, from + count);
    from += count;
  }
  return out;
}

}  // namespace assay::train
