#include "sandbox/runtime/python/reply.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/value/names.h"

// ---- bytes

static int grow(Buffer* buffer, size_t size) {
  if (size > buffer->limit || buffer->size > buffer->limit - size) return kTooLarge;
  size_t capacity = buffer->capacity ? buffer->capacity : 4096;
  while (capacity < buffer->size + size) capacity *= 2;
  unsigned char* data = realloc(buffer->data, capacity);
  if (!data) {
    PyErr_NoMemory();
    return kRaised;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return kEncoded;
}

int buffer_put(Buffer* buffer, const void* bytes, size_t size) {
  if (buffer->capacity - buffer->size < size) {
    const int error = grow(buffer, size);
    if (error) return error;
  }
  memcpy(buffer->data + buffer->size, bytes, size);
  buffer->size += size;
  return kEncoded;
}

int read_whole(int fd, void* bytes, size_t size) {
  char* at = bytes;
  while (size > 0) {
    const ssize_t n = read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

int write_whole(int fd, const void* bytes, size_t size) {
  const char* at = bytes;
  while (size > 0) {
    const ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

// ---- names of types

void type_name(PyObject* type, char* name, size_t size) {
  PyObject *error_type, *error_value, *error_tb;
  PyErr_Fetch(&error_type, &error_value, &error_tb);
  name[0] = 0;
  PyObject* module = PyObject_GetAttrString(type, "__module__");
  PyObject* qualname = PyObject_GetAttrString(type, "__qualname__");
  if (qualname && PyUnicode_Check(qualname)) {
    PyObject* full;
    // The program's own module is no part of a name: it is "Point", as "ValueError" is.
    if (module && PyUnicode_Check(module) &&
        PyUnicode_CompareWithASCIIString(module, "builtins") != 0 &&
        PyUnicode_CompareWithASCIIString(module, "solution") != 0 &&
        PyUnicode_CompareWithASCIIString(module, "__main__") != 0) {
      full = PyUnicode_FromFormat("%U.%U", module, qualname);
    } else {
      full = qualname;
      Py_INCREF(full);
    }
    PyObject* bytes = full ? PyUnicode_AsEncodedString(full, "ascii", "replace") : NULL;
    if (bytes) {
      size_t length = (size_t)PyBytes_Size(bytes);
      if (length >= size) length = size - 1;
      for (size_t i = 0; i < length; ++i) {
        const char c = PyBytes_AsString(bytes)[i];
        name[i] = is_type_name_char(c) ? c : '?';
      }
      name[length] = 0;
      Py_DECREF(bytes);
    }
    Py_XDECREF(full);
  }
  Py_XDECREF(module);
  Py_XDECREF(qualname);
  if (!name[0]) memcpy(name, "?", 2);
  PyErr_Restore(error_type, error_value, error_tb);
}

// ---- frames

void frame_begin(Channel* channel) { channel->frame.size = sizeof(struct assay_frame); }

static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/// The supervisor sleeps until the process ends or a limit is due; a full pipe is told by a byte on
/// the control stream.
static void write_reply(Channel* channel, const unsigned char* at, size_t size) {
  while (size > 0) {
    const ssize_t n = write(channel->replies, at, size);
    if (n > 0) {
      at += n;
      size -= (size_t)n;
    } else if (n < 0 && errno == EAGAIN) {
      struct pollfd full = {channel->replies, POLLOUT, 0};
      if (write(channel->control, "r", 1) < 0 && errno != EAGAIN) _exit(kExitUnheard);
      poll(&full, 1, -1);
    } else if (n == 0 || errno != EINTR) {
      _exit(kExitUnheard);
    }
  }
}

void frame_send(Channel* channel, uint32_t kind) {
  struct assay_frame head;
  head.nonce = channel->nonce;
  head.index = channel->index;
  head.kind = kind;
  head.length = channel->frame.size - sizeof head;
  head.cpu_ns = cpu_ns();
  memcpy(channel->frame.data, &head, sizeof head);
  write_reply(channel, channel->frame.data, channel->frame.size);
}

_Noreturn void finish(Channel* channel, uint32_t kind) {
  frame_begin(channel);
  frame_send(channel, kind);
  _exit(0);
}

/// The line of the program where the exception rose: the innermost traceback entry of its own text.
static uint32_t line_of(PyObject* type, PyObject* value, PyObject* tb) {
  long line = 0;
  if (value && PyErr_GivenExceptionMatches(type, PyExc_SyntaxError)) {
    PyObject* number = PyObject_GetAttrString(value, "lineno");
    if (number && PyLong_Check(number)) line = PyLong_AsLong(number);
    Py_XDECREF(number);
  }
  Py_XINCREF(tb);
  for (int depth = 0; tb && tb != Py_None && depth < 1000; ++depth) {
    PyObject* frame = PyObject_GetAttrString(tb, "tb_frame");
    PyObject* code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
    PyObject* file = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
    PyObject* number = PyObject_GetAttrString(tb, "tb_lineno");
    if (file && PyUnicode_Check(file) && number && PyLong_Check(number) &&
        PyUnicode_CompareWithASCIIString(file, "<solution>") == 0) {
      line = PyLong_AsLong(number);
    }
    Py_XDECREF(frame);
    Py_XDECREF(code);
    Py_XDECREF(file);
    Py_XDECREF(number);
    PyObject* next = PyObject_GetAttrString(tb, "tb_next");
    Py_DECREF(tb);
    tb = next;
  }
  Py_XDECREF(tb);
  PyErr_Clear();
  return line > 0 && line < 0x7fffffff ? (uint32_t)line : 0;
}

/// str() runs the program's own code: it may raise, or return nonsense; then there is no message.
static PyObject* message_of(PyObject* value) {
  PyObject* text = value ? PyObject_Str(value) : NULL;
  if (!text) PyErr_Clear();
  PyObject* bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  if (!bytes) PyErr_Clear();
  Py_XDECREF(text);
  return bytes;
}

/// The file whose code raised: the innermost traceback entry's, as a new reference, or NULL.
static PyObject* raising_file(PyObject* tb) {
  PyObject* file = NULL;
  Py_XINCREF(tb);
  for (int depth = 0; tb && tb != Py_None && depth < 1000; ++depth) {
    PyObject* frame = PyObject_GetAttrString(tb, "tb_frame");
    PyObject* code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
    PyObject* name = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
    Py_XDECREF(frame);
    Py_XDECREF(code);
    Py_XDECREF(file);
    file = name;
    PyObject* next = PyObject_GetAttrString(tb, "tb_next");
    Py_DECREF(tb);
    tb = next;
  }
  Py_XDECREF(tb);
  PyErr_Clear();
  if (file && !PyUnicode_Check(file)) Py_CLEAR(file);
  return file;
}

/// What to say besides the message where it was the sandbox that refused; "" where it was not. A
/// program can feign it, in its own verdict's message.
static const char* refusal(PyObject* type, PyObject* value, PyObject* tb) {
  if (!value || !PyErr_GivenExceptionMatches(type, PyExc_OSError)) return "";
  PyObject* number = PyObject_GetAttrString(value, "errno");
  const long error = number && PyLong_Check(number) ? PyLong_AsLong(number) : 0;
  Py_XDECREF(number);
  PyErr_Clear();
  PyObject* file = raising_file(tb);
  PyObject* bytes = file ? PyUnicode_AsEncodedString(file, "utf-8", "replace") : NULL;
  PyErr_Clear();
  const char* path = bytes ? PyBytes_AsString(bytes) : "";
  const char* said = "";
  if (strstr(path, "/subprocess.py") || strstr(path, "/multiprocessing/")) {
    said = " (the sandbox refuses to start a process)";
  } else if (strstr(path, "/tempfile.py") || error == EROFS) {
    said = " (the sandbox refuses to write a file)";
  } else if (error == EPERM && strstr(path, "/socket.py")) {
    said = " (the sandbox refuses to reach a network)";
  } else if (error == EPERM) {
    said = " (the sandbox refuses this call)";
  }
  Py_XDECREF(bytes);
  Py_XDECREF(file);
  return said;
}

/// A new reference to what told(exception, traceback) returns, as UTF-8; NULL where it is nothing.
static PyObject* bytes_told(PyObject* told, PyObject* value, PyObject* tb) {
  if (!told || !value) return NULL;
  PyObject* text = PyObject_CallFunctionObjArgs(told, value, tb ? tb : Py_None, NULL);
  PyObject* bytes = text && PyUnicode_Check(text)
                        ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")
                        : NULL;
  PyErr_Clear();
  Py_XDECREF(text);
  if (bytes && (PyBytes_Size(bytes) == 0 || PyBytes_Size(bytes) > kTextBytesMax / 4 * 3))
    Py_CLEAR(bytes);
  return bytes;
}

/// As many of the message's bytes as fit, cut between two characters. Their count.
static size_t put_message(Channel* channel, PyObject* message, size_t size_max) {
  size_t size = (size_t)PyBytes_Size(message);
  const char* text = PyBytes_AsString(message);
  if (size > size_max) {
    size = size_max;
    while (size && (text[size] & 0xc0) == 0x80) --size;
  }
  buffer_put(&channel->frame, text, size);
  return size;
}

void frame_put_exception(Channel* channel) { frame_put_exception_told(channel, NULL); }

void frame_put_exception_told(Channel* channel, PyObject* told) {
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  if (type) PyErr_NormalizeException(&type, &value, &tb);
  char name[256] = "?";
  if (type) type_name(type, name, sizeof name);
  const struct assay_raised head = {line_of(type ? type : Py_None, value, tb),
                                    (uint32_t)strlen(name)};
  buffer_put(&channel->frame, &head, sizeof head);
  buffer_put(&channel->frame, name, head.type_bytes);
  PyObject* message = message_of(value);
  PyObject* place = bytes_told(told, value, tb);
  const char* refused = refusal(type, value, tb);
  const size_t place_size = place ? (size_t)PyBytes_Size(place) + 2 : 0;
  const size_t size_max = kTextBytesMax - strlen(refused) - place_size;
  const size_t size = message ? put_message(channel, message, size_max) : 0;
  buffer_put(&channel->frame, refused, strlen(refused));
  if (place) {
    if (size > 0) buffer_put(&channel->frame, "; ", 2);
    buffer_put(&channel->frame, PyBytes_AsString(place), place_size - 2);
  }
  Py_XDECREF(message);
  Py_XDECREF(place);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(tb);
  PyErr_Clear();
}

_Noreturn void finish_with_exception(Channel* channel, uint32_t kind) {
  frame_begin(channel);
  frame_put_exception(channel);
  frame_send(channel, kind);
  _exit(0);
}

_Noreturn void finish_with_text(Channel* channel, uint32_t kind, const char* text) {
  const struct assay_raised head = {0, 0};
  frame_begin(channel);
  buffer_put(&channel->frame, &head, sizeof head);
  buffer_put(&channel->frame, text, strlen(text));
  frame_send(channel, kind);
  _exit(0);
}
