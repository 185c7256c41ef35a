#pragma once

namespace assay::datasets {

/// What `assay probe` calls the tests that it makes of its finds: chosen by looking at programs, and meant
/// to stand beside the suites that a problem has.
inline constexpr const char* kProbeSuite = "probe";

}  // namespace assay::datasets
