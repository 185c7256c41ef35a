#include "harness/probe/probe.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

#include "harness/base/error.h"
#include "harness/base/value/json_value.h"

namespace assay::probe {

using store::Status;

/// Of the inputs that a program fails so many are tried alone, until one shows it.
static constexpr std::size_t kAloneTries = 5;
/// An input that ended so many programs is not asked of those that follow.
static constexpr std::int64_t kEndedMax = 2;
/// Of a cluster so many witnesses are kept.
static constexpr std::size_t kWitnessesMax = 5;

/// A list of arguments as own benchmarks have it; empty where JSON cannot say it.
static std::string json_of(const std::string& encoded) {
  Value tuple;
  if (!decode_whole(encoded, tuple)) return "";
  tuple.kind = Kind::list;
  try {
    return to_json(tuple);
  } catch (const Error&) {
    return "";
  }
}

namespace {

/// A program with the inputs that it fails by an answer, ascending.
struct Failing {
  const Program* program = nullptr;
  std::vector<std::uint32_t> inputs;
  std::optional<std::size_t> witness;             ///< the simplest that shows it alone
  std::map<std::size_t, store::Witness> answers;  ///< by input, alone
  std::set<std::size_t> errors;                   ///< of these: exceptions
};

class Probing {
 public:
  Probing(sandbox::Executor& executor, const datasets::Problem& problem, const Allowed& allowed,
          const verify::Demands& demands, const std::atomic<bool>& stop, Result& result)
      : executor_(executor),
        problem_(problem),
        allowed_(allowed),
        demands_(demands),
        stop_(stop),
        result_(result),
        fail_(allowed.inputs.size()),
        right_(allowed.inputs.size()) {}

  void run(const std::vector<Program>& programs) {
    judge_all(programs);
    rank_inputs();
    for (Failing& one : failing_) find_witness(one);
    std::erase_if(failing_, [](const Failing& one) { return !one.witness; });
    answer_witnesses();
    if (!stop_) cluster(programs);
  }

 private:
  /// The simplest inputs come first: what a limit ends stands mostly among the last. A program of which
  /// limits left only a part is asked again at the end, without the inputs that ended others too.
  void judge_all(const std::vector<Program>& programs) {
    asked_ = simplest_first([](std::size_t) { return false; });
    ended_.resize(asked_.size());
    std::vector<const Program*> cut;
    for (const Program& program : programs)
      if (!judge(program, false)) cut.push_back(&program);
    for (const Program* program : cut) judge(*program, true);
  }

  /// Whether that is all there is to see of it; always, where this is the `last` try.
  bool judge(const Program& program, bool last) {
    if (stop_) return true;
    if (!asking_) asking_ = std::make_unique<Suite>(problem_, allowed_, asked_, demands_);
    const verify::Judgement judgement = judged(*asking_, program.text);
    if (judgement.verdict.status == Status::missing) {
      ++result_.lost;
      return true;
    }
    const std::vector<std::uint32_t>& failing = judgement.verdict.failing;
    std::vector<std::uint32_t> wrong;
    std::set_difference(failing.begin(), failing.end(), judgement.ended.begin(),
                        judgement.ended.end(), std::back_inserter(wrong));
    const bool whole = judgement.verdict.judged == static_cast<std::int64_t>(asked_.size());
    const bool taken = last || whole || !wrong.empty();
    if (taken) take(program, judgement, std::move(wrong));
    for (const std::uint32_t index : judgement.ended) ++ended_[index];
    if (std::erase_if(asked_, [&](std::size_t i) { return ended_[i] >= kEndedMax; }) > 0)
      asking_.reset();
    return taken;
  }

  void take(const Program& program, const verify::Judgement& judgement,
            std::vector<std::uint32_t> wrong) {
    ++result_.programs;
    const std::vector<std::uint32_t>& failing = judgement.verdict.failing;
    for (std::int64_t i = 0; i < judgement.verdict.judged; ++i) {
      const std::size_t index = asked_[static_cast<std::size_t>(i)];
      if (!std::binary_search(failing.begin(), failing.end(), index)) ++right_[index];
    }
    for (const std::uint32_t index : wrong) ++fail_[index];
    if (!wrong.empty())
      failing_.push_back({&program, std::move(wrong), {}, {}, {}});
    else if (judgement.verdict.status != Status::pass)
      ++result_.limited;
  }

  /// A process that was lost is tried once more.
  verify::Judgement judged(const Suite& suite, const std::string& program) {
    verify::Judgement judgement = suite.judge(executor_, program, verify::Scope::full);
    if (judgement.verdict.status == Status::missing)
      judgement = suite.judge(executor_, program, verify::Scope::full);
    return judgement;
  }

  /// All inputs, those for which `is_last` holds behind the others.
  template <class IsLast>
  std::vector<std::size_t> simplest_first(const IsLast& is_last) const {
    std::vector<std::size_t> order(allowed_.inputs.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(is_last(a), allowed_.inputs[a].size()) <
             std::pair(is_last(b), allowed_.inputs[b].size());
    });
    return order;
  }

  /// Simplest first; behind all others those that more programs fail than not, which say as much
  /// against the reference.
  void rank_inputs() {
    const std::vector<std::size_t> order =
        simplest_first([&](std::size_t i) { return fail_[i] > right_[i]; });
    rank_.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
  }

