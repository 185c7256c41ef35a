#include "harness/simulator/trajectories.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <functional>

#include "harness/base/error.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

constexpr std::int64_t kCellsMax = 1 << 24;  // trajectories x draws held at once: some 150 MB

/// One draw of all trajectories, on the CPU: what the rule sees, and the truth. `passed` and
/// `behaviour` only where the rule looks at them.
struct Draw {
  Tensor accepted, correct, passed, behaviour;
};

/// Gives draw number `k` (0 = first) of trajectories [problems x per_problem]; what it gives those
/// that no longer go on is never looked at.
using Source = std::function<Draw(int k, const std::vector<std::uint8_t>& going)>;

class Run {
 public:
  Run(const StoppingRule& rule, std::size_t problems, std::int64_t per_problem)
      : rule_(rule),
        size_(problems * static_cast<std::size_t>(per_problem)),
        going_(size_, 1),
        draws_(size_, 0),
        chosen_(size_, -1) {
    for (std::size_t t = 0; t < size_; ++t)
      problem_.push_back(static_cast<std::int64_t>(t) / per_problem);
  }

  void play(const Source& source, int k_max) {
    for (int k = 0; k < k_max; ++k) {
      rule_.decide(view(k), going_);
      if (std::find(going_.begin(), going_.end(), 1) == going_.end()) break;
      append(source(k, going_));
      for (std::size_t t = 0; t < size_; ++t) draws_[t] += going_[t];
    }
    rule_.choose(view(static_cast<int>(accepted_.size() / size_)), draws_, chosen_);
  }

  void add_to(SimulationResult& out) const {
    for (std::size_t t = 0; t < size_; ++t) {
      const std::size_t p = static_cast<std::size_t>(problem_[t]);
      out.draws[p] += draws_[t];
      if (chosen_[t] < 0) continue;
      (correct_[static_cast<std::size_t>(chosen_[t]) * size_ + t] ? out.tp : out.fp)[p] += 1;
    }
  }

 private:
  Batch view(int drawn) const { return {drawn, size_, problem_, accepted_, passed_, behaviour_}; }

  void append(const Draw& draw) {
    const auto copy = [&](const Tensor& from, auto& to) {
      using T = typename std::remove_reference_t<decltype(to)>::value_type;
      if (!from.defined()) return;
      const Tensor flat = from.contiguous();
      to.insert(to.end(), flat.data_ptr<T>(), flat.data_ptr<T>() + flat.numel());
    };
    copy(draw.accepted, accepted_);
    copy(draw.correct, correct_);
    copy(draw.passed, passed_);
    copy(draw.behaviour, behaviour_);
  }

  const StoppingRule& rule_;
  std::size_t size_;
  std::vector<std::uint8_t> going_;
  std::vector<std::int32_t> draws_, chosen_;
  std::vector<std::int64_t> problem_;
  std::vector<std::uint8_t> accepted_, correct_;
  std::vector<float> passed_;
  std::vector<std::int32_t> behaviour_;
};

void check(const SimulationOptions& options) {
  if (options.trajectories < 1 || options.k_max < 0 || options.wrong_behaviours < 1)
    throw Error(
        "a simulation needs at least one trajectory, no negative number of draws and one "
        "way to be wrong");
}

/// Runs in pieces that fit in memory; each piece has its own generator, so its size is part of the
/// seed's meaning and fixed by the options alone.
template <typename MakeSource>
SimulationResult in_pieces(std::size_t problems, const StoppingRule& rule,
                           const SimulationOptions& options, const MakeSource& make_source) {
  check(options);
  SimulationResult out{rule.name(), std::vector<double>(problems), std::vector<double>(problems),
                       std::vector<double>(problems), options.trajectories};
  const std::int64_t cells = static_cast<std::int64_t>(problems) * std::max(options.k_max, 1);
  const std::int64_t piece = std::clamp<std::int64_t>(kCellsMax / std::max<std::int64_t>(cells, 1),
                                                      1, options.trajectories);
  torch::NoGradGuard guard;
  for (std::int64_t done = 0; done < options.trajectories; done += piece) {
    const std::int64_t now = std::min<std::int64_t>(piece, options.trajectories - done);
    Run run(rule, problems, now);
    run.play(make_source(done, now), options.k_max);
    run.add_to(out);
  }
  for (auto* part : {&out.tp, &out.fp, &out.draws})
    for (double& v : *part) v /= options.trajectories;
  return out;
}

Tensor on_cpu(const Tensor& t, torch::ScalarType type) {
  return t.to(torch::kCPU).to(type).contiguous();
}

/// Trajectories [problems x now] that draw from a posterior: from one acceptance to the next the
/// gap is geometric, so it is drawn in one go instead of draw by draw.
class PosteriorSource {
 public:
  PosteriorSource(Tensor log_reject, Tensor precision, const StoppingRule& rule,
                  const SimulationOptions& options)
      : log_reject_(std::move(log_reject)),
        precision_(std::move(precision)),
        rule_(rule),
        options_(options),
        next_(gaps(log_reject_) - 1) {}

