// What of a Python program's text says what it does, so that a program which is written twice, with another
// comment or another indent, is known for one. Takes time linear in its text, whatever a stranger wrote.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace assay::datasets {

/// The tokens of `program`, a statement a line, indented by its depth: without comments, strings that are
/// statements, and how it is spaced and quoted. Where Python reads two programs, those that have the same
/// tokens do the same; of others it is not said.
std::string code_of(std::string_view program);

}  // namespace assay::datasets
