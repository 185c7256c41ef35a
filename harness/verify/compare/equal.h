// Python's == on plain values, outside Python, so that no code of a program under test takes part.
//
// True == 1 == 1.0 == (1+0j), exactly, for integers of any size, also as set members and dict keys.
// A Fraction is equal to the number that it is, as it holds it (2/4 is not 1/2); a Decimal too, but
// one of more than kDecimalDigitsMax places only to another Decimal. A tuple never equals a list,
// nor a str bytes; bytes equal a bytearray. A set equals a frozenset, dict_keys and dict_items;
// dict, OrderedDict, defaultdict and Counter are equal by their items (two OrderedDicts also by
// their order; in two Counters a missing key counts 0). A deque equals only a deque, and two ranges
// are equal that give the same. A named tuple is a tuple, a member of an IntEnum or of an Enum of
// texts is its value, a numpy scalar is the Python number it stands for, and so is an array without
// axes. Moments are equal that datetime holds equal: with a zone by the instant, and never with one
// to one without.
//
// What Python compares by identity has no equal across processes. An opaque object equals nothing.
// But where the class says what the object is, it is compared by that: members of a plain Enum by
// class, name and value; instances of dataclasses by class and by the fields that their generated ==
// compares; numpy arrays by shape and elements; and with `contents`, iterators and dict_values by
// what they give.
//
// Values are compared as encodings (harness/base/value/value.h), kind by kind and size by size from
// the front, up to the first difference; only the keys of two sets or mappings of one size are held
// in memory. So what an answer may cost is bounded by the expected value, whatever the program
// made. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/value/encoded.h"
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
      false;              ///< Python says no; a reference that returns NaN then has no equal at all
  bool contents = false;  ///< iterators, dict_values: for Python no two are equal
  std::optional<Tolerance> tolerance;
};

/// The places, before and after the point, up to which a Decimal is compared with other numbers:
/// the cost grows with the square.
inline constexpr std::int64_t kDecimalDigitsMax = 4300;

/// False too where either is no encoding of one value.
bool equal(std::string_view expected, std::string_view actual, const Equality& how = {});

/// Removes one value from the front of `bytes` and appends a text to `out` that two hashable values
/// share exactly when Python's == holds between them (NaN: equal to itself). False for an unhashable
/// or opaque value, and for what is no encoding.
bool take_canonical(std::string_view& bytes, std::string& out);

/// Removes the head of one value from the front, as take_head does, and looks through what is equal
/// to a plain value: numpy scalars, arrays without axes, members of IntEnum, bytearrays. A Fraction
/// or Decimal is a scalar here.
bool take_plain_head(std::string_view& bytes, Head& head);

/// bool(value) of what take_plain_head read.
bool is_true(const Head& value);

/// A number as a double (integers rounded, infinite beyond its range); nullopt for anything but a
/// bool, int, float or Fraction.
std::optional<double> as_double(const Value& value);

}  // namespace assay::verify
