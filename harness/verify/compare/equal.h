// Python's == on plain values, outside Python, so that no code of a program under test takes part.
//
// True == 1 == 1.0 == (1+0j), exactly, for integers of any size, also as set members and dict keys.
// A tuple never equals a list, nor a str bytes. A set equals a frozenset; dict, OrderedDict,
// defaultdict and Counter are equal by their items (two OrderedDicts also by their order; in two
// Counters a missing key counts 0). A deque equals only a deque. An opaque object equals nothing:
// what its own == would have said is unknown, and for plain objects it is identity.
//
// Values are compared as encodings (harness/base/value/value.h), kind by kind and size by size from
// the front, up to the first difference; only the keys of two sets or mappings of one size are held
// in memory. So what an answer may cost is bounded by the expected value, whatever the program
// made. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/value/value.h"

namespace assay::verify {

/// How far a number may be off: |actual - expected| <= absolute + relative * |expected|.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
  bool integers_too = false;  ///< else only where the expected number is a float or complex
};

struct Equality {
  bool nan_is_nan =
      false;  ///< Python says no; a reference that returns NaN then has no equal at all
  std::optional<Tolerance> tolerance;
};

/// False too where either is no encoding of one value.
bool equal(std::string_view expected, std::string_view actual, const Equality& how = {});

/// Removes one value from the front of `bytes` and appends a text to `out` that two hashable values
/// share exactly when Python's == holds between them (NaN: equal to itself). False for an unhashable
/// or opaque value, and for what is no encoding.
bool take_canonical(std::string_view& bytes, std::string& out);

/// A number as a double (integers rounded, infinite beyond its range); nullopt for anything but a
/// bool, int or float.
std::optional<double> as_double(const Value& value);

}  // namespace assay::verify
