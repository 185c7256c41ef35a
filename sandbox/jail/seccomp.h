// The system calls a judged program and its warm interpreter may make: an allow-list, made with
// libseccomp outside and installed inside once the interpreter is warm. Throws Error.
#pragma once

#include "harness/base/fd.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

/// A memory file holding the compiled filter (struct sock_filter, one after another).
Fd compile_filter(Level level);

/// A sealed-size memory file with these bytes, close-on-exec, numbered 20 or higher so that handing
/// it over under a low number never overwrites another.
Fd memory_file(const char* name, const char* begin, const char* end, bool executable = false);
/// `fd` under a number of at least 20, close-on-exec.
Fd moved_high(Fd fd);

}  // namespace assay::sandbox
