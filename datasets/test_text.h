// What a benchmark's own test text defines, and whether anything runs it. Python runs only what is
// called: a test function that a framework would have found passes every program. Told from its
// lines, without parsing. Pure functions; thread-safe; nothing throws.
#pragma once

#include <string>
#include <string_view>

namespace assay::datasets {

/// Whether there is nothing in it but blank lines and comments.
bool holds_no_statement(std::string_view tests);

/// The text with what runs the tests that it leaves to a framework (run_tests.py) at its end: functions
/// `test*`, classes of unittest's and of pytest's kind, wherever the text defines any that it does not
/// call itself. `if __name__ == ...:` is not taken here, so what stands under it calls nothing.
std::string with_test_calls(std::string tests);

/// The text as it was before that.
std::string_view text_as_given(std::string_view tests);

/// Executed at the end of such a text: an AssertionError with a line for each test that is not run.
inline constexpr const char* kTellNotRun =
    "if _assay_not_run:\n    raise AssertionError('\\n'.join(_assay_not_run) + '\\n')\n";

/// Whether a line of the text imports the module.
bool imports(std::string_view tests, std::string_view module);

}  // namespace assay::datasets
