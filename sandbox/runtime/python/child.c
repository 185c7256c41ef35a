// The judged process: born by the zygote's clone, it loads one program, makes the calls and writes
// the answers. Whatever runs here is untrusted from the moment the program starts; nothing that is
// checked against is ever in this process.
#include "sandbox/runtime/python/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

// ---- frames

void frame_begin(Child* child) { child->frame.size = sizeof(struct assay_frame); }

static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/// The supervisor sleeps until the process ends or a limit is due; a full pipe is told by a byte on
/// the control stream.
static void write_reply(Child* child, const unsigned char* at, size_t size) {
  while (size > 0) {
    const ssize_t n = write(child->replies, at, size);
    if (n > 0) {
      at += n;
      size -= (size_t)n;
    } else if (n < 0 && errno == EAGAIN) {
      struct pollfd full = {child->replies, POLLOUT, 0};
      if (write(child->control, "r", 1) < 0 && errno != EAGAIN) _exit(70);
      poll(&full, 1, -1);
    } else if (n == 0 || errno != EINTR) {
      _exit(70);
    }
  }
}

void frame_send(Child* child, uint32_t kind) {
  struct assay_frame head;
  head.nonce = child->job.nonce;
  head.index = child->index;
  head.kind = kind;
  head.length = child->frame.size - sizeof head;
  head.cpu_ns = cpu_ns();
  memcpy(child->frame.data, &head, sizeof head);
  write_reply(child, child->frame.data, child->frame.size);
}

_Noreturn void finish(Child* child, uint32_t kind) {
  frame_begin(child);
  frame_send(child, kind);
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

void frame_put_exception(Child* child) {
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  if (type) PyErr_NormalizeException(&type, &value, &tb);
  char name[256] = "?";
  if (type) type_name(type, name, sizeof name);
  const struct assay_raised head = {line_of(type ? type : Py_None, value, tb),
                                    (uint32_t)strlen(name)};
  buffer_put(&child->frame, &head, sizeof head);
  buffer_put(&child->frame, name, head.type_bytes);
  PyObject* message = message_of(value);
  if (message) {
    size_t size = (size_t)PyBytes_Size(message);
    const char* text = PyBytes_AsString(message);
    if (size > kTextBytesMax) {
      size = kTextBytesMax;
      while (size && (text[size] & 0xc0) == 0x80) --size;
    }
    buffer_put(&child->frame, text, size);
    Py_DECREF(message);
  }
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(tb);
  PyErr_Clear();
}

_Noreturn void finish_with_exception(Child* child, uint32_t kind) {
  frame_begin(child);
  frame_put_exception(child);
  frame_send(child, kind);
  _exit(0);
}

static _Noreturn void finish_with_text(Child* child, uint32_t kind, const char* text) {
  const struct assay_raised head = {0, 0};
  frame_begin(child);
  buffer_put(&child->frame, &head, sizeof head);
  buffer_put(&child->frame, text, strlen(text));
  frame_send(child, kind);
  _exit(0);
}

// ---- the program

static char* read_text(int fd, uint64_t size) {
  char* text = malloc(size + 1);
  if (!text || read_whole(fd, text, size)) _exit(71);
  text[size] = 0;
  return text;
}

static PyObject* compiled(const char* text, uint64_t size, const char* file) {
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyObject* source = PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogatepass");
  PyObject* code = builtins && source ? PyObject_CallMethod(builtins, "compile", "OssiO", source,
                                                            file, "exec", 0, Py_True)
                                      : NULL;
  Py_XDECREF(builtins);
  Py_XDECREF(source);
  return code;
}

/// A fresh namespace that is a real module's ("solution"), so that dataclasses, pickle and typing
/// find it; `if __name__ == "__main__":` is not taken, as when a harness calls exec().
static PyObject* fresh_namespace(const char* name) {
  PyObject* module = PyImport_AddModule(name);
  if (!module) _exit(72);
  PyObject* names = PyModule_GetDict(module);
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyDict_SetItemString(names, "__builtins__", builtins);
  Py_XDECREF(builtins);
  return names;
}

static void execute(PyObject* code, PyObject* names, Child* child, uint32_t raised,
                    uint32_t exited) {
  PyObject* result = PyEval_EvalCode(code, names, names);
  if (result) {
    Py_DECREF(result);
    return;
  }
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) finish_with_exception(child, kFrameMemory);
  finish_with_exception(child, PyErr_ExceptionMatches(PyExc_SystemExit) ? exited : raised);
}

