// Files in memory that are handed to other processes. Once sealed, no descriptor and no mapping of
// one can change it: a limit on written bytes (RLIMIT_FSIZE) stops write(), but no shared mapping.
#pragma once

#include <string_view>

#include "harness/base/fd.h"

namespace assay {

/// An empty file to write() to and then seal(); close-on-exec. Throws Error, as all of these do.
Fd new_memory_file(const char* name, bool executable = false);
void write_whole(int descriptor, std::string_view bytes);
/// From here on nobody can write to it, resize it or take the seals off.
void seal(int descriptor);

/// A sealed file with these bytes, read from its beginning.
Fd memory_file(const char* name, std::string_view bytes, bool executable = false);

}  // namespace assay
