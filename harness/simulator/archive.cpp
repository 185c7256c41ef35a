// The file that keeps a fit: tensors and numbers in the safetensors layout, by name. Earlier forms
// were TorchScript archives, which may carry code that runs as soon as they are opened; this one is
// data only, and everything it says is checked before it is used.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "harness/base/error.h"
#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"
#include "harness/simulator/fit.h"
#include "harness/stats/limits_bands.h"

namespace assay::simulator {
namespace {

constexpr char kForm[] = "assay fit 3";
constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{1} << 30;  // all is read into memory
// Wider than any fit of ours gets, narrow enough that nothing computed from it overflows.
constexpr double kShapeMin = 1e-30, kShapeMax = 1e9, kLogitMaxStored = 30, kSigmaMax = 20;
constexpr std::size_t kDrawsStoredMax = 100000;
constexpr int kComponentsStoredMax = 64;

class Writer {
 public:
  void number(const std::string& key, std::int64_t value) {
    all.tensors[key] = Tensor::of(std::span<const std::int64_t>(&value, 1));
  }
  void numbers(const std::string& key, const std::vector<double>& values) {
    all.tensors[key] = Tensor::of(values);
  }
  void text(const std::string& key, const std::string& value) {
    all.tensors[key] = Tensor::of(std::string_view(value));
  }
  Tensors all;
};

/// What it is asked for and does not hold is an exception; load() makes one sentence of them all.
class Reader {
 public:
  explicit Reader(Tensors tensors) : all_(std::move(tensors)) {}
  std::int64_t number(const std::string& key) const {
    return all_.tensors.at(key).integers().at(0);
  }
  std::int64_t number(const std::string& key, std::int64_t lo, std::int64_t hi) const {
    const std::int64_t value = number(key);
    require(value >= lo && value <= hi);
    return value;
  }
  std::vector<double> numbers(const std::string& key) const {
    return all_.tensors.at(key).doubles();
  }
  std::string text(const std::string& key) const { return all_.tensors.at(key).text(); }
  static void require(bool condition) {
    if (!condition) throw Error("has numbers that no fit gives");
  }

