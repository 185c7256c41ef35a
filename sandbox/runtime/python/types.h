// The types whose values cross as data besides the plain ones: ranges, decimals, dates, named
// tuples, numpy's ... (harness/base/value/value.h lists them). zygote.py looks the types up before
// any program has run; here an object's type is compared with those by address. Neither a name, nor
// a metaclass, nor what a program puts in the place of a module decides what an object is, and its
// parts are read by what the type itself came with. Needs the interpreter's lock.
#ifndef ASSAY_SANDBOX_TYPES_H
#define ASSAY_SANDBOX_TYPES_H

#include "sandbox/runtime/python/reply.h"

/// Once, before any fork. `crossing` and `remade` are zygote.py's. 0, or -1 with an exception set.
int types_init(PyObject* crossing, PyObject* remade);
/// The codec's tag of what the object is, with its parts as a new tuple; 0 where it is none of
/// these, -1 with an exception set where the program's own code (a generator's) raises.
int typed_parts(PyObject* object, PyObject** parts);
/// Whether the tag is one of these.
int is_typed_tag(char tag);
/// The object again, from its parts (taken over); NULL with an exception set.
PyObject* typed_object(char tag, PyObject* parts);

#endif
