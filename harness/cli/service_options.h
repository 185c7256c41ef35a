// The options that `assay judge` and `assay serve` share, and the service that they make.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/service/catalog.h"
#include "harness/service/desk.h"
#include "harness/service/known_errors.h"
#include "harness/verify/verifier.h"

namespace assay::cli {

struct ServiceOptions {
  std::vector<std::string> datasets;  ///< names or paths
  service::Defaults defaults;
  service::DeskOptions desk;
  std::vector<std::string> limits;  ///< "key=value"
  std::string comparison = "strict";
  std::string database;  ///< of verdicts, from which the verifier's error is known; or empty
  bool extract = false, as_is = false;
};

void add_service_options(CLI::App& command, ServiceOptions& options);

/// Reads the datasets. Throws Error (usage) for options that exclude each other and for a suite that no
/// dataset has.
service::Catalog make_catalog(ServiceOptions& options);

/// What --database knows of the catalogue's suites.
service::KnownErrors known_errors(const ServiceOptions& options, const service::Catalog& catalog);

}  // namespace assay::cli
