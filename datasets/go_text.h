// What HumanEval-X's own harness does to Go programs before it compiles them. Linear in the text; throws
// nothing; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace assay::datasets {

/// `program` with the imports that it needs and `before`, the text in front of it, does not have: those of its own that
/// it uses or gives a name, and of the packages that HumanEval-X's harness knows those whose name stands before a
/// dot. Go compiles no text that imports a package twice, or one that it does not use.
std::string with_go_imports(std::string_view before, std::string_view program);

}  // namespace assay::datasets