 private:
  Tensors all_;
};

bool within(double value, double lo, double hi) { return value >= lo && value <= hi; }

/// Draws of a mixture, flat: how many components, atom, then five numbers a component.
std::vector<double> flat(const std::vector<MixtureParameters>& draws) {
  std::vector<double> out;
  for (const MixtureParameters& d : draws) {
    out.push_back(static_cast<double>(d.components.size()));
    out.push_back(d.atom);
    for (const MixtureComponent& c : d.components)
      out.insert(out.end(), {c.weight, c.alpha, c.beta, c.gamma, c.delta});
  }
  return out;
}

void check(const MixtureComponent& c) {
  Reader::require(within(c.weight, 0, 1));
  for (const double shape : {c.alpha, c.beta, c.gamma, c.delta})
    Reader::require(within(shape, kShapeMin, kShapeMax));
}

std::vector<MixtureParameters> mixtures(const std::vector<double>& flat) {
  std::vector<MixtureParameters> out;
  for (std::size_t at = 0; at < flat.size();) {
    MixtureParameters& d = out.emplace_back();
    const double components = flat.at(at++);
    Reader::require(within(components, 1, kComponentsStoredMax));
    d.atom = flat.at(at++);
    Reader::require(within(d.atom, 0, 1));
    for (double c = 0; c < components; ++c, at += 5) {
      d.components.push_back(
          {flat.at(at), flat.at(at + 1), flat.at(at + 2), flat.at(at + 3), flat.at(at + 4)});
      check(d.components.back());
    }
  }
  Reader::require(out.size() <= kDrawsStoredMax);
  return out;
}

/// Draws of the hierarchical model, flat: three shared numbers, then four a model.
std::vector<double> flat(const std::vector<HierarchicalParameters>& draws) {
  std::vector<double> out;
  for (const HierarchicalParameters& d : draws) {
    out.insert(out.end(), {d.sigma_difficulty, d.sigma_weakness, d.rho});
    for (const ModelEffects& m : d.models)
      out.insert(out.end(), {m.ability, m.precision, m.phi, m.psi});
  }
  return out;
}

void check(const ModelEffects& m) {
  Reader::require(within(m.ability, -kLogitMaxStored, kLogitMaxStored) &&
                  within(m.precision, -kLogitMaxStored, kLogitMaxStored) &&
                  within(m.phi, kShapeMin, kShapeMax) && within(m.psi, kShapeMin, kShapeMax));
}

std::vector<HierarchicalParameters> hierarchicals(const std::vector<double>& flat,
                                                  std::size_t models) {
  std::vector<HierarchicalParameters> out;
  Reader::require(flat.size() % (3 + 4 * models) == 0);
  for (std::size_t at = 0; at < flat.size();) {
    HierarchicalParameters& d = out.emplace_back();
    d.sigma_difficulty = flat[at], d.sigma_weakness = flat[at + 1], d.rho = flat[at + 2];
    Reader::require(within(d.sigma_difficulty, 0, kSigmaMax) &&
                    within(d.sigma_weakness, 0, kSigmaMax) && within(d.rho, -kRhoMax, kRhoMax));
    at += 3;
    for (std::size_t m = 0; m < models; ++m, at += 4) {
      d.models.push_back({flat[at], flat[at + 1], flat[at + 2], flat[at + 3]});
      check(d.models.back());
    }
  }
  Reader::require(out.size() <= kDrawsStoredMax);
  return out;
}

std::vector<double> numbers_of(const MixtureKind& kind) {
  return {double(kind.components), double(kind.tied), double(kind.atom)};
}
MixtureKind kind_of(const std::vector<double>& numbers) {
  Reader::require(within(numbers.at(0), 1, kComponentsStoredMax));
  return {static_cast<int>(numbers.at(0)), numbers.at(1) != 0, numbers.at(2) != 0};
}

void write_mixture(Writer& out, const std::string& key, const MixtureFit& fit) {
  out.numbers(key + "kind", numbers_of(fit.kind));
  out.number(key + "evaluations", fit.evaluations);
  out.numbers(key + "best", flat(std::vector{fit.best}));
  out.numbers(key + "draws", flat(fit.draws));
  out.numbers(key + "free", fit.free);
  out.numbers(key + "fit", {fit.log_posterior, fit.gradient_norm});
  std::vector<double> candidates;
  for (const MixtureCandidate& c : fit.candidates) {
    for (double number : numbers_of(c.kind)) candidates.push_back(number);
    candidates.insert(candidates.end(), {c.held_out, c.held_out_error, c.weight});
  }
  out.numbers(key + "candidates", candidates);
}

MixtureFit read_mixture(const Reader& in, const std::string& key) {
  MixtureFit fit;
  fit.kind = kind_of(in.numbers(key + "kind"));
  fit.evaluations = static_cast<int>(in.number(key + "evaluations", 0, INT32_MAX));
  fit.best = mixtures(in.numbers(key + "best")).at(0);
  fit.draws = mixtures(in.numbers(key + "draws"));
  fit.free = in.numbers(key + "free");
  const std::vector<double> numbers = in.numbers(key + "fit");
  fit.log_posterior = numbers.at(0), fit.gradient_norm = numbers.at(1);
  const std::vector<double> c = in.numbers(key + "candidates");
  for (std::size_t i = 0; i + 6 <= c.size(); i += 6)
    fit.candidates.push_back({kind_of({c[i], c[i + 1], c[i + 2]}), c[i + 3], c[i + 4], c[i + 5]});
  return fit;
}

void write_hierarchical(Writer& out, const std::string& key, const HierarchicalFit& fit) {
  out.numbers(key + "best", flat(std::vector{fit.best}));
  out.numbers(key + "draws", flat(fit.draws));
  out.numbers(key + "free", fit.free);
  out.numbers(key + "fit", {fit.log_posterior, fit.gradient_norm});
  out.number(key + "evaluations", fit.evaluations);
  out.number(key + "notes", static_cast<std::int64_t>(fit.notes.size()));
  for (std::size_t i = 0; i < fit.notes.size(); ++i)
    out.text(fmt::format("{}note {}", key, i), fit.notes[i]);
}

HierarchicalFit read_hierarchical(const Reader& in, const std::string& key,
                                  const DatasetFit& dataset) {
  HierarchicalFit fit;
  fit.dataset = dataset.dataset, fit.models = dataset.models;
  fit.best = hierarchicals(in.numbers(key + "best"), fit.models.size()).at(0);
  fit.draws = hierarchicals(in.numbers(key + "draws"), fit.models.size());
  fit.free = in.numbers(key + "free");
  const std::vector<double> numbers = in.numbers(key + "fit");
  fit.log_posterior = numbers.at(0), fit.gradient_norm = numbers.at(1);
  fit.evaluations = static_cast<int>(in.number(key + "evaluations", 0, INT32_MAX));
  for (std::int64_t i = 0; i < in.number(key + "notes"); ++i)
    fit.notes.push_back(in.text(fmt::format("{}note {}", key, i)));
  return fit;
}

void write_module(Writer& out, const std::string& key, const ModuleCurves& curves) {
  out.text(key + "name", curves.name);
  out.number(key + "k_max", curves.k_max);
  out.numbers(key + "accepted", curves.accepted);
  out.numbers(key + "tp", curves.tp);
}

ModuleCurves read_module(const Reader& in, const std::string& key) {
  ModuleCurves curves;
  curves.name = in.text(key + "name");
  curves.k_max = static_cast<int>(in.number(key + "k_max", 1, stats::kDrawsMax));
  curves.accepted = in.numbers(key + "accepted");
  curves.tp = in.numbers(key + "tp");
  const auto columns = static_cast<std::size_t>(curves.k_max) + 1;
  Reader::require(!curves.tp.empty() && curves.tp.size() == curves.accepted.size() &&
                  curves.tp.size() % columns == 0);
  for (std::size_t i = 0; i < curves.tp.size(); ++i)
    Reader::require(within(curves.accepted[i], 0, 1) &&
                    within(curves.tp[i], 0, curves.accepted[i]));
  return curves;
}

void write_dataset(Writer& out, const std::string& key, const DatasetFit& d) {
  out.text(key + "name", d.dataset);
  out.number(key + "chosen", static_cast<std::int64_t>(d.chosen));
  out.number(key + "models", static_cast<std::int64_t>(d.models.size()));
  out.number(key + "mixtures", static_cast<std::int64_t>(d.mixtures.size()));
  out.number(key + "hierarchical", static_cast<std::int64_t>(d.hierarchical.size()));
  out.number(key + "modules", static_cast<std::int64_t>(d.modules.size()));
  for (std::size_t i = 0; i < d.models.size(); ++i)
    out.text(fmt::format("{}model {}", key, i), d.models[i]);
  for (std::size_t i = 0; i < d.mixtures.size(); ++i)
    write_mixture(out, fmt::format("{}mixture {} ", key, i), d.mixtures[i]);
  if (!d.hierarchical.empty())
    write_hierarchical(out, key + "hierarchical ", d.hierarchical.front());
  for (std::size_t i = 0; i < d.modules.size(); ++i)
    write_module(out, fmt::format("{}module {} ", key, i), d.modules[i]);
  out.number(key + "comparisons", static_cast<std::int64_t>(d.comparison.size()));
  for (std::size_t i = 0; i < d.comparison.size(); ++i) {
    const Comparison& c = d.comparison[i];
    out.text(fmt::format("{}method {}", key, i), c.method);
    out.numbers(fmt::format("{}score {}", key, i), {c.held_out, c.error, double(c.cells)});
  }
}

/// The chosen method has what it needs, for every model once.
void check(const DatasetFit& d) {
  Reader::require(!d.models.empty() &&
                  std::set(d.models.begin(), d.models.end()).size() == d.models.size());
  Reader::require(d.mixtures.empty() || d.mixtures.size() == d.models.size());
  Reader::require(d.modules.empty() || d.modules.size() == d.models.size());
  Reader::require(d.chosen == Method::mixture        ? !d.mixtures.empty()
                  : d.chosen == Method::hierarchical ? !d.hierarchical.empty()
                                                     : !d.modules.empty());
}

DatasetFit read_dataset(const Reader& in, const std::string& key) {
  DatasetFit d;
  d.dataset = in.text(key + "name");
  d.chosen =
      static_cast<Method>(in.number(key + "chosen", static_cast<std::int64_t>(Method::mixture),
                                    static_cast<std::int64_t>(Method::module)));
  for (std::int64_t i = 0; i < in.number(key + "models"); ++i)
    d.models.push_back(in.text(fmt::format("{}model {}", key, i)));
  for (std::int64_t i = 0; i < in.number(key + "mixtures"); ++i)
    d.mixtures.push_back(read_mixture(in, fmt::format("{}mixture {} ", key, i)));
  if (in.number(key + "hierarchical") > 0)
    d.hierarchical.push_back(read_hierarchical(in, key + "hierarchical ", d));
  for (std::int64_t i = 0; i < in.number(key + "modules"); ++i)
    d.modules.push_back(read_module(in, fmt::format("{}module {} ", key, i)));
  for (std::int64_t i = 0; i < in.number(key + "comparisons"); ++i) {
    const std::vector<double> score = in.numbers(fmt::format("{}score {}", key, i));
    Reader::require(within(score.at(2), 0, 1e15));
    d.comparison.push_back({in.text(fmt::format("{}method {}", key, i)), score.at(0), score.at(1),
                            static_cast<std::int64_t>(score.at(2))});
  }
  check(d);
  return d;
}

Fit read_fit(const Reader& in) {
  Fit fit;
  fit.seed = static_cast<std::uint64_t>(in.number("seed"));
  fit.draws = static_cast<int>(in.number("draws", 0, kDrawsStoredMax));
  fit.fingerprint = in.text("fingerprint");
  fit.device = in.text("device");
  for (std::int64_t i = 0; i < in.number("datasets"); ++i)
    fit.datasets.push_back(read_dataset(in, fmt::format("dataset {} ", i)));
  return fit;
}

std::string read_bounded(const std::string& path) {
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble)) throw Error("is no file");
  if (std::filesystem::file_size(path, trouble) > kFileBytesMax || trouble)
    throw Error("is larger than any fit");
  return read_file_bytes(path);
}

