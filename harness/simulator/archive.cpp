// The fit's libtorch archive: every number as a tensor, every text as one too, by name.
#include <fmt/format.h>
#include <torch/torch.h>

#include <sstream>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/simulator/fit.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

constexpr std::int64_t kFormat = 2;

class Writer {
 public:
  void number(const std::string& key, std::int64_t value) {
    archive.write(key, torch::tensor(value, torch::kInt64));
  }
  void numbers(const std::string& key, const std::vector<double>& values) {
    archive.write(key, torch::tensor(values, torch::kFloat64));
  }
  void text(const std::string& key, const std::string& value) {
    archive.write(
        key, torch::tensor(std::vector<std::int64_t>(value.begin(), value.end()), torch::kInt64));
  }
  torch::serialize::OutputArchive archive;
};

class Reader {
 public:
  std::int64_t number(const std::string& key) { return tensor(key).item<std::int64_t>(); }
  std::vector<double> numbers(const std::string& key) {
    const Tensor t = tensor(key).contiguous();
    return {t.data_ptr<double>(), t.data_ptr<double>() + t.numel()};
  }
  std::string text(const std::string& key) {
    const Tensor t = tensor(key).contiguous();
    return {t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel()};
  }
  torch::serialize::InputArchive archive;

 private:
  Tensor tensor(const std::string& key) {
    Tensor out;
    archive.read(key, out);
    return out;
  }
};

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

