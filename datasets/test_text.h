// What a benchmark's own test text defines, and whether anything runs it. Python runs only what is
// called: a test function that a framework would have found passes every program. Told from the
// lines at the margin, without parsing. Pure functions; thread-safe; nothing throws.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

/// Whether there is nothing in it but blank lines and comments.
bool holds_no_statement(std::string_view tests);

/// The text with the calls at its end that a test framework would make: of each function `test*`
/// that takes nothing, or `candidate` alone, and that nothing calls; and of the tests of each class
/// that descends from a TestCase. `if __name__ == ...:` is not taken here, so what stands under it
/// calls nothing.
std::string with_test_calls(std::string tests);

/// The tests that remain uncalled: functions that take a fixture, classes `Test*` of pytest's kind.
std::vector<std::string> never_run(std::string_view tests);

}  // namespace assay::datasets
