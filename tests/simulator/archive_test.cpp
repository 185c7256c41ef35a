// A fit used to be kept as a TorchScript archive: `limits` and `report` opened DB.fit.pt merely
// because it lay beside the database, and opening one runs the code in it, so a results folder from
// a stranger could write any file of the user's. Now a fit is numbers, and every one is checked.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "harness/base/error.h"
#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/simulator/fit.h"
#include "tests/support/sanitized.h"

using namespace assay;
using namespace assay::simulator;

static std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / fmt::format("assay-{}-{}", getpid(), name))
      .string();
}

static void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

static stats::ModelCounts counts(const std::string& model) {
  return {"d",
          model,
          "base",
          "base,plus",
          {"t1", "t2", "t3"},
          {{5, 1, 0, 4}, {0, 0, 0, 10}, {2, 2, 0, 6}}};
}
static const std::vector<stats::ModelCounts> kModels{counts("a"), counts("b")};

/// A fit of one dataset with every part filled in.
static Fit sample(Method chosen) {
  Fit fit;
  fit.seed = UINT64_MAX, fit.draws = 20, fit.device = "cpu";
  DatasetFit& d = fit.datasets.emplace_back();
  d.dataset = "d", d.models = {"a", "b"}, d.chosen = chosen;
  for (int i = 0; i < 2; ++i) {
    MixtureFit m;
    m.best = {0.1, {{0.5, 2, 3, 4, 5}, {0.4, 0.1, 8, 1, 2}}};
    m.draws.assign(20, m.best);
    m.free = {1, 2}, m.kind = {2, false, true}, m.log_posterior = -7.25, m.candidates = {{m.kind}};
    d.mixtures.push_back(m);
    ModuleCurves curves{"module.pt", 2, {}, {}};
    for (int p = 0; p < 3; ++p)
      for (const double accepted : {0.0, 0.5, 0.75})
        curves.accepted.push_back(accepted), curves.tp.push_back(accepted / 2);
    d.modules.push_back(curves);
  }
  HierarchicalFit h;
  h.best = {{{0, 1, 5, 6}, {1, 2, 5, 6}}, 2, 1.5, 0.25};
  h.draws.assign(20, h.best), h.notes = {"a note"};
  d.hierarchical.push_back(h);
  d.comparison = {{"mixture", -1.5, 0.1, 6}, {"hierarchical", -1.25, 0.2, 6}};
  fit.fingerprint = fingerprint(kModels);
  return fit;
}

/// Everything that later commands make of a fit.
static std::vector<std::optional<FittedLimits>> used(const Fit& fit) {
  const stats::LimitsResult limits =
      stats::limits(kModels, {.lambdas = {0, 4}, .bootstrap = {.replicates = 100}});
  auto fitted = fitted_rows(posteriors(fit, kModels), limits.rows, 50, 0.95, 1);
  for (std::size_t i = 0; i < fit.datasets[0].modules.size(); ++i)
    if (fit.datasets[0].chosen == Method::module)
      fitted[i] = module_limits(fit.datasets[0].modules[i], kModels[i],
                                {.costs = {{1, 0.01}}, .k_max = 9}, {.replicates = 100});
  return fitted;
}

TEST_CASE("a fit comes back to the last bit, whichever method was chosen") {
  const std::string path = scratch("fit.safetensors");
  for (const Method method : {Method::mixture, Method::hierarchical, Method::module}) {
    const Fit made = sample(method);
    save(made, path);
    const Fit read = load(path, kModels);
    CHECK(read.seed == made.seed);
    CHECK(read.datasets[0].comparison[1].held_out == -1.25);
    CHECK(read.datasets[0].hierarchical[0].notes == std::vector<std::string>{"a note"});
    const auto a = used(made), b = used(read);
    REQUIRE(b[1]);
    CHECK(a[1]->mean.tp == b[1]->mean.tp);
    CHECK(a[1]->tp.hi == b[1]->tp.hi);
  }
  std::filesystem::remove(path);
}

TEST_CASE("every byte of a stored fit changed: one sentence, or the same numbers") {
  const std::string path = scratch("flipped.safetensors");
  save(sample(Method::hierarchical), path);
  const std::string bytes = read_file_bytes(path);
  int same = 0;
  for (std::size_t i = 0; i < bytes.size(); i += tests::kSanitized ? 13 : 1) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ (1 << (i % 8)));
    write(path, other);
    try {
      const Fit read = load(path, kModels);
      save(read, path);
      CHECK(read_file_bytes(path) == bytes);
      ++same;
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("`assay fit`") != std::string::npos);
    }
  }
  CHECK(same < 100);  // white space in the header
  std::filesystem::remove(path);
}

