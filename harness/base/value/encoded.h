// Reads the codec's bytes (value.h) one head at a time and builds no tree. What a program under test
// answers may be a hundred times larger as Values than as bytes; who compares or prints it here
// needs no more memory than one scalar. Pure functions; thread-safe; nothing throws on hostile
// input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/value/value.h"

namespace assay {

/// The head of one encoded value: a scalar is nothing else, a container's items follow it.
struct Head {
  Kind kind = Kind::none;
  Value scalar;             ///< None, bool, numbers, builtin and opaque: the value itself
  std::string_view text;    ///< str, bytes, builtin, opaque: points into the encoding
  std::uint64_t items = 0;  ///< values that follow and belong to it: two for a mapping's entry

  bool is_mapping() const {
    return kind == Kind::dict || kind == Kind::ordered_dict || kind == Kind::default_dict ||
           kind == Kind::counter;
  }
};

/// Removes the head of one value from the front of `bytes`. False where none is there.
bool take_head(std::string_view& bytes, Head& head);

/// Removes one whole value. False where the front is not well-formed, or nested too deep.
bool skip_value(std::string_view& bytes);
/// Exactly one value and nothing after it.
bool is_encoding(std::string_view bytes);

/// repr() of an encoding; reads no further than what it prints. "(not decodable)" stands where the
/// bytes break off.
std::string repr_encoded(std::string_view encoding, std::size_t length_max = SIZE_MAX);

}  // namespace assay
