#include "sandbox/runtime/python/opaque.h"

static PyObject* opaque_type;

typedef struct {
  PyObject_HEAD PyObject* name;
} Opaque;

static void opaque_dealloc(PyObject* self) {
  PyObject* type = (PyObject*)Py_TYPE(self);
  Py_XDECREF(((Opaque*)self)->name);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* opaque_repr(PyObject* self) {
  return PyUnicode_FromFormat("<%U object>", ((Opaque*)self)->name);
}

static PyObject* opaque_compare(PyObject* self, PyObject* other, int operation) {
  (void)self;
  (void)other;
  if (operation == Py_EQ) Py_RETURN_FALSE;
  if (operation == Py_NE) Py_RETURN_TRUE;
  Py_RETURN_NOTIMPLEMENTED;
}

static Py_hash_t opaque_hash(PyObject* self) { return (Py_hash_t)((uintptr_t)self >> 4); }

PyObject* opaque_new(const char* name, size_t size) {
  PyObject* text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)size, "replace");
  if (!text) return NULL;
  Opaque* self = PyObject_New(Opaque, (PyTypeObject*)opaque_type);
  if (self) self->name = text;
  if (!self) Py_DECREF(text);
  return (PyObject*)self;
}

int opaque_init(void) {
  static PyType_Slot slots[] = {{Py_tp_dealloc, opaque_dealloc},
                                {Py_tp_repr, opaque_repr},
                                {Py_tp_richcompare, opaque_compare},
                                {Py_tp_hash, opaque_hash},
                                {0, NULL}};
  static PyType_Spec spec = {"assay.opaque", sizeof(Opaque), 0, Py_TPFLAGS_DEFAULT, slots};
  opaque_type = PyType_FromSpec(&spec);
  return opaque_type ? 0 : -1;
}
