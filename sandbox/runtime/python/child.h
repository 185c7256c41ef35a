// Everything that happens in a judged process after the fork: one job is read, one program (or
// checker) is run, its answers are written.
#ifndef ASSAY_SANDBOX_CHILD_H
#define ASSAY_SANDBOX_CHILD_H

#include "sandbox/runtime/python/reply.h"

/// Before any fork: what says whether a text leaves nothing behind, what keeps a program's text for its
/// tracebacks, what makes a test text ready, and the exceptions by which a test says that an answer is
/// wrong (zygote.py's leaves_nothing, remember and testing).
void child_init(PyObject* leaves_nothing, PyObject* remember, PyObject* prepared, PyObject* wrong);

/// Before any fork: what opens a script's standard streams, and what brings it to its end (zygote.py's
/// scripting).
void script_init(PyObject* opened, PyObject* closed);

/// `third`: the Inputs, the stream between checker and judged process, or what a script reads; `fourth`:
/// where it writes. Never returns.
_Noreturn void child_main(int control, int replies, int third, int fourth);

#endif
