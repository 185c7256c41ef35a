// What cannot cross between the processes: an object that is equal to nothing, not even to itself,
// and is known by the name of its type alone. Needs the interpreter's lock; failure is a Python
// exception.
#ifndef ASSAY_SANDBOX_OPAQUE_H
#define ASSAY_SANDBOX_OPAQUE_H

#include "sandbox/runtime/python/reply.h"

/// Makes the type. 0, or -1 with an exception set.
int opaque_init(void);
/// A new one with this name; NULL with an exception set.
PyObject* opaque_new(const char* name, size_t size);

#endif
