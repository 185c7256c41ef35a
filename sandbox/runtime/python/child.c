#include "sandbox/runtime/python/child.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/runtime/python/codec.h"
#include "sandbox/runtime/python/proxy.h"
#include "sandbox/runtime/python/reply.h"

// Whatever runs here is untrusted from the moment the program starts; nothing that is checked
// against is ever in this process.

typedef struct {
  char* text;
  uint64_t size;
} Text;

typedef struct {
  Channel channel;
  Peer peer;
  struct assay_job job;
  Text entry_point, program, checker, setup;
  PyObject* told;  ///< of the checker: says where it failed (zygote.py's testing)
} Child;

static PyObject *leaves_nothing, *remember, *prepared, *wrong;
void child_init(PyObject* leaves_nothing_, PyObject* remember_, PyObject* prepared_,
                PyObject* wrong_) {
  leaves_nothing = Py_NewRef(leaves_nothing_);
  remember = Py_NewRef(remember_);
  prepared = Py_NewRef(prepared_);
  wrong = Py_NewRef(wrong_);
}

/// From here on an end is the text's own doing: what is ours has been done.
static void begin(Child* child) {
  frame_begin(&child->channel);
  frame_send(&child->channel, kFrameBegan);
}

// ---- the program

static Text read_text(int fd, uint64_t size) {
  const Text text = {malloc(size + 1), size};
  if (!text.text) _exit(kExitMemory);
  if (read_whole(fd, text.text, size)) _exit(kExitJob);
  text.text[size] = 0;
  return text;
}

static PyObject* compiled(const Text* text, const char* file) {
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyObject* source = PyUnicode_DecodeUTF8(text->text, (Py_ssize_t)text->size, "surrogatepass");
  PyObject* code = builtins && source ? PyObject_CallMethod(builtins, "compile", "OssiO", source,
                                                            file, "exec", 0, Py_True)
                                      : NULL;
  Py_XDECREF(builtins);
  Py_XDECREF(source);
  return code;
}

/// Whether a text that raised MemoryError met the end of its memory: a compiler says the same of a
/// text that is nested too deep. A syntax tree takes up to a hundred times its text.
static int is_short_of_memory(const Text* text) {
  const size_t wanted = (size_t)text->size * 100 + (1 << 20);
  void* got = mmap(NULL, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) return 1;
  munmap(got, wanted);
  return 0;
}

/// The last frame of a text that does not compile: `kind`, or that the memory did not suffice. A
/// compiler that finds no memory may forget to say so: then compile() raises SystemError.
static _Noreturn void finish_uncompiled(Child* child, const Text* text, uint32_t kind) {
  const int memory =
      PyErr_ExceptionMatches(PyExc_MemoryError) || PyErr_ExceptionMatches(PyExc_SystemError);
  finish_with_exception(&child->channel, memory && is_short_of_memory(text) ? kFrameMemory : kind);
}

/// A fresh namespace that is a real module's ("solution"), so that dataclasses, pickle and typing
/// find it; `if __name__ == "__main__":` is not taken, as when a harness calls exec().
static PyObject* fresh_namespace(const char* name) {
  PyObject* module = PyImport_AddModule(name);
  if (!module) _exit(PyErr_ExceptionMatches(PyExc_MemoryError) ? kExitMemory : kExitPython);
  PyObject* names = PyModule_GetDict(module);
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyDict_SetItemString(names, "__builtins__", builtins);
  Py_XDECREF(builtins);
  return names;
}

