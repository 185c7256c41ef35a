// The warm interpreter as a maker of judged processes (confined.h). It never reads a byte that one of
// them wrote.
#include <sys/prctl.h>

#include "sandbox/runtime/confined.h"
#include "sandbox/runtime/python/child.h"
#include "sandbox/runtime/python/codec.h"
#include "sandbox/runtime/python/proxy.h"
#include "sandbox/runtime/python/types.h"

/// For zygote.py, before it serves.
static PyObject* refuse(PyObject* self, PyObject* text) {
  (void)self;
  PyObject* bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
  jail_fail_with(bytes ? PyBytes_AsString(bytes) : "zygote.py has a reason that cannot be told");
}

static _Noreturn void become_child(const struct assay_command* command, const int* fds) {
  (void)command;
  child_main(fds[0], fds[1], fds[2], fds[3]);
}

static PyObject* serve(PyObject* self, PyObject* arguments) {
  (void)self;
  int flags;
  PyObject *leaves_nothing, *remember, *opened, *closed, *crossing, *remade, *prepared, *wrong;
  if (!PyArg_ParseTuple(arguments, "iOOOOOOOO", &flags, &leaves_nothing, &remember, &opened,
                        &closed, &crossing, &remade, &prepared, &wrong) ||
      types_init(crossing, remade)) {
    return NULL;
  }
  child_init(leaves_nothing, remember, prepared, wrong);
  script_init(opened, closed);
  const struct maker interpreter = {PyOS_BeforeFork, PyOS_AfterFork_Parent, PyOS_AfterFork_Child,
                                    become_child};
  enum { kDescriptors = 32 };
  make_judged(flags, kDescriptors, &interpreter);
}

static PyMethodDef methods[] = {
    {"serve", serve, METH_VARARGS, NULL}, {"refuse", refuse, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_assay", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__assay(void) {
  PyObject* made = PyModule_Create(&module);
  if (made && (codec_init() || proxy_init())) Py_CLEAR(made);
  return made;
}
