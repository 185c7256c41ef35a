#include "sandbox/runtime/python/child.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/runtime/python/codec.h"
#include "sandbox/runtime/python/proxy.h"
#include "sandbox/runtime/python/reply.h"

// Whatever runs here is untrusted from the moment the program starts; nothing that is checked
// against is ever in this process.

typedef struct {
  Channel channel;
  Peer peer;
  struct assay_job job;
  char *entry_point, *program, *setup;
} Child;

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
  if (PyErr_ExceptionMatches(PyExc_MemoryError))
    finish_with_exception(&child->channel, kFrameMemory);
  finish_with_exception(&child->channel,
                        PyErr_ExceptionMatches(PyExc_SystemExit) ? exited : raised);
}

static PyObject* load_program(Child* child, PyObject* names) {
  PyObject* code = compiled(child->program, child->job.program_bytes, "<solution>");
  if (!code) finish_with_exception(&child->channel, kFrameSyntax);
  execute(code, names, child, kFrameTopRaised, kFrameExited);
  Py_DECREF(code);
  PyObject* name =
      PyUnicode_DecodeUTF8(child->entry_point, (Py_ssize_t)child->job.entry_point_bytes, "strict");
  PyObject* function = name ? PyDict_GetItem(names, name) : NULL;
  Py_XDECREF(name);
  PyErr_Clear();
  if (!function) finish_with_text(&child->channel, kFrameNoEntry, "is not defined");
  if (!PyCallable_Check(function))
    finish_with_text(&child->channel, kFrameNoEntry, "is not callable");
  Py_INCREF(function);
  frame_begin(&child->channel);
  frame_send(&child->channel, kFrameLoaded);
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
  frame_begin(&child->channel);
  if (result) {
    const int error = codec_encode(result, &child->channel.frame);
    Py_DECREF(result);
    if (error == kEncoded) return kFrameValue;
    if (error == kTooLarge)
      finish_with_text(&child->channel, kFrameOutput, "too large or too deep to encode");
    frame_begin(&child->channel);
  }
  if (PyErr_ExceptionMatches(PyExc_MemoryError))
    finish_with_exception(&child->channel, kFrameMemory);
  frame_put_exception(&child->channel);
  return kFrameRaised;
}

static _Noreturn void run_inputs(Child* child, int inputs_fd) {
  const Mapped inputs = map_inputs(inputs_fd);
  PyObject* function = load_program(child, fresh_namespace("solution"));
  for (uint64_t i = child->job.first; i < inputs.count; ++i) {
    PyObject* arguments = arguments_at(&inputs, i);
    child->channel.index = (uint32_t)i;
    if (!arguments) {
      if (PyErr_ExceptionMatches(PyExc_MemoryError))
        finish_with_exception(&child->channel, kFrameMemory);
      finish_with_exception(&child->channel, kFrameSetup);
    }
    const uint32_t kind = call_once(child, function, arguments);
    frame_send(&child->channel, kind);
    Py_DECREF(arguments);
  }
  finish(&child->channel, kFrameDone);
}

// ---- checkers

static _Noreturn void finish_check(Child* child, PyObject* code, PyObject* names) {
  PyObject* result = PyEval_EvalCode(code, names, names);
  if (result) finish(&child->channel, kFrameDone);
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  PyErr_NormalizeException(&type, &value, &tb);
  uint32_t kind = kFrameCheckRaised;
  if (PyErr_GivenExceptionMatches(type, PyExc_MemoryError)) kind = kFrameMemory;
  // An AssertionError that came out of the judged program is an exception of its own making.
  if (PyErr_GivenExceptionMatches(type, PyExc_AssertionError) && value != child->peer.relayed) {
    kind = kFrameAssertion;
  }
  PyErr_Restore(type, value, tb);
  finish_with_exception(&child->channel, kind);
}

static PyObject* checker_code(Child* child) {
  PyObject* code = compiled(child->program, child->job.program_bytes, "<checker>");
  if (!code) finish_with_exception(&child->channel, kFrameSetup);
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
  if (!setup) finish_with_exception(&child->channel, kFrameSetup);
  execute(setup, names, child, kFrameSetup, kFrameSetup);
  PyObject* code = checker_code(child);
  PyObject* proxy = proxy_new(&child->peer);
  if (!proxy) finish_with_exception(&child->channel, kFrameSetup);
  bind(names, child->entry_point, proxy);
  frame_begin(&child->channel);
  frame_send(&child->channel, kFrameLoaded);
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

_Noreturn void child_main(int control, int replies, int third) {
  static Child child;
  if (read_whole(control, &child.job, sizeof child.job)) _exit(71);
  child.channel = (Channel){control, replies, third, child.job.nonce, 0, {0}};
  child.peer = (Peer){&child.channel, child.job.reply_bytes_max, NULL};
  child.entry_point = read_text(control, child.job.entry_point_bytes);
  child.program = read_text(control, child.job.program_bytes);
  child.setup = read_text(control, child.job.setup_bytes);
  child.channel.frame.limit = child.job.reply_bytes_max + sizeof(struct assay_frame) + 8192;
  // The first allocation is made before the program can use up the memory.
  const struct assay_frame none = {0};
  if (buffer_put(&child.channel.frame, &none, sizeof none)) _exit(71);
  switch (child.job.mode) {
    case kModeRun:
      run_inputs(&child, third);
    case kModeServe:
      serve_calls(&child.peer, load_program(&child, fresh_namespace("solution")));
    case kModeChecker:
      run_checker(&child);
    case kModeInProcess:
      run_in_process(&child);
    default:
      _exit(71);
  }
}
