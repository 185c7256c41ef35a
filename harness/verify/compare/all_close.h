// numpy.allclose on plain values, for the comparison `evalplus`. Not part of what is right: strict
// comparison does without it.
#pragma once

#include "harness/verify/compare/equal.h"

namespace assay::verify {

/// Numbers, or lists and tuples of them that make a rectangular array; the two shapes are broadcast
/// against each other as numpy does. False where numpy would raise: ragged lists, texts, integers
/// beyond 64 bits.
bool all_close(const Value& expected, const Value& actual, const Tolerance& tolerance);

}  // namespace assay::verify
