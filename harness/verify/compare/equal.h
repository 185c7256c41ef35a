// Python's == on plain values, outside Python, so that no code of a program under test takes part.
//
// True == 1 == 1.0 == (1+0j), exactly, for integers of any size, also as set members and dict keys.
// A tuple never equals a list, nor a str bytes. A set equals a frozenset; dict, OrderedDict,
// defaultdict and Counter are equal by their items (two OrderedDicts also by their order; in two
// Counters a missing key counts 0). A deque equals only a deque. An opaque object equals nothing:
// what its own == would have said is unknown, and for plain objects it is identity. Pure functions;
// thread-safe.
#pragma once

#include <optional>
#include <string>

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

bool equal(const Value& expected, const Value& actual, const Equality& how = {});

/// A text that two hashable values share exactly when Python's == holds between them (NaN: equal to
/// itself). For lookups; nullopt for an unhashable or opaque value.
std::optional<std::string> canonical(const Value& value);

/// A number as a double (integers rounded, infinite beyond its range); nullopt for anything but a
/// bool, int or float.
std::optional<double> as_double(const Value& value);

}  // namespace assay::verify