static PyObject* load_program(Child* child, PyObject* names) {
  PyObject* code = compiled(child->program, child->job.program_bytes, "<solution>");
  if (!code) finish_with_exception(child, kFrameSyntax);
  execute(code, names, child, kFrameTopRaised, kFrameExited);
  Py_DECREF(code);
  PyObject* name =
      PyUnicode_DecodeUTF8(child->entry_point, (Py_ssize_t)child->job.entry_point_bytes, "strict");
  PyObject* function = name ? PyDict_GetItem(names, name) : NULL;
  Py_XDECREF(name);
  PyErr_Clear();
  if (!function) finish_with_text(child, kFrameNoEntry, "is not defined");
  if (!PyCallable_Check(function)) finish_with_text(child, kFrameNoEntry, "is not callable");
  Py_INCREF(function);
  frame_begin(child);
  frame_send(child, kFrameLoaded);
  return function;
}

// ---- calls with inputs

typedef struct {
  const unsigned char* base;
  const uint64_t* offsets;
  uint64_t count;
} Mapped;

static Mapped map_inputs(int fd) {
  struct stat status;
  Mapped mapped = {NULL, NULL, 0};
  if (fstat(fd, &status)) _exit(73);
  const unsigned char* base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (base == MAP_FAILED) _exit(73);
  close(fd);
  struct assay_inputs head;
  memcpy(&head, base, sizeof head);
  if (head.magic != kInputsMagic) _exit(73);
  mapped.base = base;
  mapped.offsets = (const uint64_t*)(base + sizeof head);
  mapped.count = head.count;
  return mapped;
}

static PyObject* arguments_at(const Mapped* inputs, uint64_t index) {
  const unsigned char* at = inputs->base + inputs->offsets[index];
  PyObject* arguments = codec_decode(&at, inputs->base + inputs->offsets[index + 1]);
  if (arguments && !PyTuple_Check(arguments)) Py_CLEAR(arguments);
  return arguments;
}

/// One call: its reply is in the frame afterwards. Returns the frame's kind.
static uint32_t call_once(Child* child, PyObject* function, PyObject* arguments) {
  PyObject* result = PyObject_CallObject(function, arguments);
  frame_begin(child);
  if (result) {
    const int error = codec_encode(result, &child->frame);
    Py_DECREF(result);
    if (error == kEncoded) return kFrameValue;
    if (error == kTooLarge)
      finish_with_text(child, kFrameOutput, "too large or too deep to encode");
    frame_begin(child);
  }
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) finish_with_exception(child, kFrameMemory);
  frame_put_exception(child);
  return kFrameRaised;
}

static _Noreturn void run_inputs(Child* child, int inputs_fd) {
  const Mapped inputs = map_inputs(inputs_fd);
  PyObject* function = load_program(child, fresh_namespace("solution"));
  for (uint64_t i = child->job.first; i < inputs.count; ++i) {
    PyObject* arguments = arguments_at(&inputs, i);
    child->index = (uint32_t)i;
    if (!arguments) {
      if (PyErr_ExceptionMatches(PyExc_MemoryError)) finish_with_exception(child, kFrameMemory);
      finish_with_exception(child, kFrameSetup);
    }
    const uint32_t kind = call_once(child, function, arguments);
    frame_send(child, kind);
    Py_DECREF(arguments);
  }
  finish(child, kFrameDone);
}

