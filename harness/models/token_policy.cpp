#include "harness/models/token_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "harness/base/error.h"

namespace assay::models {

using search::Finish;
using search::Prefix;

namespace {

/// What of its problem a prefix has to know.
struct Opened {
  std::function<bool(std::string_view)> whole;
  std::function<std::string(std::string_view)> tool;
  int steps_max = 0;
  bool too_long = false;
};

/// What a prefix keeps: all of its tokens but the last were read. The last one is when a step behind
/// it is asked for: once, however many prefixes go on from here.
struct State {
  std::shared_ptr<const Opened> problem;
  std::shared_ptr<const Past> past;
  std::int32_t last = 0;
  std::int32_t length = 0;  ///< with the last
};

/// What each token weighs in a draw; 0: it is outside of the nucleus.
struct Lots {
  std::vector<double> weights;
  double sum = 0;
};

Lots lots_of(std::span<const float> logits, const search::Sampling& sampling) {
  const float best = *std::max_element(logits.begin(), logits.end());
  std::vector<double> weights;
  weights.reserve(logits.size());
  for (const float logit : logits)
    weights.push_back(std::exp((double{logit} - best) / sampling.temperature));
  double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sampling.top_p < 1) {
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
    double kept = 0;
    for (const std::size_t i : order) {
      if (kept >= sampling.top_p * sum)
        weights[i] = 0;
      else
        kept += weights[i];
    }
    sum = kept;
  }
  return {std::move(weights), sum};
}

}  // namespace

std::int32_t drawn_token(std::span<const float> logits, const search::Sampling& sampling,
                         bool greedy, RandomStream& stream) {
  if (greedy)
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) -
                                     logits.begin());
  const auto [weights, sum] = lots_of(logits, sampling);
  double left = stream.uniform() * sum;
  std::size_t last = 0;  // rounding may leave a little behind the last of them
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    last = i;
    if ((left -= weights[i]) < 0) break;
  }
  return static_cast<std::int32_t>(last);
}

double log_drawn(std::span<const float> logits, const search::Sampling& sampling,
                 std::int32_t token) {
  const auto [weights, sum] = lots_of(logits, sampling);
  return std::log(weights[static_cast<std::size_t>(token)] / sum);
}

struct TokenPolicy::Growing {
  search::Ask* ask = nullptr;
  std::shared_ptr<const State> from;
  std::shared_ptr<const Past> past;  ///< all tokens but the last
  std::int32_t last = 0;
  std::int32_t length = 0;
  search::Node step;
  double log_probability = 0, log_drawn = 0;
  std::string before;  ///< the text before this step, where the problem is asked about it
  std::vector<std::int32_t> put_in;  ///< by a tool, to be written behind what there is, last first
};

std::optional<std::vector<std::int32_t>> step_tokens(const Tokenizer& tokenizer,
                                                     const search::Problem& problem,
                                                     const search::Node& prefix) {
  if (prefix.depth == 0) return prompt_tokens(tokenizer, problem.prompt);
  if (prefix.depth > 1) return tokenizer.encode_rest(prefix.text);
  return tokens_behind(tokenizer, problem.prompt, prefix.text);
}

Prefix TokenPolicy::open(const search::Problem& problem) {
  const auto tokens = prompt_tokens(model_->tokenizer(), problem.prompt);
  if (!tokens || tokens->empty())
    throw Error(fmt::format(
        "problem {}: its prompt {}", problem.task_id,
        tokens ? "is empty, and this model needs one" : "holds what the model has no token for"));
  auto opened = std::make_shared<Opened>();
  opened->whole = problem.whole;
  opened->tool = problem.tool;
  opened->steps_max = problem.steps_max > 0 ? problem.steps_max : step_.steps_max;
  opened->too_long = tokens->size() >= static_cast<std::size_t>(model_->context());
  auto state = std::make_shared<State>();
  state->last = tokens->back();
  if (!opened->too_long && tokens->size() > 1) {
    const auto read = chain(nullptr, std::span(*tokens).first(tokens->size() - 1));
    model_->read(read, nullptr);
    state->past = read.back();
  }
  state->length = static_cast<std::int32_t>(tokens->size());
  state->problem = std::move(opened);
  return search::make_root(problem.task_id, std::move(state));
}

/// Says whether the answer is over; where it goes on behind a token of the policy's own, asks the tool.
void TokenPolicy::look_at(Growing& row, bool own) const {
  search::Node& step = row.step;
  const Opened& problem = *row.from->problem;
  if (row.put_in.empty() && (model_->tokenizer().ends(row.last) ||
                             (problem.whole && problem.whole(row.before + step.text))))
    step.finish = Finish::complete;
  else if (row.length >= model_->context())
    step.finish = Finish::cut;
  if (step.finish != Finish::open || !own || !problem.tool) return;
  const std::string text = problem.tool(row.before + step.text);
  auto tokens = model_->tokenizer().encode_rest(text);
  if (!tokens)
    throw Error(
        fmt::format("the model has no token for what the tool of the task says: `{}`; take "
                    "one that was trained for it",
                    text));
  row.put_in.assign(tokens->rbegin(), tokens->rend());
}

