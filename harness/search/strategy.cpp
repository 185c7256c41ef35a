#include "harness/search/strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/words.h"
#include "harness/search/strategies.h"

namespace assay::search {

const std::vector<std::pair<std::string, Kind>>& strategy_names() {
  static const std::vector<std::pair<std::string, Kind>> names = {
      {"greedy", Kind::greedy},
      {"sample", Kind::sample},
      {"majority", Kind::majority},
      {"best-of", Kind::best_of},
      {"weighted-best-of", Kind::weighted_best_of},
      {"rejection", Kind::rejection},
      {"beam", Kind::beam},
      {"dvts", Kind::dvts},
      {"particle", Kind::particle},
      {"entropic-particle", Kind::entropic_particle},
      {"gibbs", Kind::gibbs},
      {"tempering", Kind::tempering},
      {"pessimism", Kind::pessimism},
      {"soft-best-of", Kind::soft_best_of},
      {"first-accepted", Kind::first_accepted},
      {"rational", Kind::rational},
  };
  return names;
}

namespace {

template <typename Value>
using Names = std::vector<std::pair<std::string, Value>>;

template <typename Value>
std::string listed(const Names<Value>& names) {
  std::string out;
  for (const auto& [name, value] : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

template <typename Value>
Value named(const Names<Value>& names, const std::string& name, const std::string& what) {
  for (const auto& [known, value] : names)
    if (known == name) return value;
  throw Error(fmt::format("{}: there is no `{}`; there is {}", what, name, listed(names)),
              ExitCode::usage);
}

double number_from(const std::string& text, double least, double most, const std::string& what) {
  const std::optional<double> value = number_in<double>(text);
  if (!value || *value < least || *value > most)
    throw Error(fmt::format("{}: `{}` is not a number from {:g} to {:g}", what, text, least, most),
                ExitCode::usage);
  return *value;
}

void set_option(Strategy& strategy, const std::string& key, const std::string& value) {
  const std::string what = fmt::format("--strategy {}: {}", strategy.name, key);
  const auto whole = [&](int most) {
    const double number = number_from(value, 1, most, what);
    if (number != std::floor(number))
      throw Error(fmt::format("{}: `{}` is not a whole number", what, value), ExitCode::usage);
    return static_cast<int>(number);
  };
  if (key == "weights") {
    strategy.weighting = named<Weighting>({{"odds", Weighting::odds},
                                           {"probability", Weighting::probability},
                                           {"softmax", Weighting::softmax}},
                                          value, what);
  } else if (key == "aggregate") {
    strategy.aggregate = named<Aggregate>({{"last", Aggregate::last},
                                           {"min", Aggregate::min},
                                           {"prod", Aggregate::prod},
                                           {"model", Aggregate::model}},
                                          value, what);
  } else if (key == "resample") {
    strategy.resampling = named<Resampling>({{"multinomial", Resampling::multinomial},
                                             {"systematic", Resampling::systematic},
                                             {"residual", Resampling::residual}},
                                            value, what);
  } else if (key == "choose") {
    strategy.choose = named<Choice>(
        {{"argmax", Choice::argmax}, {"vote", Choice::vote}, {"draw", Choice::draw}}, value, what);
  } else if (key == "ess") {
    strategy.ess = number_from(value, 0, 1, what);
  } else if (key == "width") {
    strategy.width = whole(1024);
  } else if (key == "sweeps") {
    strategy.sweeps = whole(1024);
  } else if (key == "chains") {
    strategy.chains = whole(64);
  } else if (key == "threshold") {
    strategy.threshold = number_from(value, 0, 1, what);
  } else if (key == "beta") {
    strategy.beta = number_from(value, 1e-9, 1e9, what);
  } else if (key == "cost") {
    strategy.cost = number_from(value, 0, 1e9, what);
  } else if (key == "lambda") {
    strategy.lambda = number_from(value, 0, 1e9, what);
  } else {
    throw Error(
        fmt::format("--strategy {}: there is no `{}`; there is weights, aggregate, resample, "
                    "ess, choose, width, sweeps, chains, threshold, beta, cost, lambda",
                    strategy.name, key),
        ExitCode::usage);
  }
}

bool needs_steps(Kind kind) { return weighs(kind) || kind == Kind::beam || kind == Kind::dvts; }

/// What the weights of a pool are, where the strategy has not said.
std::vector<double> weights_of(const Strategy& strategy, const std::vector<Candidate>& pool) {
  std::vector<double> scores;
  for (const Candidate& one : pool) scores.push_back(one.judged ? one.aggregate : 0);
  switch (strategy.kind) {
    case Kind::greedy:
    case Kind::sample:
    case Kind::majority:
      return std::vector<double>(pool.size(), 1);
    case Kind::soft_best_of:
      for (double& x : scores) x /= strategy.beta;
      return normalised(scores);
    case Kind::pessimism: {
      const double level = pessimistic_level(
          scores, std::vector<double>(pool.size(), 1 / static_cast<double>(pool.size())),
          strategy.beta);
      for (double& x : scores) x = std::max(0.0, x - level);
      return scores;
    }
    default:
      return scores;
  }
}

Choice choice_of(const Strategy& strategy) {
  switch (strategy.kind) {
    case Kind::majority:
    case Kind::weighted_best_of:
      return Choice::vote;
    case Kind::soft_best_of:
    case Kind::pessimism:
      return Choice::draw;
    case Kind::best_of:
      return Choice::argmax;
    case Kind::greedy:
    case Kind::sample:
      return Choice::draw;
    default:
      return strategy.choose;
  }
}

/// Takes one of the finished candidates.
void conclude(const Strategy& strategy, const Search& search, Held& held) {
  std::vector<Candidate> finished;
  std::vector<double> weights;
  for (std::size_t i = 0; i < held.pool.size(); ++i) {
    const Finish finish = held.pool[i].prefix ? held.pool[i].prefix->finish : Finish::open;
    if (finish == Finish::open || finish == Finish::refused) continue;
    finished.push_back(held.pool[i]);
    if (!held.weights.empty()) weights.push_back(held.weights[i]);
  }
  held.pool = std::move(finished);
  if (weights.empty() && !held.pool.empty()) weights = weights_of(strategy, held.pool);
  RandomStream stream = search.stream("choice", 0, 0, 0);
  held.chosen = choose(choice_of(strategy), held.pool, weights, search.problem(), stream);
}

}  // namespace

double pessimistic_level(const std::vector<double>& scores, const std::vector<double>& weights,
                         double beta) {
  ASSAY_INVARIANT(!scores.empty() && beta > 0);
  // The mean of max(0, r - level) falls in the level and is linear between scores: from the best
  // score down, the piece on which it is beta is found.
  std::vector<std::pair<double, double>> order;  // score, weight
  for (std::size_t i = 0; i < scores.size(); ++i) order.emplace_back(scores[i], weights[i]);
  std::sort(order.rbegin(), order.rend());
  double mass = 0, sum = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    mass += order[k].second;
    sum += order[k].second * order[k].first;
    if (mass <= 0) continue;
    if (k + 1 == order.size() || (sum - beta) / mass >= order[k + 1].first) break;
  }
  return (sum - beta) / mass;
}

std::optional<std::size_t> choose(Choice choice, const std::vector<Candidate>& pool,
                                  const std::vector<double>& weights, const Problem& problem,
                                  RandomStream& stream) {
  if (pool.empty()) return std::nullopt;
  std::vector<double> tickets(pool.size(), 0);
  if (choice == Choice::draw) {
    tickets = weights;
  } else if (choice == Choice::argmax) {
    double best = -1;
    for (const Candidate& one : pool) best = std::max(best, one.judged ? one.aggregate : -1);
    for (std::size_t i = 0; i < pool.size(); ++i)
      tickets[i] = (pool[i].judged ? pool[i].aggregate : -1) == best;
  } else {
    std::map<std::string, double> votes;
    std::vector<std::string> answers;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      answers.push_back(problem.answer(pool[i].prefix));
      votes[answers.back()] += weights[i];
    }
    double most = 0;
    for (const auto& [answer, vote] : votes) most = std::max(most, vote);
    // Sums of the same weights in another order differ in their last digits.
    const double least = most * (1 - 1e-12);
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (votes[answers[i]] < least || !first.try_emplace(answers[i], i).second) continue;
      tickets[i] = 1;
    }
  }
  double total = 0;
  for (const double ticket : tickets) total += ticket;
  for (double& ticket : tickets)
    ticket = total > 0 ? ticket / total : 1 / static_cast<double>(tickets.size());
  return drawn(tickets, stream);
}