  /// What the program answers to one input alone; takes down the answer where it is wrong.
  Status alone(Failing& one, std::size_t input) {
    auto& suite = alone_[input];
    if (!suite)
      suite =
          std::make_unique<Suite>(problem_, allowed_, std::vector<std::size_t>{input}, demands_);
    verify::Judgement judgement = judged(*suite, one.program->text);
    const Status status = judgement.verdict.status;
    if ((status == Status::fail || status == Status::error) && judgement.verdict.witness) {
      one.answers[input] = std::move(*judgement.verdict.witness);
      if (status == Status::error) one.errors.insert(input);
    }
    return status;
  }

  void find_witness(Failing& one) {
    std::vector<std::size_t> inputs(one.inputs.begin(), one.inputs.end());
    const std::size_t tries = std::min(kAloneTries, inputs.size());
    std::partial_sort(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(tries),
                      inputs.end(),
                      [&](std::size_t a, std::size_t b) { return rank_[a] < rank_[b]; });
    std::size_t limited = 0;
    for (std::size_t i = 0; i < tries && limited == 0 && !stop_; ++i) {
      const Status status = alone(one, inputs[i]);
      if (one.answers.contains(inputs[i])) {
        one.witness = inputs[i];
        return;
      }
      if (status != Status::pass) ++limited;
    }
    ++(limited > 0 ? result_.limited : result_.flaky);
  }

  /// Each program's answers to all witnesses that it fails.
  void answer_witnesses() {
    for (const Failing& one : failing_) witnesses_.insert({rank_[*one.witness], *one.witness});
    for (Failing& one : failing_) {
      for (const auto& [rank, input] : witnesses_) {
        if (stop_) return;
        if (!one.answers.contains(input) &&
            std::binary_search(one.inputs.begin(), one.inputs.end(), input))
          alone(one, input);
      }
    }
  }

  Witness witness_of(const Failing& one, std::size_t input) const {
    const store::Witness& answer = one.answers.at(input);
    Witness out{input,
                answer.input,
                answer.expected,
                answer.actual,
                one.errors.contains(input),
                json_of(allowed_.inputs[input])};
    std::set<std::string> models;
    for (const Failing& other : failing_) {
      const auto its = other.answers.find(input);
      if (its == other.answers.end() || its->second.actual != answer.actual) continue;
      ++out.same;
      models.insert(other.program->models.begin(), other.program->models.end());
    }
    out.same_models = static_cast<std::int64_t>(models.size());
    out.reference = right_[input];
    return out;
  }

  void cluster(const std::vector<Program>& programs) {
    std::set<std::string> all_models;
    for (const Program& program : programs)
      all_models.insert(program.models.begin(), program.models.end());
    std::map<std::vector<std::string>, std::size_t> by_answers;
    for (const Failing& one : failing_) {
      std::vector<std::string> answers;
      for (const auto& [rank, input] : witnesses_) {
        const auto its = one.answers.find(input);
        answers.push_back(its == one.answers.end() ? "" : "= " + its->second.actual);
      }
      const auto [at, is_new] = by_answers.try_emplace(answers, result_.clusters.size());
      if (is_new) add_cluster(one, all_models.size() > 1);
      result_.clusters[at->second].programs.push_back(one.program->id);
      result_.finds.push_back({one.program->id, one.inputs.front(), at->second});
    }
    std::sort(result_.finds.begin(), result_.finds.end(),
              [](const Find& a, const Find& b) { return a.program < b.program; });
    for (Cluster& one : result_.clusters) std::sort(one.programs.begin(), one.programs.end());
  }

  void add_cluster(const Failing& one, bool several_models) {
    Cluster& cluster = result_.clusters.emplace_back();
    for (const auto& [rank, input] : witnesses_) {
      if (cluster.witnesses.size() < kWitnessesMax && one.answers.contains(input))
        cluster.witnesses.push_back(witness_of(one, input));
    }
    const Witness& first = cluster.witnesses.front();
    const bool agreed = several_models ? first.same_models >= 2 : first.same >= kAloneMin;
    cluster.disputed = first.reference == 0 || (agreed && first.same > first.reference);
  }

  sandbox::Executor& executor_;
  const datasets::Problem& problem_;
  const Allowed& allowed_;
  const verify::Demands& demands_;
  const std::atomic<bool>& stop_;
  Result& result_;
  std::vector<std::int64_t> fail_, right_;  ///< programs, by input
  std::vector<std::size_t> asked_;          ///< inputs, in that order
  std::unique_ptr<Suite> asking_;           ///< of them
  std::vector<std::int64_t> ended_;         ///< programs, by input
  std::vector<std::size_t> rank_;           ///< by input
  std::vector<Failing> failing_;
  std::map<std::size_t, std::unique_ptr<Suite>> alone_;      ///< by input
  std::set<std::pair<std::size_t, std::size_t>> witnesses_;  ///< rank, input
};

}  // namespace

Result probe(sandbox::Executor& executor, const datasets::Problem& problem,
             const std::string& contract, const std::vector<Program>& programs,
             const Wanted& wanted, const verify::Demands& demands, const std::atomic<bool>& stop) {
  const Allowed allowed = allowed_inputs(executor, problem, contract, wanted, demands, stop);
  Result result{allowed, problem.task_id};
  result.allowed = static_cast<std::int64_t>(allowed.inputs.size());
  if (result.trouble.empty() && !allowed.inputs.empty() && !stop)
    Probing(executor, problem, allowed, demands, stop, result).run(programs);
  return result;
}

}  // namespace assay::probe
