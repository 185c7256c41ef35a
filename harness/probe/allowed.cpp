#include "harness/probe/allowed.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "datasets/probe_suite.h"
#include "harness/base/error.h"
#include "harness/probe/mutate.h"
#include "harness/verify/answers.h"
#include "harness/verify/observed.h"

namespace assay::probe {

/// A reference that takes longer for an input makes no test of it, and is ended at five times that.
static constexpr double kReferenceS = 0.01;
static constexpr double kReferenceCallS = 5 * kReferenceS;
/// Inputs that take it longer than this count until they have come to so much together: each is asked of
/// hundreds of programs.
static constexpr double kCostlyS = 0.001;
static constexpr double kCostlyAllS = 0.1;
/// A program gets no more than this for a call, for all calls and of memory, unless four times what the
/// reference takes is more: what is slow is no find, and hundreds may be slow on the same inputs.
static constexpr double kProgramCallS = 0.05;
static constexpr double kProgramSuiteS = 0.25;
static constexpr std::uint64_t kProgramMib = 256;
/// MiB of one answer while it runs, and bytes of one that is kept.
static constexpr std::uint64_t kReplyMib = 1;
static constexpr std::size_t kAnswerBytesMax = 16 << 10;
/// Inputs are made and tried so many at a time.
static constexpr std::size_t kTogether = 256;
/// Of the suites' own inputs so many show whether a contract can be used.
static constexpr std::size_t kOwnMax = 64;

namespace {

/// What is called, in the jail of the references.
struct Called {
  std::string program, entry_point;
};

/// Calls it on each input, in a new process behind an input that ended one. `take` gets the answers;
/// `ended` is told the input that ended the process. Returns what is wrong with the program, if it
/// never came to be called.
std::string for_each_call(sandbox::Executor& executor, const Called& called,
                          const std::vector<std::string>& inputs, const sandbox::Limits& limits,
                          std::size_t ends_max,
                          const std::function<void(const sandbox::Reply&)>& take,
                          const std::function<void(std::size_t)>& ended) {
  sandbox::Job job;
  job.program = called.program;
  job.entry_point = called.entry_point;
  job.inputs = sandbox::Inputs::make(inputs);
  job.limits = limits;
  job.trusted = true;
  for (std::size_t ends = 0, lost = 0; job.first < inputs.size() && ends < ends_max;) {
    const sandbox::Outcome outcome = executor.run(job, [&](const sandbox::Reply& reply) {
      take(reply);
      return sandbox::Next::go_on;
    });
    job.first += outcome.answered;
    using sandbox::End;
    if (outcome.end == End::completed) break;
    if (outcome.end == End::missing) {
      if (++lost > 1) return outcome.message;
      continue;
    }
    if (outcome.end == End::syntax || outcome.end == End::no_entry_point ||
        outcome.end == End::raised)
      return fmt::format(
          "{}: {}", outcome.exception_type.empty() ? name_of(outcome.end) : outcome.exception_type,
          outcome.message);
    ended(job.first++);
    ++ends;
  }
  return "";
}

/// The reference with a function behind it that has its parameters and the contract as its body.
Called contract_of(const datasets::Problem& problem, const std::string& contract) {
  return {fmt::format(R"({0}

exec("def _assay_allows(" + ", ".join({1}.__code__.co_varnames[:{1}.__code__.co_argcount]) + "):\n" + {2}, globals())
_assay_allows.__defaults__ = {1}.__defaults__
)",
                      problem.reference, problem.entry_point, repr(Value::of_str(contract + "\n"))),
          "_assay_allows"};
}

/// Whether the reference, asked so, gave an answer that a test can rest on.
bool is_answer(bool plain, const sandbox::Reply& reply) {
  if (reply.raised || plain) return !reply.raised;
  const std::optional<verify::Observed> observed = verify::read_observed(reply.value);
  return observed && !observed->raised;
}

sandbox::Limits limits_of_reference() {
  sandbox::Limits limits;
  limits.test_cpu_s = kReferenceCallS;
  limits.reply_mib = kReplyMib;
  return limits;
}

class Search {
 public:
  Search(sandbox::Executor& executor, const datasets::Problem& problem, const std::string& contract,
         const Wanted& wanted, std::vector<std::string> own)
      : executor_(executor),
        own_(std::move(own)),
        mutator_(own_, wanted.seed, "probe " + problem.task_id),
        wanted_(wanted) {
    const datasets::DifferentialSuite none;
    verify::Callee callee = verify::callee_of(problem, none, problem.reference);
    reference_ = {std::move(callee.program), std::move(callee.entry_point)};
    plain_ = datasets::is_plain(problem, none);
    has_reference_ = !problem.reference.empty();
    found_.by_contract = contract.find_first_not_of(" \t\r\n") != contract.npos;
    if (found_.by_contract) contract_ = contract_of(problem, contract);
  }

