// Hand-made report models for the tests. The numbers are invented, though of a plausible shape and
// consistent among themselves; nothing outside tests/ uses them.
#pragma once

#include "reports/model.h"

namespace assay::reports {

struct FixtureSize {
  int models = 3, problems = 20, samples = 50, programs = 12;
};

/// A full report: every section has something to say.
ReportModel fixture(const FixtureSize& size = {});

/// The same with markup, script, control characters and broken UTF-8 wherever a text is foreign.
ReportModel hostile_fixture();

/// What a hostile text looks like; `mark` tells one place from another.
std::string hostile(const std::string& mark);

}  // namespace assay::reports