  Draw operator()(int k, const std::vector<std::uint8_t>& going) {
    if (latest_.defined() && latest_.size(0) > 0) {
      const Tensor on = torch::from_blob(const_cast<std::uint8_t*>(going.data()),
                                         {static_cast<std::int64_t>(going.size())}, torch::kUInt8)
                            .to(next_.device())
                            .index_select(0, latest_);
      const Tensor again = latest_.masked_select(on.to(torch::kBool));
      next_.index_put_({again}, k - 1 + gaps(log_reject_.index_select(0, again)));
    }
    const Tensor accepted = next_ == k;
    const Tensor at = accepted.nonzero().squeeze(1);
    const Tensor right =
        torch::rand({at.size(0)}, precision_.options()) < precision_.index_select(0, at);
    latest_ = at;
    const Tensor correct = torch::zeros_like(accepted).index_put_({at}, right);
    Draw out{on_cpu(accepted, torch::kUInt8), on_cpu(correct, torch::kUInt8), {}, {}};
    if (rule_.looks_at_passed()) out.passed = on_cpu(accepted, torch::kFloat32);
    if (rule_.looks_at_behaviour()) {
      const Tensor kind =
          torch::randint(1, options_.wrong_behaviours + 1, accepted.sizes(), precision_.options());
      out.behaviour = on_cpu(torch::where(correct, torch::zeros_like(kind), kind), torch::kInt32);
    }
    return out;
  }

 private:
  /// Draws up to and with the next acceptance; beyond every k_max where there is none.
  static Tensor gaps(const Tensor& log_reject) {
    const Tensor u = 1 - torch::rand_like(log_reject);  // never 0
    constexpr double kNever = 1e9;
    return (u.log() / log_reject)
        .nan_to_num(kNever, kNever)
        .ceil()
        .clamp(1, kNever)
        .to(torch::kInt32);
  }

  Tensor log_reject_, precision_;
  const StoppingRule& rule_;
  const SimulationOptions& options_;
  Tensor next_;    ///< draw of the next acceptance
  Tensor latest_;  ///< trajectories that accepted at the draw before
};

}  // namespace

SimulationResult simulate(const Posterior& posterior, const StoppingRule& rule,
                          const SimulationOptions& options) {
  if (posterior.draws == 0) throw Error("without posterior draws there is nothing to simulate");
  const torch::Device device(options.device);
  const auto problems = static_cast<std::int64_t>(posterior.problems());
  const auto matrix = [&](const std::vector<double>& v) {
    return torch::tensor(v, torch::kFloat64)
        .view({static_cast<std::int64_t>(posterior.draws), problems})
        .t()
        .contiguous()
        .to(device);
  };
  const Tensor log_reject = matrix(posterior.log_reject), precision = matrix(posterior.precision);
  return in_pieces(posterior.problems(), rule, options, [&](std::int64_t done, std::int64_t now) {
    torch::manual_seed(options.seed * 1000003 + static_cast<std::uint64_t>(done));
    // Trajectory r lives under posterior draw r (modulo their number).
    const Tensor which = torch::arange(done, done + now, torch::kInt64)
                             .remainder(static_cast<std::int64_t>(posterior.draws))
                             .to(device);
    return Source(PosteriorSource(log_reject.index_select(1, which).flatten(),
                                  precision.index_select(1, which).flatten(), rule, options));
  });
}

SimulationResult simulate(const std::vector<Urn>& urns, const StoppingRule& rule,
                          const SimulationOptions& options) {
  const auto problems = static_cast<std::int64_t>(urns.size());
  std::int64_t largest = 0;
  for (const Urn& urn : urns) {
    if (static_cast<int>(urn.samples.size()) < options.k_max)
      throw Error(fmt::format("{} has {} samples; drawing {} needs a fitted model", urn.task_id,
                              urn.samples.size(), options.k_max));
    largest = std::max(largest, static_cast<std::int64_t>(urn.samples.size()));
  }
  const torch::Device device(options.device);
  Tensor cells = torch::zeros({4, problems, largest}, torch::kFloat64);
  Tensor absent = torch::zeros({problems, 1, largest}, torch::kFloat64);
  for (std::int64_t i = 0; i < problems; ++i) {
    const auto& samples = urns[static_cast<std::size_t>(i)].samples;
    for (std::int64_t s = 0; s < largest; ++s) {
      if (s >= static_cast<std::int64_t>(samples.size())) {
        absent[i][0][s] = 2;  // sorts behind every sample: never drawn
        continue;
      }
      const Verdict& v = samples[static_cast<std::size_t>(s)];
      double* at = cells.data_ptr<double>() + i * largest + s;
      at[0] = v.accepted, at[problems * largest] = v.correct;
      at[2 * problems * largest] = v.passed, at[3 * problems * largest] = v.behaviour;
    }
  }
  cells = cells.to(device), absent = absent.to(device);
  return in_pieces(urns.size(), rule, options, [&](std::int64_t done, std::int64_t now) {
    torch::manual_seed(options.seed * 1000003 + static_cast<std::uint64_t>(done));
    const Tensor order =
        (torch::rand({problems, now, largest}, torch::dtype(torch::kFloat64).device(device)) +
         absent)
            .argsort(static_cast<std::int64_t>(2), false)
            .slice(2, 0, std::max(options.k_max, 1));
    return Source([order, &cells, &rule](int k, const std::vector<std::uint8_t>&) {
      const Tensor at = order.select(2, k);
      const auto part = [&](int which, torch::ScalarType type) {
        return on_cpu(cells[which].gather(1, at), type);
      };
      Draw out{part(0, torch::kUInt8), part(1, torch::kUInt8), {}, {}};
      if (rule.looks_at_passed()) out.passed = part(2, torch::kFloat32);
      if (rule.looks_at_behaviour()) out.behaviour = part(3, torch::kInt32);
      return out;
    });
  });
}

}  // namespace assay::simulator