/// Decides whether the step is over, and with it the answer.
bool TokenPolicy::ends(const Growing& row) const {
  const search::Node& step = row.step;
  if (step.finish != Finish::open) return true;
  if (!row.put_in.empty()) return false;
  if (step.tokens_out >= std::max(1, step_.tokens_max)) return true;
  return step_.delimiter.empty() || step.text.find(step_.delimiter) != std::string::npos;
}

Prefix TokenPolicy::grown(Growing& row) const {
  search::Node& step = row.step;
  if (step.finish == Finish::open && row.ask->prefix->depth + 1 >= row.from->problem->steps_max)
    step.finish = Finish::cut;
  step.log_probability = row.log_probability;
  step.log_drawn = row.log_drawn;
  if (row.log_drawn == -std::numeric_limits<double>::infinity()) step.finish = Finish::refused;
  auto state = std::make_shared<State>();
  state->problem = row.from->problem;
  state->past = row.past;
  state->last = row.last;
  state->length = row.length;
  step.state = std::move(state);
  return search::behind(row.ask->prefix, std::move(step));
}

std::vector<Prefix> TokenPolicy::extend(std::span<search::Ask> asks) {
  std::vector<Prefix> out(asks.size());
  std::vector<Growing> rows(asks.size());
  std::vector<std::size_t> active;
  // Prefixes that are asked for several times are read once.
  std::map<const State*, std::shared_ptr<Past>> shared;
  std::vector<std::shared_ptr<Past>> reading;
  std::vector<std::size_t> place(asks.size());  ///< of a row in `reading`
  std::map<const Past*, std::size_t> places;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    Growing& row = rows[i];
    row.ask = &asks[i];
    row.from = std::static_pointer_cast<const State>(asks[i].prefix->state);
    const bool nothing = row.ask->given && row.ask->given->tokens.empty();
    if (nothing || row.from->problem->too_long || row.from->length >= model_->context()) {
      row.step.finish = nothing || row.from->problem->too_long ? Finish::refused : Finish::cut;
      row.past = row.from->past, row.last = row.from->last, row.length = row.from->length;
      out[i] = grown(row);
      continue;
    }
    std::shared_ptr<Past>& past = shared[row.from.get()];
    if (!past) {
      past = behind(row.from->past, row.from->last);
      places[past.get()] = reading.size();
      reading.push_back(past);
    }
    row.past = past;
    row.length = row.from->length;
    place[i] = places[past.get()];
    if (row.from->problem->whole || row.from->problem->tool)
      row.before = search::text_of(asks[i].prefix);
    active.push_back(i);
  }
  const bool plain = sampling_.temperature == 1 && sampling_.top_p >= 1;
  const auto vocabulary = static_cast<std::size_t>(model_->tokenizer().size());
  std::vector<float> logits;
  while (!active.empty()) {
    model_->read(reading, &logits);
    std::vector<std::size_t> still;
    std::vector<std::shared_ptr<Past>> next;
    for (const std::size_t i : active) {
      Growing& row = rows[i];
      const std::span<const float> here(logits.data() + place[i] * vocabulary, vocabulary);
      const search::Node* given = row.ask->given;
      const bool own = row.put_in.empty();
      std::int32_t token = 0;
      if (own) {
        token = given ? given->tokens[row.step.tokens.size()]
                      : drawn_token(here, sampling_, row.ask->greedy, row.ask->stream);
        const double log_probability = log_softmax(here)[static_cast<std::size_t>(token)];
        row.log_probability += log_probability;
        if (!row.ask->greedy)
          row.log_drawn += plain ? log_probability : log_drawn(here, sampling_, token);
        ++row.step.tokens_out;
      } else {
        token = row.put_in.back();
        row.put_in.pop_back();
        if (given && given->tokens[row.step.tokens.size()] != token)
          row.log_drawn = -std::numeric_limits<double>::infinity();  // another tool has spoken
      }
      row.step.tokens.push_back(token);
      row.step.text += model_->tokenizer().text(token, row.past->token);
      row.last = token;
      ++row.length;
      look_at(row, own);
      const bool over = ends(row);
      if (given && over != (row.step.tokens.size() == given->tokens.size()))
        row.log_drawn = -std::numeric_limits<double>::infinity();  // it would end elsewhere
      if (over || row.log_drawn == -std::numeric_limits<double>::infinity()) {
        out[i] = grown(row);
        continue;
      }
      const auto past = behind(row.past, token);
      row.past = past;
      place[i] = next.size();
      next.push_back(past);
      still.push_back(i);
    }
    active = std::move(still);
    reading = std::move(next);
  }
  return out;
}

}  // namespace assay::models