TEST_CASE("a stranger's fit with a right checksum and wild numbers is refused, never used") {
  const std::string path = scratch("wild.safetensors");
  save(sample(Method::mixture), path);
  const Tensors good = decode_tensors(read_file_bytes(path));
  const double wild[] = {NAN, INFINITY, -1, 0, 1e300, 1e10, 0.5};
  int refused = 0, taken = 0;
  for (const auto& [name, tensor] : good.tensors)
    for (std::size_t i = 0; i < tensor.bytes.size() / 8 && tensor.dtype != "U8" && i < 16; ++i)
      for (const double value : wild) {
        Tensors bad = good;
        if (tensor.dtype == "F64") {
          std::vector<double> numbers = tensor.doubles();
          numbers[i] = value;
          bad.tensors[name] = Tensor::of(numbers);
        } else {
          std::vector<std::int64_t> numbers = tensor.integers();
          numbers[i] = std::abs(value) < 1e15 ? static_cast<std::int64_t>(value) : INT64_MAX;
          bad.tensors[name] = Tensor::of(numbers);
        }
        write(path, encode_tensors(bad));
        try {
          for (const auto& row : used(load(path, kModels)))
            for (const double tp : row ? row->mean.tp : std::vector<double>{})
              CHECK((tp >= 0 && tp <= 1));
          ++taken;
        } catch (const Error&) {
          ++refused;
        }
      }
  CHECK(refused > 200);
  CHECK(taken > 20);
  for (const auto& [name, tensor] : good.tensors) {  // what is absent, and what is another type
    Tensors bad = good;
    bad.tensors.erase(name);
    write(path, encode_tensors(bad));
    CHECK_THROWS_AS(load(path, kModels), Error);
    bad.tensors[name] = tensor.dtype == "U8" ? Tensor::of(std::vector<double>{1})
                                             : Tensor::of(std::string_view("text"));
    write(path, encode_tensors(bad));
    CHECK_THROWS_AS(load(path, kModels), Error);
  }
  std::filesystem::remove(path);
}

TEST_CASE("a fit of models that are not there is refused, though its fingerprint says so") {
  // The fingerprint covers only the fitted models that exist: a fit naming one more passed it, and
  // the table of the hierarchical model then had a hole that ended the program.
  const std::string path = scratch("more.safetensors");
  Fit fit = sample(Method::hierarchical);
  fit.fingerprint = fingerprint({kModels[0]});
  save(fit, path);
  CHECK_THROWS_AS(load(path, {kModels[0]}), Error);
  fit = sample(Method::hierarchical);
  fit.datasets[0].models[1] = "a";
  save(fit, path);
  CHECK_THROWS_AS(load(path, kModels), Error);
  fit = sample(Method::module);  // rows for another number of problems
  for (auto* part : {&fit.datasets[0].modules[0].tp, &fit.datasets[0].modules[0].accepted})
    part->resize(6);
  save(fit, path);
  CHECK_THROWS_AS(load(path, kModels), Error);
  std::filesystem::remove(path);
}

TEST_CASE("what is no file, or no fit, is one sentence") {
  CHECK_THROWS_AS(load(scratch("absent"), kModels), Error);
  CHECK_THROWS_AS(load("/dev/zero", kModels), Error);
  CHECK_THROWS_AS(load("/tmp", kModels), Error);
  const std::string path = scratch("archive.pt");
  write(path, "PK\x03\x04 a TorchScript archive");
  CHECK_THROWS_WITH_AS(
      load(path, kModels),
      (path + " is not a fit that this assay can read; run `assay fit` again").c_str(), Error);
  std::filesystem::remove(path);
}

TEST_CASE("a module's curves as limits: means, draws and the best K by hand") {
  const ModuleCurves curves = sample(Method::module).datasets[0].modules[0];
  const FittedLimits f = module_limits(
      curves, kModels[0], {.costs = {{0, 0.1}, {2, 0}}, .k_max = 9}, {.replicates = 100});
  CHECK(f.k == std::vector<int>{0, 1, 2});  // it was asked no further
  CHECK(f.mean.accepted == std::vector<double>{0, 0.5, 0.75});
  CHECK(f.mean.draws == std::vector<double>{0, 1, 1.5});
  CHECK(f.utility[0].k_opt == 2);
  CHECK(f.utility[0].utility_opt == doctest::Approx(0.375 - 0.15));
  CHECK(f.utility[1].k_opt == 0);
}
