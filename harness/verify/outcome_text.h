// What a sandbox's outcome is as a verdict: its status, and the words that verdicts and complaints
// about references carry. The only place where a sandbox's End becomes a status.
#pragma once

#include <string>
#include <string_view>

#include "harness/store/judging.h"
#include "harness/store/status.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

store::Status status_of(sandbox::End end);

/// "ValueError: no such thing", or the type alone.
std::string exception_text(std::string_view type, std::string_view message);

/// Why a program did not come to its end; empty where it did.
std::string describe(const sandbox::Outcome& outcome);

/// What the program's text adds to a verdict that says it was never called: an empty one is
/// no_program; the names that it does define; the language that it is written in.
void explain(store::Verdict& verdict, std::string_view program, std::string_view entry_point);

}  // namespace assay::verify
