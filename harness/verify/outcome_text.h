// What a sandbox's outcome is in words, as verdicts and complaints about references carry it.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/sandbox.h"

namespace assay::verify {

/// "ValueError: no such thing", or the type alone.
std::string exception_text(std::string_view type, std::string_view message);

/// Why a program did not come to its end; empty where it did.
std::string describe(const sandbox::Outcome& outcome);

}  // namespace assay::verify
