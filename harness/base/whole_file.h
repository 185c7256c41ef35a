// A file that is there whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// Writes `bytes` beside `path` and moves them into place: a reader, and a machine that stops,
/// meet the old file or the new one, never half of it. Throws Error naming the path and the cause;
/// what was there before is then untouched.
void write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace assay
