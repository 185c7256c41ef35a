// A file that is there whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// Writes `bytes` into a part file in the folder of `path` and moves that into place: a reader, and a
/// machine that stops, meet the old file or the new one, never half of it. The part file has a name
/// that nobody can foresee, is made anew and follows no link; a link that stands at `path` is
/// replaced, not followed. Throws Error naming the path and the cause (also where something other
/// than a regular file is there); what was there before is then untouched, and no part is left.
void write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace assay