// ---- checkers

static _Noreturn void finish_check(Child* child, PyObject* code, PyObject* names) {
  PyObject* result = PyEval_EvalCode(code, names, names);
  if (result) finish(child, kFrameDone);
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  PyErr_NormalizeException(&type, &value, &tb);
  uint32_t kind = kFrameCheckRaised;
  if (PyErr_GivenExceptionMatches(type, PyExc_MemoryError)) kind = kFrameMemory;
  // An AssertionError that came out of the judged program is an exception of its own making.
  if (PyErr_GivenExceptionMatches(type, PyExc_AssertionError) && value != child->relayed) {
    kind = kFrameAssertion;
  }
  PyErr_Restore(type, value, tb);
  finish_with_exception(child, kind);
}

static PyObject* checker_code(Child* child) {
  PyObject* code = compiled(child->program, child->job.program_bytes, "<checker>");
  if (!code) finish_with_exception(child, kFrameSetup);
  return code;
}

static void bind(PyObject* names, const char* name, PyObject* function) {
  PyDict_SetItemString(names, name, function);
  PyDict_SetItemString(names, "candidate", function);
}

/// A test that draws must not draw what the program can foretell: from the test's own text, which
/// the program never sees, and yet the same in every run.
static void seed_random(const char* text, uint64_t size) {
  PyObject* module = PyImport_ImportModule("random");
  PyObject* done =
      module ? PyObject_CallMethod(module, "seed", "y#", text, (Py_ssize_t)size) : NULL;
  if (!done) _exit(72);
  Py_DECREF(done);
  Py_DECREF(module);
}

static _Noreturn void run_checker(Child* child) {
  PyObject* names = fresh_namespace("checker");
  seed_random(child->program, child->job.program_bytes);
  PyObject* setup = compiled(child->setup, child->job.setup_bytes, "<setup>");
  if (!setup) finish_with_exception(child, kFrameSetup);
  execute(setup, names, child, kFrameSetup, kFrameSetup);
  PyObject* code = checker_code(child);
  PyObject* proxy = proxy_new(child);
  if (!proxy) finish_with_exception(child, kFrameSetup);
  bind(names, child->entry_point, proxy);
  frame_begin(child);
  frame_send(child, kFrameLoaded);
  finish_check(child, code, names);
}

/// The last resort: program and checker in one namespace. Here `setup` is the program's text.
static _Noreturn void run_in_process(Child* child) {
  PyObject* names = fresh_namespace("solution");
  PyObject* code = checker_code(child);
  char* checker = child->program;
  const uint64_t checker_bytes = child->job.program_bytes;
  child->program = child->setup;
  child->job.program_bytes = child->job.setup_bytes;
  PyObject* function = load_program(child, names);
  child->program = checker;
  child->job.program_bytes = checker_bytes;
  bind(names, child->entry_point, function);
  finish_check(child, code, names);
}

_Noreturn void child_main(int control, int replies, int inputs) {
  static Child child;
  child.control = control;
  child.replies = replies;
  child.peer = inputs;
  if (read_whole(control, &child.job, sizeof child.job)) _exit(71);
  child.entry_point = read_text(control, child.job.entry_point_bytes);
  child.program = read_text(control, child.job.program_bytes);
  child.setup = read_text(control, child.job.setup_bytes);
  child.frame.limit = child.job.reply_bytes_max + sizeof(struct assay_frame) + 8192;
  // The first allocation is made before the program can use up the memory.
  const struct assay_frame none = {0};
  if (buffer_put(&child.frame, &none, sizeof none)) _exit(71);
  switch (child.job.mode) {
    case kModeRun:
      run_inputs(&child, inputs);
    case kModeServe:
      serve_calls(&child, load_program(&child, fresh_namespace("solution")));
    case kModeChecker:
      run_checker(&child);
    case kModeInProcess:
      run_in_process(&child);
    default:
      _exit(71);
  }
}
