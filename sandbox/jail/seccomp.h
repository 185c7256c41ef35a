// The system calls a judged program and its warm interpreter may make: an allow-list, made with
// libseccomp outside and installed inside once the interpreter is warm. Throws Error.
#pragma once

#include "harness/base/fd.h"
#include "sandbox/runtime/installation.h"

namespace assay::sandbox {

/// A sealed memory file holding the compiled filter (struct sock_filter, one after another).
/// `tmp`: for a jail with a writable /tmp, which is all that can be written to there.
Fd compile_filter(Level level, bool tmp, Runtime runtime = Runtime::python);

}  // namespace assay::sandbox
