// numpy.allclose on encodings of plain values, for the comparison `evalplus`. Not part of what is right: strict
// comparison does without it.
#pragma once

#include <string_view>

#include "harness/verify/compare/equal.h"

namespace assay::verify {

/// Numbers, or lists and tuples of them that make a rectangular array; the two shapes are broadcast
/// against each other as numpy does. False where numpy would raise: ragged lists, texts, integers
/// beyond 64 bits; and for bytes that are no encoding.
bool all_close(std::string_view expected, std::string_view actual, const Tolerance& tolerance);

}  // namespace assay::verify