  Allowed run(const std::atomic<bool>& stop) {
    if (own_.empty()) return with("it has no suite of inputs");
    if (!has_reference_) return with("its file names answers, and no reference that has others");
    if (std::string trouble = trouble_of_contract(); !trouble.empty()) return with(trouble);
    while (!stop && found_.inputs.size() < wanted_.inputs && ends_ < kEndsMax &&
           contract_ends_left() > 0 && made_ < kTriedFactor * wanted_.inputs) {
      const std::vector<std::string> made =
          mutator_.more(std::min(kTogether, kTriedFactor * wanted_.inputs - made_));
      if (made.empty()) break;
      made_ += made.size();
      std::vector<std::size_t> kept(made.size());
      std::iota(kept.begin(), kept.end(), 0);
      std::size_t asked = made.size();
      if (found_.by_contract) kept = that_hold(made, asked);
      std::vector<std::string> inputs;
      for (const std::size_t i : kept) inputs.push_back(made[i]);
      const std::size_t used_before = used_;
      const std::string trouble = answer(inputs);
      count_tried(asked, kept, used_ - used_before);
      if (!trouble.empty()) return with(trouble);
    }
    return std::move(found_);
  }

 private:
  Allowed with(std::string trouble) {
    found_.trouble = std::move(trouble);
    return std::move(found_);
  }

  /// Of a batch the contract left `kept`, and the reference's answers to the first `used` of these
  /// count: what stands behind the last of them was not tried, unless all were used.
  void count_tried(std::size_t made, const std::vector<std::size_t>& kept, std::size_t used) {
    std::size_t tried = made;
    if (used < kept.size()) tried = used == 0 ? 0 : kept[used - 1] + 1;
    found_.tried += static_cast<std::int64_t>(tried);
    found_.refused += static_cast<std::int64_t>(tried - used);
  }

  std::size_t contract_ends_left() const {
    return kEndsMax - static_cast<std::size_t>(found_.contract_ends);
  }

  /// The indices of those for which the contract holds; the first `asked` were tried, no more where it
  /// has ended its process too often.
  std::vector<std::size_t> that_hold(const std::vector<std::string>& inputs, std::size_t& asked) {
    std::vector<std::size_t> kept;
    asked = inputs.size();
    contract_trouble_ = for_each_call(
        executor_, contract_, inputs, limits_of_reference(), contract_ends_left(),
        [&](const sandbox::Reply& reply) {
          if (!reply.raised) kept.push_back(reply.index);
        },
        [&](std::size_t index) {
          ++found_.contract_ends;
          if (contract_ends_left() == 0) asked = index + 1;
        });
    return kept;
  }

  std::string trouble_of_contract() {
    if (!found_.by_contract) return "";
    std::vector<std::string> some = own_;
    some.resize(std::min(some.size(), kOwnMax));
    std::size_t asked = 0;
    const bool any = !that_hold(some, asked).empty();
    if (!contract_trouble_.empty()) return "its contract does not run: " + contract_trouble_;
    if (contract_ends_left() == 0)
      return fmt::format("its contract ended its process at {} of its own inputs", kEndsMax);
    return any ? "" : "its contract refuses all of its own inputs";
  }

  bool is_slow(const sandbox::Reply& reply) {
    if (reply.cpu_s <= kCostlyS) return false;
    if (reply.cpu_s > kReferenceS || costly_s_ + reply.cpu_s > kCostlyAllS) return true;
    costly_s_ += reply.cpu_s;
    return false;
  }

  /// Takes down what the reference answers, up to as many as are wanted.
  std::string answer(const std::vector<std::string>& inputs) {
    return for_each_call(
        executor_, reference_, inputs, limits_of_reference(), kEndsMax - ends_,
        [&](const sandbox::Reply& reply) {
          if (found_.inputs.size() >= wanted_.inputs) return;
          ++used_;
          if (!is_answer(plain_, reply)) {
            ++found_.raised;
          } else if (is_slow(reply) || reply.value.size() > kAnswerBytesMax) {
            ++found_.slow;
          } else {
            found_.inputs.push_back(inputs[reply.index]);
            found_.answers.emplace_back(reply.value);
            found_.cpu_s.push_back(reply.cpu_s);
            mutator_.admit(inputs[reply.index]);
          }
        },
        [&](std::size_t) {
          ++ends_;
          if (found_.inputs.size() >= wanted_.inputs) return;
          ++used_;
          ++found_.slow;
        });
  }

