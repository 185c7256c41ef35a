// Inside the interpreter: what the files of the extension share. Only the stable ABI of CPython 3.8
// is used, so that one built file serves every later version.
#ifndef ASSAY_SANDBOX_ZYGOTE_H
#define ASSAY_SANDBOX_ZYGOTE_H

#ifndef _GNU_SOURCE  // clang++ defines it
#define _GNU_SOURCE
#endif
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03080000
#include <Python.h>
#include <stdint.h>

#include "sandbox/protocol.h"

/// Bytes that grow. Never beyond `limit`.
typedef struct {
  unsigned char* data;
  size_t size, capacity, limit;
} Buffer;

enum { kEncoded = 0, kTooLarge = -1, kRaised = -2 };  ///< kRaised: a Python exception is set

int buffer_put(Buffer* buffer, const void* bytes, size_t size);
/// harness/base/value/value.h's codec. Values of exact built-in types; anything else as its type's name.
int codec_encode(PyObject* object, Buffer* buffer);
/// One value from the front of [*at, end); NULL with an exception set where malformed.
PyObject* codec_decode(const unsigned char** at, const unsigned char* end);
int codec_init(void);

/// The name of an object's type as "module.qualname" ("ValueError" if builtin), cut to `size`.
void type_name(PyObject* type, char* name, size_t size);

// ---- the judged process's side of the pipe

typedef struct {
  int control, replies, peer;
  struct assay_job job;
  char *entry_point, *program, *setup;
  Buffer frame;  ///< the frame being made; its header comes first
  uint32_t index;
  PyObject* relayed;  ///< checker: the exception that came from the judged process
} Child;

/// Starts a frame: what is put into child->frame afterwards is its content.
void frame_begin(Child* child);
void frame_send(Child* child, uint32_t kind);
/// Appends the pending exception (struct assay_raised and texts) and clears it.
void frame_put_exception(Child* child);
/// Sends the last frame and ends the process.
_Noreturn void finish(Child* child, uint32_t kind);
_Noreturn void finish_with_exception(Child* child, uint32_t kind);

int read_whole(int fd, void* bytes, size_t size);
int write_whole(int fd, const void* bytes, size_t size);

/// Everything after the fork. Never returns.
_Noreturn void child_main(int control, int replies, int inputs);

/// proxy.c: the judged process as the checker sees it, and the loop that answers it.
PyObject* proxy_new(Child* child);
_Noreturn void serve_calls(Child* child, PyObject* function);
int proxy_init(void);
PyObject* opaque_new(const char* name, size_t size);

#endif
