// The value codec inside the interpreter; harness/base/value/value.h defines it. Only values of
// exact built-in types cross as they are; anything else crosses as its type's name and arrives as
// an opaque object. Needs the interpreter's lock; failure is a Python exception.
#ifndef ASSAY_SANDBOX_CODEC_H
#define ASSAY_SANDBOX_CODEC_H

#include "sandbox/runtime/python/reply.h"

/// Before anything else here, and before any program: notes which builtins there are. 0, or -1.
int codec_init(void);
/// Appends the encoding: kEncoded, kTooLarge (or too deep) or kRaised.
int codec_encode(PyObject* object, Buffer* buffer);
/// One value from the front of [*at, end); NULL with an exception set where malformed.
PyObject* codec_decode(const unsigned char** at, const unsigned char* end);

#endif
