#include "harness/tasks/list_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "harness/search/weights.h"

namespace assay::tasks::lists {

namespace {

/// Chosen on 250 problems for calibration, by how many have a right answer among 32 samples: that rises
/// up to 12 (of list:2, .316 with 8, .376 with 12 and with 16).
constexpr double kTilt = 12;
/// Added to each count: what training has not shown is rare, not impossible.
constexpr double kSmoothing = 0.5;

/// What is kept of a prefix.
struct Begun {
  Program program;
  std::vector<List> lists;  ///< what it makes of the visible inputs
  std::vector<double> next;
};

/// Without examples the tilt is the same for all calls.
class CallPolicy : public search::Policy {
 public:
  CallPolicy(std::shared_ptr<const Bigrams> bigrams, VisibleTests visible)
      : bigrams_(std::move(bigrams)), visible_(std::move(visible)) {}

  search::Capabilities capabilities() const override { return {true, true, true, 1024}; }

  search::Prefix open(const search::Problem& problem) override {
    Begun begun;
    const std::vector<Test>& visible = examples(problem);
    for (const Test& test : visible) begun.lists.push_back(test.input);
    fill_next(visible, begun);
    return search::make_root(problem.task_id, state_of(visible, std::move(begun)));
  }

  std::vector<search::Prefix> extend(std::span<search::Ask> asks) override {
    std::vector<search::Prefix> out;
    for (search::Ask& ask : asks) {
      const auto state = std::static_pointer_cast<const State>(ask.prefix->state);
      const std::vector<double>& p = state->begun.next;
      const std::size_t call =
          ask.greedy ? static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin())
                     : search::drawn(p, ask.stream);
      const bool ends = call == calls().size();
      search::Node step;
      step.text = fmt::format("{}\n", ends ? kEnd : calls()[call].text);
      step.tokens_out = 1;
      step.log_probability = std::log(p[call]);
      step.finish = ends ? search::Finish::complete : search::Finish::open;
      if (!ends) step.state = behind(*state, call);
      out.push_back(search::behind(ask.prefix, std::move(step)));
    }
    return out;
  }

 private:
  struct State {
    const std::vector<Test>* visible = nullptr;
    Begun begun;
  };
  static std::shared_ptr<void> state_of(const std::vector<Test>& visible, Begun begun) {
    return std::make_shared<State>(State{&visible, std::move(begun)});
  }

  const std::vector<Test>& examples(const search::Problem& problem) const {
    static const std::vector<Test> none;
    return visible_ ? visible_(problem) : none;
  }

  std::shared_ptr<void> behind(const State& state, std::size_t call) const {
    Begun begun = state.begun;
    begun.program.push_back(call);
    for (List& list : begun.lists) calls()[call].apply(list);
    fill_next(*state.visible, begun);
    return state_of(*state.visible, std::move(begun));
  }

  void fill_next(const std::vector<Test>& visible, Begun& begun) const {
    const std::size_t count = calls().size();
    if (begun.program.size() == kCallsMax) {
      begun.next.assign(count + 1, 0);
      begun.next[count] = 1;
      return;
    }
    begun.next = bigrams_->behind(begun.program.empty() ? count : begun.program.back());
    if (visible.empty()) return;
    bool there = true;
    for (std::size_t i = 0; i < visible.size(); ++i) there &= begun.lists[i] == visible[i].output;
    if (!there) begun.next[count] *= std::exp(-kTilt);
    for (std::size_t call = 0; call < count; ++call) {
      double sum = 0;
      for (std::size_t i = 0; i < visible.size(); ++i) {
        List list = begun.lists[i];
        calls()[call].apply(list);
        sum += distance(list, visible[i].output);
      }
      begun.next[call] *= std::exp(-kTilt * sum / static_cast<double>(visible.size()));
    }
    const double total = std::accumulate(begun.next.begin(), begun.next.end(), 0.0);
    for (double& p : begun.next) p /= total;
  }

  const std::shared_ptr<const Bigrams> bigrams_;
  const VisibleTests visible_;  ///< empty: it looks at none
};

}  // namespace

Bigrams::Bigrams(std::size_t count, std::uint64_t seed) {
  const std::size_t end = calls().size();
  rows_.assign(end + 1, std::vector<double>(end + 1, kSmoothing));
  rows_[end][end] = 0;  // no target is the identity
  RandomStream stream(seed, "list bigrams");
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t before = end;
    for (const std::size_t call : random_target(Side::training, stream).program) {
      ++rows_[before][call];
      before = call;
    }
    ++rows_[before][end];
  }
  for (std::vector<double>& row : rows_) {
    const double total = std::accumulate(row.begin(), row.end(), 0.0);
    for (double& p : row) p /= total;
  }
}

std::unique_ptr<search::Policy> grammar_policy(std::shared_ptr<const Bigrams> bigrams) {
  return std::make_unique<CallPolicy>(std::move(bigrams), nullptr);
}

std::unique_ptr<search::Policy> guided_policy(std::shared_ptr<const Bigrams> bigrams,
                                              VisibleTests visible) {
  return std::make_unique<CallPolicy>(std::move(bigrams), std::move(visible));
}

double distance(const List& a, const List& b) {
  std::array<std::size_t, kLengthMax + 1> row;  // of the beginnings of b, for one of a
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  const std::size_t longer = std::max(a.size(), b.size());
  return longer ? static_cast<double>(row[b.size()]) / static_cast<double>(longer) : 0;
}

}  // namespace assay::tasks::lists
