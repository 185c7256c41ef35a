// The parts of a JSON text, found without decoding them: a row may hold megabytes under keys that
// nobody asks for, and what is wrong inside those is no reason to refuse it. Linear in the text, flat
// in its depth; the text may come from anyone. Pure; thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace assay {

/// Calls `take` with each member of the one object that `text` holds, in order: the key decoded, the
/// value as it is written (parse_json() reads it). A key that cannot be decoded is given as written.
/// Throws Error, which names no file, where `text` is not one object.
void for_each_member(
    std::string_view text,
    const std::function<void(const std::string& key, std::string_view value)>& take);

/// Calls `take` with each item of the one array that `text` holds, as it is written.
void for_each_item(std::string_view text, const std::function<void(std::string_view item)>& take);

}  // namespace assay