/// Every model of the fit is there, and every module's curves have a row for each of its problems.
bool fits(const Fit& fit, const std::vector<stats::ModelCounts>& models) {
  for (const DatasetFit& d : fit.datasets)
    for (std::size_t i = 0; i < d.models.size(); ++i) {
      const auto at = std::find_if(models.begin(), models.end(), [&](const auto& m) {
        return m.dataset == d.dataset && m.model == d.models[i];
      });
      if (at == models.end()) return false;
      if (!d.modules.empty() && d.modules[i].problems() != at->problems.size()) return false;
    }
  return fit.fingerprint == fingerprint(fitted_models(fit, models));
}

}  // namespace

void save(const Fit& fit, const std::string& path) {
  Writer out;
  out.all.metadata["form"] = kForm;
  out.number("seed", static_cast<std::int64_t>(fit.seed));
  out.number("draws", fit.draws);
  out.text("fingerprint", fit.fingerprint);
  out.text("device", fit.device);
  out.number("datasets", static_cast<std::int64_t>(fit.datasets.size()));
  for (std::size_t i = 0; i < fit.datasets.size(); ++i)
    write_dataset(out, fmt::format("dataset {} ", i), fit.datasets[i]);
  write_whole_file(path, encode_tensors(out.all));
}

Fit load(const std::string& path, const std::vector<stats::ModelCounts>& models) {
  Fit fit;
  try {
    Tensors tensors = decode_tensors(read_bounded(path));
    Reader::require(tensors.metadata["form"] == kForm);
    fit = read_fit(Reader(std::move(tensors)));
  } catch (const std::exception&) {
    throw Error(
        fmt::format("{} is not a fit that this assay can read; run `assay fit` again", path));
  }
  if (!fits(fit, models))
    throw Error(
        fmt::format("{} was fitted to other counts than these; run `assay fit` again with "
                    "the same --dataset, --model, --proxy and --gold",
                    path));
  return fit;
}

}  // namespace assay::simulator