Strategy parse_strategy(const std::string& text) {
  Strategy strategy;
  strategy.name = text;
  const std::size_t open = text.find('[');
  const std::string name = text.substr(0, open);
  strategy.kind = named<Kind>(strategy_names(), name, "--strategy");
  if (open == text.npos) return strategy;
  if (text.back() != ']')
    throw Error(fmt::format("--strategy {}: its options end with `]`", text), ExitCode::usage);
  for (const std::string& option : split(text.substr(open + 1, text.size() - open - 2), ',')) {
    const std::size_t equals = option.find('=');
    if (equals == option.npos)
      throw Error(fmt::format("--strategy {}: `{}` must be KEY=VALUE", text, option),
                  ExitCode::usage);
    set_option(strategy, option.substr(0, equals), option.substr(equals + 1));
  }
  return strategy;
}

bool weighs(Kind kind) {
  return kind == Kind::particle || kind == Kind::entropic_particle || kind == Kind::gibbs ||
         kind == Kind::tempering;
}

void check_served(const Strategy& strategy, const Capabilities& policy) {
  if (needs_steps(strategy.kind) && !policy.steps)
    throw Error(
        fmt::format("{} needs a policy that goes on from a prefix; this one gives whole "
                    "answers only",
                    strategy.name));
}

Result run(const Strategy& strategy, int n, Search& search, const Belief* belief) {
  ASSAY_INVARIANT(n >= 1);
  check_served(strategy, search.capabilities());
  if (strategy.kind == Kind::rational && !belief)
    throw Error("rational needs a belief: problems that it was measured on before");
  Held held;
  Result result;
  try {
    const std::int64_t left = search.ledger().generations_left();
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(n, left));
    result.spent = left < n;
    if (count == 0) throw Spent();
    if (weighs(strategy.kind))
      particles(strategy, count, search, held);
    else if (needs_steps(strategy.kind))
      trees(strategy, count, search, held);
    else
      sampling(strategy, count, search, belief, held);
  } catch (const Spent&) {
    result.spent = true;
  }
  if (!held.decided) conclude(strategy, search, held);
  if (held.chosen) result.chosen = held.pool[*held.chosen];
  result.pool = std::move(held.pool);
  result.log_z = held.log_z;
  result.trace = std::move(held.trace);
  return result;
}

}  // namespace assay::search
