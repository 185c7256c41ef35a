#include "harness/cli/stored_conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace assay::cli {

using nlohmann::json;

static std::string as_options(const std::string& python, const std::vector<std::string>& packages) {
  return fmt::format(
      "--python {}{}", python,
      packages.empty() ? "" : fmt::format(" --packages {}", fmt::join(packages, ",")));
}

void take_conditions(const store::StoredModel& model, verify::Demands& demands,
                     sandbox::Config& sandbox) {
  constexpr std::uint64_t kTmpMibMax = 1 << 16;
  const json limits = json::parse(model.limits, nullptr, false);
  for (const sandbox::LimitField& field : sandbox::kLimitFields)
    if (limits.is_object() && limits.contains(field.name) && limits[field.name].is_number())
      field.set(demands.limits, limits[field.name].get<double>());
  if (const auto mode = verify::mode_named(model.comparison)) demands.comparison = *mode;
  const json said = json::parse(model.options, nullptr, false);
  if (!said.is_object()) return;
  std::string python;
  std::vector<std::string> packages;
  try {
    python = said.value("python", sandbox.python);
    packages = said.value("packages", sandbox.packages);
    sandbox.tmp_mib = std::min(said.value("tmp_mib", sandbox.tmp_mib), kTmpMibMax);
  } catch (const json::exception&) {
    throw Error("the options of the newest run are damaged; judge the samples again (assay run)");
  }
  if (python != sandbox.python || packages != sandbox.packages)
    throw Error(fmt::format(
        "the samples of {} were judged with {}; this is {}: say the same, if you trust "
        "what the database names",
        model.model, as_options(python, packages), as_options(sandbox.python, sandbox.packages)));
}

}  // namespace assay::cli
