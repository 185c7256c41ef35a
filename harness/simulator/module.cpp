// Running a TorchScript module in place of our fit; the signature is in torch_room.h.
#include <fmt/format.h>
#include <torch/script.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/base/torch_library.h"
#include "harness/simulator/device.h"
#include "harness/simulator/libtorch_room.h"
#include "harness/stats/limits_bands.h"

namespace assay::simulator {
namespace {

using torch::Tensor;

torch::jit::Module open(const std::string& path, const torch::Device& device) {
  try {
    torch::jit::Module module = torch::jit::load(path, device);
    module.eval();
    return module;
  } catch (const c10::Error&) {
    throw Error(fmt::format(
        "{} is not a TorchScript module; save one with torch.jit.script(...).save", path));
  }
}

/// Checked against the documented signature: shapes, finite, probabilities, tp + fp = accepted.
void check_output(const std::string& path, const Tensor& t, const char* name, std::int64_t rows,
                  std::int64_t columns) {
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("{}: the module's `{}` {}", path, name, why));
  };
  if (t.dim() != 2 || t.size(0) != rows || t.size(1) != columns)
    refuse(fmt::format("must have the shape [{}, {}]", rows, columns));
  if (!torch::isfinite(t).all().item<bool>()) refuse("is not finite");
  constexpr double kRounding = 1e-6;  // modules may compute in single precision
  if (t.min().item<double>() < -kRounding || t.max().item<double>() > 1 + kRounding)
    refuse("is not a probability");
}

struct Output {
  Tensor accepted, tp;  // [problems][K], contiguous doubles on the CPU
};

Output run(const std::string& path, const Tensor& counts, const Tensor& k,
           const torch::Device& device) {
  torch::jit::Module module = open(path, device);
  torch::NoGradGuard guard;
  torch::jit::IValue value;
  try {
    value = module.forward({counts.to(device), k.to(device)});
  } catch (const std::exception& e) {
    throw Error(fmt::format(
        "{}: the module failed on counts [P,4] and k [k] on the {}: {}{}", path,
        device.is_cpu() ? "CPU" : "GPU", torch_reason(e.what()),
        device.is_cpu() ? "" : "; if it makes tensors of its own on the CPU, use --device cpu"));
  }
  if (!value.isTuple() || value.toTuple()->elements().size() != 3)
    throw Error(fmt::format("{}: the module must return the tuple (accepted, tp, fp)", path));
  Tensor parts[3];
  const char* names[3] = {"accepted", "tp", "fp"};
  for (std::size_t i = 0; i < 3; ++i) {
    const torch::jit::IValue& part = value.toTuple()->elements()[i];
    if (!part.isTensor()) throw Error(fmt::format("{}: `{}` is not a tensor", path, names[i]));
    parts[i] = part.toTensor().to(torch::kCPU, torch::kFloat64).contiguous();
    check_output(path, parts[i], names[i], counts.size(0), k.size(0));
  }
  if ((parts[1] + parts[2] - parts[0]).abs().max().item<double>() > 1e-5)
    throw Error(fmt::format("{}: the module's tp and fp do not add up to accepted", path));
  return {parts[0], parts[1]};
}

/// As plain numbers; single precision may stray from the interval by its rounding.
std::vector<double> plain(const Tensor& t, const Tensor& top) {
  const Tensor inside = torch::minimum(t.clamp(0, 1), top).contiguous();
  return {inside.data_ptr<double>(), inside.data_ptr<double>() + inside.numel()};
}

}  // namespace

ModuleCurves LibtorchRoom::run_module(const std::string& path, const stats::ModelCounts& counts,
                                      int k_max, const std::string& device) const {
  if (counts.problems.empty()) throw Error("the module has no judged problem to speak about");
  if (k_max < 1 || k_max > stats::kDrawsMax)
    throw Error(
        fmt::format("K up to {} was asked of the module; use 1 to {}", k_max, stats::kDrawsMax));
  std::vector<double> flat;
  for (const stats::Counts& c : counts.problems)
    for (std::int64_t cell : {c.tp, c.fp, c.fn, c.tn}) flat.push_back(static_cast<double>(cell));
  const Tensor input =
      torch::tensor(flat, torch::kFloat64).view({static_cast<long>(counts.problems.size()), 4});
  const Tensor k = torch::arange(0, k_max + 1, torch::kFloat64);
  const Output y = run(path, input, k, torch::Device(chosen_device(device)));
  const Tensor accepted = y.accepted.clamp(0, 1);
  return {path, k_max, plain(accepted, accepted), plain(y.tp, accepted)};
}

}  // namespace assay::simulator
