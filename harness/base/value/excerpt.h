// The beginning of an encoded value as Python would print it. Answers reach hundreds of megabytes;
// only as much of one is decoded as is shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

/// repr(value, length_max) of the value that `encoded` is, in memory of the order of length_max and
/// its longest text. What is not shown is not looked at: "(not decodable)" stands where the bytes
/// before the cut are no encoding.
std::string excerpt(std::string_view encoded, std::size_t length_max);

}  // namespace assay