/// Takes the module out of the interpreter and its names out of the module, so that neither a cycle
/// nor a finalizer keeps what a program answered.
static void forget_namespace(const char* name) {
  PyObject* module = PyImport_AddModule(name);
  PyObject* names = module ? PyModule_GetDict(module) : NULL;
  if (!names) _exit(kExitPython);
  Py_INCREF(names);
  PyDict_DelItemString(PyImport_GetModuleDict(), name);
  PyDict_Clear(names);
  Py_DECREF(names);
  PyErr_Clear();
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

static PyObject* program_code(Child* child) {
  PyObject* code = compiled(&child->program, "<solution>");
  if (!code) finish_uncompiled(child, &child->program, kFrameSyntax);
  PyObject* text =
      PyUnicode_DecodeUTF8(child->program.text, (Py_ssize_t)child->program.size, "surrogatepass");
  PyObject* none = text ? PyObject_CallFunctionObjArgs(remember, text, NULL) : NULL;
  Py_XDECREF(none);
  Py_XDECREF(text);
  PyErr_Clear();  // without it the program runs all the same
  return code;
}

static PyObject* load_program(Child* child, PyObject* names) {
  PyObject* code = program_code(child);
  execute(code, names, child, kFrameTopRaised, kFrameExited);
  Py_DECREF(code);
  PyObject* name =
      PyUnicode_DecodeUTF8(child->entry_point.text, (Py_ssize_t)child->entry_point.size, "strict");
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
  if (fstat(fd, &status)) _exit(kExitInputs);
  const unsigned char* base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (base == MAP_FAILED) _exit(errno == ENOMEM ? kExitMemory : kExitInputs);
  close(fd);
  struct assay_inputs head;
  memcpy(&head, base, sizeof head);
  if (head.magic != kInputsMagic) _exit(kExitInputs);
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
  PyObject* names = fresh_namespace("solution");
  begin(child);
  PyObject* function = load_program(child, names);
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

/// The last frame's kind, from how the checker's code ended.
static uint32_t verdict_of(Child* child, PyObject* result) {
  if (result) return kFrameDone;
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return kFrameMemory;
  if (!PyErr_ExceptionMatches(wrong)) return kFrameCheckRaised;
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  PyErr_NormalizeException(&type, &value, &tb);
  // An AssertionError that came out of the judged program is an exception of its own making.
  const int relayed = value == child->peer.relayed;
  PyErr_Restore(type, value, tb);
  return relayed ? kFrameCheckRaised : kFrameAssertion;
}

/// Executes the checker's code and makes the last frame; returns its kind.
static uint32_t check(Child* child, PyObject* code, PyObject* names) {
  PyObject* result = PyEval_EvalCode(code, names, names);
  const uint32_t kind = verdict_of(child, result);
  frame_begin(&child->channel);
  if (!result) frame_put_exception_told(&child->channel, child->told);
  Py_XDECREF(result);
  return kind;
}

static _Noreturn void check_and_finish(Child* child, PyObject* code, PyObject* names) {
  frame_send(&child->channel, check(child, code, names));
  _exit(0);
}

static PyObject* setup_code(Child* child) {
  PyObject* code = compiled(&child->setup, "<setup>");
  if (!code) finish_uncompiled(child, &child->setup, kFrameSetup);
  return code;
}

/// `alone`: no program is in this process.
static PyObject* checker_code(Child* child, int alone) {
  const Text* text = &child->checker;
  PyObject* source = PyUnicode_DecodeUTF8(text->text, (Py_ssize_t)text->size, "surrogatepass");
  PyObject* both = source ? PyObject_CallFunction(prepared, "Oi", source, alone) : NULL;
  PyObject* code = both ? PyTuple_GetItem(both, 0) : NULL;
  child->told = both ? PyTuple_GetItem(both, 1) : NULL;
  if (!code || !child->told) finish_uncompiled(child, text, kFrameSetup);
  Py_INCREF(code);
  Py_INCREF(child->told);
  Py_DECREF(both);
  Py_DECREF(source);
  return code;
}

static void bind_program(PyObject* names, const Text* name, PyObject* function) {
  PyDict_SetItemString(names, name->text, function);
  PyDict_SetItemString(names, "candidate", function);
}

/// A test that draws must not draw what the program can foretell: from the test's own text, which
/// the program never sees, and yet the same in every run.
static void seed_random(const Text* text) {
  PyObject* module = PyImport_ImportModule("random");
  PyObject* done =
      module ? PyObject_CallMethod(module, "seed", "y#", text->text, (Py_ssize_t)text->size) : NULL;
  if (!done) _exit(PyErr_ExceptionMatches(PyExc_MemoryError) ? kExitMemory : kExitPython);
  Py_DECREF(done);
  Py_DECREF(module);
}

/// A kept checker waits for its next program: a new nonce, and the stream to it.
static void await_next(Child* child) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec body = {&child->job, sizeof child->job};
  struct msghdr message = {.msg_iov = &body,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t n;
  do {
    n = recvmsg(child->channel.control, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  } while (n < 0 && errno == EINTR);
  const struct cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (n != (ssize_t)sizeof child->job || !head) _exit(kExitUnheard);
  memcpy(&child->channel.peer, CMSG_DATA(head), sizeof child->channel.peer);
  child->channel.nonce = child->job.nonce;
  child->channel.index = 0;
}

static int leaves(const Text* text) {
  PyObject* said = PyObject_CallFunction(leaves_nothing, "s#", text->text, (Py_ssize_t)text->size);
  const int nothing = said && PyObject_IsTrue(said) == 1;
  PyErr_Clear();  // a text that cannot be looked at is executed once
  Py_XDECREF(said);
  return nothing;
}

/// Whether this checker stays for another program. The jail's filter lets descriptors be received
/// on kFdControl alone, so that is where its control stream goes.
static int prepare_to_stay(Child* child) {
  if (child->job.mode != kModeKept || !leaves(&child->setup) || !leaves(&child->checker)) return 0;
  if (dup2(child->channel.control, kFdControl) < 0) return 0;
  close(child->channel.control);
  child->channel.control = kFdControl;
  return 1;
}

/// The checker for one program, to its last frame. The codes are compiled where they are not yet.
static uint32_t check_once(Child* child, PyObject** setup, PyObject** code) {
  PyObject* names = fresh_namespace("checker");
  seed_random(&child->checker);
  begin(child);
  if (!*setup) *setup = setup_code(child);
  execute(*setup, names, child, kFrameSetup, kFrameSetup);
  if (!*code) *code = checker_code(child, 1);
  PyObject* proxy = proxy_new(&child->peer);
  if (!proxy) finish_with_exception(&child->channel, kFrameSetup);
  bind_program(names, &child->entry_point, proxy);
  Py_DECREF(proxy);
  frame_begin(&child->channel);
  frame_send(&child->channel, kFrameLoaded);
  const uint32_t kind = check(child, *code, names);
  Py_CLEAR(child->peer.relayed);
  return kind;
}

/// One program, or one after another: each finds the namespace, the generator and the codes as the
/// first one did. Anything but a plain verdict ends the process.
static _Noreturn void run_checker(Child* child) {
  const int stays = prepare_to_stay(child);
  PyObject *setup = NULL, *code = NULL;
  for (;;) {
    const uint32_t kind = check_once(child, &setup, &code);
    const int plain = kind == kFrameDone || kind == kFrameAssertion || kind == kFrameCheckRaised;
    child->channel.index = stays && plain ? kIndexStays : 0;
    frame_send(&child->channel, kind);
    if (!child->channel.index) _exit(0);
    // It does not end, so the supervisor would not look.
    if (write(child->channel.control, "v", 1) < 0) _exit(kExitUnheard);
    close(child->channel.peer);
    forget_namespace("checker");
    await_next(child);
  }
}

/// The last resort: program and checker in one namespace.
static _Noreturn void run_in_process(Child* child) {
  PyObject* names = fresh_namespace("solution");
  begin(child);
  PyObject* code = checker_code(child, 0);
  bind_program(names, &child->entry_point, load_program(child, names));
  check_and_finish(child, code, names);
}

static _Noreturn void run_served(Child* child) {
  PyObject* names = fresh_namespace("solution");
  begin(child);
  serve_calls(&child->peer, load_program(child, names));
}

// ---- scripts

static PyObject *opened, *closed;
void script_init(PyObject* opened_, PyObject* closed_) {
  opened = Py_NewRef(opened_);
  closed = Py_NewRef(closed_);
}

/// The module that a script is: nothing of the zygote's own.
static PyObject* main_namespace(void) {
  PyObject* module = PyModule_New("__main__");
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyObject* file = PyUnicode_FromString("solution.py");
  PyObject* names = module && builtins && file ? PyModule_GetDict(module) : NULL;
  if (!names || PyDict_SetItemString(names, "__builtins__", builtins) ||
      PyDict_SetItemString(names, "__file__", file) ||
      PyDict_SetItemString(PyImport_GetModuleDict(), "__main__", module))
    _exit(PyErr_ExceptionMatches(PyExc_MemoryError) ? kExitMemory : kExitPython);
  Py_DECREF(builtins);
  Py_DECREF(file);
  return names;
}

/// Whether the pending SystemExit says that all is well: sys.exit(), sys.exit(0). Clears it then.
static int exits_well(void) {
  PyObject *type, *value, *tb;
  PyErr_Fetch(&type, &value, &tb);
  PyErr_NormalizeException(&type, &value, &tb);
  PyObject* code = value ? PyObject_GetAttrString(value, "code") : NULL;
  const int well =
      code && (code == Py_None ||
               (PyLong_Check(code) && (PyLong_AsLong(code) & 0xff) == 0 && !PyErr_Occurred()));
  Py_XDECREF(code);
  PyErr_Clear();
  if (!well) {
    PyErr_Restore(type, value, tb);
    return 0;
  }
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(tb);
  return 1;
}

static _Noreturn void run_script(Child* child, int input, int output) {
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0) _exit(kExitJob);
  close(input);
  close(output);
  PyObject* names = main_namespace();
  PyObject* stream = PyObject_CallObject(opened, NULL);
  if (!stream) _exit(PyErr_ExceptionMatches(PyExc_MemoryError) ? kExitMemory : kExitPython);
  begin(child);
  PyObject* code = program_code(child);
  PyObject* result = PyEval_EvalCode(code, names, names);
  if (!result && PyErr_ExceptionMatches(PyExc_MemoryError))
    finish_with_exception(&child->channel, kFrameMemory);
  if (!result && !PyErr_ExceptionMatches(PyExc_SystemExit))
    finish_with_exception(&child->channel, kFrameTopRaised);
  if (!result && !exits_well()) finish_with_exception(&child->channel, kFrameExited);
  PyObject* done = PyObject_CallFunctionObjArgs(closed, stream, NULL);
  if (!done) finish_with_exception(&child->channel, kFrameTopRaised);
  finish(&child->channel, kFrameDone);
}

_Noreturn void child_main(int control, int replies, int third, int fourth) {
  static Child child;
  if (read_whole(control, &child.job, sizeof child.job)) _exit(kExitJob);
  child.channel = (Channel){control, replies, third, child.job.nonce, 0, {0}};
  child.peer = (Peer){&child.channel, child.job.reply_bytes_max, NULL};
  child.entry_point = read_text(control, child.job.entry_point_bytes);
  child.program = read_text(control, child.job.program_bytes);
  child.checker = read_text(control, child.job.checker_bytes);
  child.setup = read_text(control, child.job.setup_bytes);
  child.channel.frame.limit = child.job.reply_bytes_max + sizeof(struct assay_frame) + 8192;
  // The first allocation is made before the program can use up the memory.
  const struct assay_frame none = {0};
  if (buffer_put(&child.channel.frame, &none, sizeof none)) _exit(kExitMemory);
  switch (child.job.mode) {
    case kModeRun:
      run_inputs(&child, third);
    case kModeServe:
      run_served(&child);
    case kModeChecker:
    case kModeKept:
      run_checker(&child);
    case kModeInProcess:
      run_in_process(&child);
    case kModeScript:
      run_script(&child, third, fourth);
    default:
      _exit(kExitJob);
  }
}
