// JSON to Value, keeping what a double would lose: integers of any size stay integers. Also what
// Python's json module writes beyond JSON (NaN, Infinity, -Infinity), and tagged objects for the
// Python values that JSON cannot say:
//   {"$tuple": [..]}  {"$set": [..]}  {"$frozenset": [..]}  {"$deque": [..]}
//   {"$complex": [re, im]}  {"$bytes": "base64"}  {"$float": "nan" | "inf" | "-inf"}
//   {"$int": "decimal"}  {"$dict": [[key, value], ..]}
// An object is tagged when it has exactly one key and that key is one of these; a dict that looks
// like one is written with $dict. Parsing itself is nlohmann_json's.
//
// The text may come from anyone: depth (kDepthMax), the digits of an integer and the number of
// values are capped, and the time is linear in the text but for a sort of each object's keys.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/value/value.h"

namespace assay {

/// Objects become Kind::dict (the last of equal keys wins, as in Python), arrays Kind::list.
/// Throws Error with a sentence that names no file: the caller puts the place before it.
Value parse_json(std::string_view text);

/// The member `key` of a dict made from an object; null where there is none.
const Value* member(const Value& object, std::string_view key);

/// JSON text of `value`, in the tagged form where plain JSON cannot say it. Kinds that have no form
/// (opaque, builtin) throw Error.
std::string to_json(const Value& value);

}  // namespace assay