  sandbox::Executor& executor_;
  const std::vector<std::string> own_;
  Mutator mutator_;
  const Wanted wanted_;
  Called reference_, contract_;
  std::string contract_trouble_;
  bool has_reference_ = false;
  bool plain_ = true;
  double costly_s_ = 0;
  std::size_t ends_ = 0;
  std::size_t made_ = 0;
  std::size_t used_ = 0;  ///< inputs whose answers, or their want, are counted
  Allowed found_;
};

/// The inputs of all suites, but for those that must raise.
std::vector<std::string> own_inputs(const datasets::Problem& problem) {
  std::vector<std::string> own;
  for (const datasets::Suite& suite : problem.suites) {
    const auto* calls = std::get_if<datasets::DifferentialSuite>(&suite.tests);
    for (std::size_t i = 0; calls && i < calls->inputs.size(); ++i)
      if (calls->raises_at(i).empty()) own.push_back(calls->inputs[i]);
  }
  return own;
}

/// Removes what the reference, judged as a program is, does not answer alike.
void drop_unstable(sandbox::Executor& executor, const datasets::Problem& problem,
                   const verify::Demands& demands, Allowed& found) {
  std::vector<std::size_t> all(found.inputs.size());
  std::iota(all.begin(), all.end(), 0);
  const verify::Judgement again =
      Suite(problem, found, all, demands).judge(executor, problem.reference, verify::Scope::full);
  std::vector<bool> bad(all.size());
  for (const std::uint32_t index : again.verdict.failing) bad[index] = true;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (bad[i]) continue;
    std::swap(found.inputs[kept], found.inputs[i]);
    std::swap(found.answers[kept], found.answers[i]);
    found.cpu_s[kept++] = found.cpu_s[i];
  }
  found.unstable = static_cast<std::int64_t>(all.size() - kept);
  found.inputs.resize(kept);
  found.answers.resize(kept);
  found.cpu_s.resize(kept);
}

}  // namespace

Allowed allowed_inputs(sandbox::Executor& executor, const datasets::Problem& problem,
                       const std::string& contract, const Wanted& wanted,
                       const verify::Demands& demands, const std::atomic<bool>& stop) {
  if (problem.calling.operations) {
    Allowed none;
    none.trouble = "its inputs are operations on an instance, which are not changed";
    return none;
  }
  Allowed found = Search(executor, problem, contract, wanted, own_inputs(problem)).run(stop);
  if (found.trouble.empty() && !found.inputs.empty() && !stop)
    drop_unstable(executor, problem, demands, found);
  return found;
}

Suite::Suite(const datasets::Problem& problem, const Allowed& allowed,
             const std::vector<std::size_t>& picked, const verify::Demands& demands)
    : picked_(picked) {
  verify::Demands shorter = demands;
  shorter.limits.test_cpu_s = std::min(shorter.limits.test_cpu_s, kProgramCallS);
  shorter.limits.suite_cpu_s = std::min(shorter.limits.suite_cpu_s, kProgramSuiteS);
  shorter.limits.memory_mib = std::min(shorter.limits.memory_mib, kProgramMib);
  problem_.task_id = problem.task_id;
  problem_.entry_point = problem.entry_point;
  problem_.reference = problem.reference;
  problem_.atol = problem.atol;
  problem_.rule = problem.rule;
  problem_.calling = problem.calling;
  datasets::DifferentialSuite calls;
  store::ReferenceRun run;
  run.lane = "calls";
  verify::AnswersBuilder builder;
  for (const std::size_t index : picked) {
    calls.inputs.push_back(allowed.inputs[index]);
    builder.add(allowed.answers[index]);
    run.cpu_s.push_back(allowed.cpu_s[index]);
    run.reply_bytes_max =
        std::max(run.reply_bytes_max, static_cast<std::int64_t>(allowed.answers[index].size()));
  }
  run.chunks = builder.finish();
  verify::decide_limits(run);
  problem_.suites.push_back({datasets::kProbeSuite, std::move(calls)});
  verifier_ = verify::verifier_of(problem_, problem_.suites.front(), shorter);
  prepared_ = verifier_->prepare(std::move(run));
  ASSAY_INVARIANT(prepared_.judge);
}

verify::Judgement Suite::judge(sandbox::Executor& executor, const std::string& program,
                               verify::Scope scope) const {
  verify::Judgement judgement = prepared_.judge(executor, program, scope);
  for (std::vector<std::uint32_t>* indices : {&judgement.verdict.failing, &judgement.ended}) {
    for (std::uint32_t& index : *indices) index = static_cast<std::uint32_t>(picked_[index]);
    std::sort(indices->begin(), indices->end());
  }
  return judgement;
}

}  // namespace assay::probe
