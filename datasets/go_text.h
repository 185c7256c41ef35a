// What HumanEval-X's own harness does to Go programs before it compiles them. Linear in the text; throws
// nothing; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace assay::datasets {

/// `program` without the imports that it begins with, behind those that it uses: packages of the standard library
/// whose name stands before a dot in it, and which `before`, the text in front of it, does not import already.
/// Go compiles no text that imports a package twice, or one that it does not use.
std::string with_go_imports(std::string_view before, std::string_view program);

}  // namespace assay::datasets