std::vector<MixtureParameters> mixtures(const std::vector<double>& flat) {
  std::vector<MixtureParameters> out;
  for (std::size_t at = 0; at < flat.size();) {
    MixtureParameters& d = out.emplace_back();
    const double components = flat.at(at++);
    d.atom = flat.at(at++);
    for (double c = 0; c < components; ++c, at += 5)
      d.components.push_back(
          {flat.at(at), flat.at(at + 1), flat.at(at + 2), flat.at(at + 3), flat.at(at + 4)});
  }
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

std::vector<HierarchicalParameters> hierarchicals(const std::vector<double>& flat,
                                                  std::size_t models) {
  std::vector<HierarchicalParameters> out;
  for (std::size_t at = 0; at + 3 + 4 * models <= flat.size();) {
    HierarchicalParameters& d = out.emplace_back();
    d.sigma_difficulty = flat[at], d.sigma_weakness = flat[at + 1], d.rho = flat[at + 2];
    at += 3;
    for (std::size_t m = 0; m < models; ++m, at += 4)
      d.models.push_back({flat[at], flat[at + 1], flat[at + 2], flat[at + 3]});
  }
  return out;
}

std::vector<double> numbers_of(const MixtureKind& kind) {
  return {double(kind.components), double(kind.tied), double(kind.atom)};
}
MixtureKind kind_of(const std::vector<double>& numbers) {
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

MixtureFit read_mixture(Reader& in, const std::string& key) {
  MixtureFit fit;
  fit.kind = kind_of(in.numbers(key + "kind"));
  fit.evaluations = static_cast<int>(in.number(key + "evaluations"));
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

HierarchicalFit read_hierarchical(Reader& in, const std::string& key, const DatasetFit& dataset) {
  HierarchicalFit fit;
  fit.dataset = dataset.dataset, fit.models = dataset.models;
  fit.best = hierarchicals(in.numbers(key + "best"), fit.models.size()).at(0);
  fit.draws = hierarchicals(in.numbers(key + "draws"), fit.models.size());
  fit.free = in.numbers(key + "free");
  const std::vector<double> numbers = in.numbers(key + "fit");
  fit.log_posterior = numbers.at(0), fit.gradient_norm = numbers.at(1);
  fit.evaluations = static_cast<int>(in.number(key + "evaluations"));
  for (std::int64_t i = 0; i < in.number(key + "notes"); ++i)
    fit.notes.push_back(in.text(fmt::format("{}note {}", key, i)));
  return fit;
}

void write_dataset(Writer& out, const std::string& key, const DatasetFit& d) {
  out.text(key + "name", d.dataset);
  out.number(key + "chosen", static_cast<std::int64_t>(d.chosen));
  out.number(key + "models", static_cast<std::int64_t>(d.models.size()));
  out.number(key + "mixtures", static_cast<std::int64_t>(d.mixtures.size()));
  out.number(key + "hierarchical", static_cast<std::int64_t>(d.hierarchical.size()));
  for (std::size_t i = 0; i < d.models.size(); ++i)
    out.text(fmt::format("{}model {}", key, i), d.models[i]);
  for (std::size_t i = 0; i < d.mixtures.size(); ++i)
    write_mixture(out, fmt::format("{}mixture {} ", key, i), d.mixtures[i]);
  if (!d.hierarchical.empty())
    write_hierarchical(out, key + "hierarchical ", d.hierarchical.front());
  out.number(key + "comparisons", static_cast<std::int64_t>(d.comparison.size()));
  for (std::size_t i = 0; i < d.comparison.size(); ++i) {
    const Comparison& c = d.comparison[i];
    out.text(fmt::format("{}method {}", key, i), c.method);
    out.numbers(fmt::format("{}score {}", key, i), {c.held_out, c.error, double(c.cells)});
  }
}

DatasetFit read_dataset(Reader& in, const std::string& key) {
  DatasetFit d;
  d.dataset = in.text(key + "name");
  d.chosen = static_cast<Method>(in.number(key + "chosen"));
  for (std::int64_t i = 0; i < in.number(key + "models"); ++i)
    d.models.push_back(in.text(fmt::format("{}model {}", key, i)));
  for (std::int64_t i = 0; i < in.number(key + "mixtures"); ++i)
    d.mixtures.push_back(read_mixture(in, fmt::format("{}mixture {} ", key, i)));
  if (in.number(key + "hierarchical") > 0)
    d.hierarchical.push_back(read_hierarchical(in, key + "hierarchical ", d));
  for (std::int64_t i = 0; i < in.number(key + "comparisons"); ++i) {
    const std::vector<double> score = in.numbers(fmt::format("{}score {}", key, i));
    d.comparison.push_back({in.text(fmt::format("{}method {}", key, i)), score.at(0), score.at(1),
                            static_cast<std::int64_t>(score.at(2))});
  }
  return d;
}

}  // namespace

void save(const Fit& fit, const std::string& path) {
  Writer out;
  out.number("format", kFormat);
  out.text("seed", std::to_string(fit.seed));
  out.number("draws", fit.draws);
  out.text("fingerprint", fit.fingerprint);
  out.text("device", fit.device);
  out.number("datasets", static_cast<std::int64_t>(fit.datasets.size()));
  for (std::size_t i = 0; i < fit.datasets.size(); ++i)
    write_dataset(out, fmt::format("dataset {} ", i), fit.datasets[i]);
  std::ostringstream bytes;
  out.archive.save_to(bytes);
  write_whole_file(path, bytes.view());
}

Fit load(const std::string& path, const std::vector<stats::ModelCounts>& models) {
  Fit fit;
  Reader in;
  try {
    in.archive.load_from(path);
    if (in.number("format") != kFormat) throw Error("");
    fit.seed = std::stoull(in.text("seed"));
    fit.draws = static_cast<int>(in.number("draws"));
    fit.fingerprint = in.text("fingerprint");
    fit.device = in.text("device");
    for (std::int64_t i = 0; i < in.number("datasets"); ++i)
      fit.datasets.push_back(read_dataset(in, fmt::format("dataset {} ", i)));
  } catch (const std::exception&) {
    throw Error(
        fmt::format("{} is not a fit that this assay can read; run `assay fit` again", path));
  }
  if (fit.fingerprint != fingerprint(fitted_models(fit, models)))
    throw Error(
        fmt::format("{} was fitted to other counts than these; run `assay fit` again with "
                    "the same --dataset, --model, --proxy and --gold",
                    path));
  return fit;
}

}  // namespace assay::simulator
