// How a judged process speaks to the supervisor: growing bytes, frames, exceptions as frames, and
// the two ways to end. The lowest file of the extension: codec, proxy and child stand on it. Only
// the stable ABI of CPython 3.8 is used, so that one built file serves every later version.
//
// One thread of one process uses a Channel. Nothing here throws; what ends the process says so.
#ifndef ASSAY_SANDBOX_REPLY_H
#define ASSAY_SANDBOX_REPLY_H

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

/// Appends the bytes: kEncoded, kTooLarge or kRaised (MemoryError).
int buffer_put(Buffer* buffer, const void* bytes, size_t size);

/// All of the bytes, over interruptions. 0, or -1 where the other end is gone.
int read_whole(int fd, void* bytes, size_t size);
int write_whole(int fd, const void* bytes, size_t size);

/// The name of a type as "module.qualname" ("ValueError" if builtin), cut to `size`, in characters
/// that names.h allows. An exception that is pending stays pending.
void type_name(PyObject* type, char* name, size_t size);

/// The judged process's ways out. Attacks in tests/attacks find the nonce by this layout: one that
/// changes here changes there, or they attack nothing.
typedef struct {
  int control;  ///< a byte here says "the pipe is full"
  int replies;  ///< the pipe that frames are written to
  int peer;     ///< the stream between checker and judged process, where there is one
  uint64_t nonce;
  uint32_t index;  ///< of the present call
  Buffer frame;    ///< the frame being made; its header comes first
} Channel;

/// Starts a frame: what is put into channel->frame afterwards is its content.
void frame_begin(Channel* channel);
/// Writes the frame; ends the process where nobody reads.
void frame_send(Channel* channel, uint32_t kind);
/// Appends the pending exception (struct assay_raised and texts) and clears it.
void frame_put_exception(Channel* channel);
/// The same of a checker: behind the message stands what told(exception, traceback) returns.
void frame_put_exception_told(Channel* channel, PyObject* told);

/// The last frame, then the process's end: empty, with the pending exception, or with a sentence.
_Noreturn void finish(Channel* channel, uint32_t kind);
_Noreturn void finish_with_exception(Channel* channel, uint32_t kind);
_Noreturn void finish_with_text(Channel* channel, uint32_t kind, const char* text);

#endif
