#include "sandbox/runtime/python/types.h"

#include <string.h>

#include "harness/base/value/names.h"

/// An iterator is read so far; one that gives more stays opaque, as an endless one must.
enum { kIteratorItemsMax = 100000 };

typedef struct {
  /// What gives each part (a text is the part itself); None: the items; else what gives the items.
  PyObject *type, *readers;
  char tag;
} Row;

static Row* rows;
static Py_ssize_t row_count;
static PyObject *enum_type, *function_type, *own_names, *exact_int, *exact_str;
/// What tp_richcompare is where a class leaves == to its base.
static void *tuple_compare, *int_compare, *str_compare, *object_compare;
static PyObject* remade;

static void* compare_of(PyObject* type) {
  return PyType_GetSlot((PyTypeObject*)type, Py_tp_richcompare);
}

static int take_rows(PyObject* list) {
  row_count = PyList_Size(list);
  rows = calloc((size_t)row_count, sizeof *rows);
  if (!rows) return -1;
  for (Py_ssize_t i = 0; i < row_count; ++i) {
    const char* tag;
    if (!PyArg_ParseTuple(PyList_GetItem(list, i), "OsO", &rows[i].type, &tag, &rows[i].readers)) {
      return -1;
    }
    rows[i].tag = tag[0];
  }
  return 0;
}

int types_init(PyObject* crossing, PyObject* remade_) {
  PyObject *list, *tuple, *integer, *text, *object;
  if (!PyArg_ParseTuple(crossing, "OOOOOO(OOOO)", &list, &enum_type, &function_type, &own_names,
                        &exact_int, &exact_str, &tuple, &integer, &text, &object)) {
    return -1;
  }
  // For good: with `crossing` live the rows, what reads them and all the types.
  Py_INCREF(crossing);
  Py_INCREF(remade_);
  remade = remade_;
  tuple_compare = compare_of(tuple);
  int_compare = compare_of(integer);
  str_compare = compare_of(text);
  object_compare = compare_of(object);
  return take_rows(list);
}

// ---- parts

/// The items of an iterator; NotImplemented where there are too many.
static PyObject* items_within(PyObject* object, Py_ssize_t count_max) {
  PyObject *items = PyList_New(0), *iterator = PyObject_GetIter(object), *item = NULL;
  while (items && iterator && (item = PyIter_Next(iterator))) {
    const int error = PyList_Append(items, item);
    Py_DECREF(item);
    if (error) break;
    if (PyList_Size(items) > count_max) {
      Py_DECREF(items);
      Py_DECREF(iterator);
      Py_INCREF(Py_NotImplemented);
      return Py_NotImplemented;
    }
  }
  Py_XDECREF(iterator);
  if (PyErr_Occurred()) Py_CLEAR(items);
  return items;
}

/// A list of the parts, or NotImplemented, or NULL with an exception set.
static PyObject* read_parts(const Row* row, PyObject* object) {
  if (row->readers == Py_None) {
    return items_within(object, row->tag == 'g' ? kIteratorItemsMax : PY_SSIZE_T_MAX - 1);
  }
  if (!PyTuple_Check(row->readers)) {
    PyObject* items = PyObject_CallFunctionObjArgs(row->readers, object, NULL);
    PyObject* parts = items ? items_within(items, PY_SSIZE_T_MAX - 1) : NULL;
    Py_XDECREF(items);
    return parts;
  }
  const Py_ssize_t count = PyTuple_Size(row->readers);
  PyObject* parts = PyList_New(count);
  for (Py_ssize_t i = 0; parts && i < count; ++i) {
    PyObject* reader = PyTuple_GetItem(row->readers, i);
    PyObject* part = reader;
    if (PyUnicode_Check(reader)) {
      Py_INCREF(part);
    } else {
      part = PyObject_CallFunctionObjArgs(reader, object, NULL);
    }
    if (!part || part == Py_NotImplemented) {
      Py_DECREF(parts);
      return part;
    }
    PyList_SetItem(parts, i, part);
  }
  return parts;
}

static PyObject* name_of(PyObject* object) {
  char name[256];
  type_name((PyObject*)Py_TYPE(object), name, sizeof name);
  return PyUnicode_FromString(name);
}

static int is_field_name(PyObject* name) {
  if (Py_TYPE(name) != &PyUnicode_Type) return 0;
  PyObject* text = PyUnicode_AsUTF8String(name);
  const int good = text && is_builtin_name(PyBytes_AsString(text), (size_t)PyBytes_Size(text));
  Py_XDECREF(text);
  PyErr_Clear();
  return good;
}

/// An attribute, or NULL without an exception: what a class hides is not there.
static PyObject* attribute(PyObject* object, const char* name) {
  PyObject* text = PyUnicode_FromString(name);
  // Not the class's own __getattribute__.
  PyObject* value = text ? PyObject_GenericGetAttr(object, text) : NULL;
  Py_XDECREF(text);
  if (!value) PyErr_Clear();
  return value;
}

/// [name, field names, values ...]; the list is given up.
static PyObject* record(PyObject* object, PyObject* fields, PyObject* values) {
  PyObject* name = name_of(object);
  PyObject* head = name && fields ? Py_BuildValue("[OO]", name, fields) : NULL;
  PyObject* parts = head && values ? PySequence_InPlaceConcat(head, values) : NULL;
  Py_XDECREF(name);
  Py_XDECREF(head);
  return parts;
}

/// A tuple whose class names its fields and leaves == to tuple. NULL without an exception where it
/// is none.
static PyObject* named_tuple(PyObject* object) {
  PyObject* fields = PyObject_GetAttrString((PyObject*)Py_TYPE(object), "_fields");
  if (!fields) PyErr_Clear();
  const Py_ssize_t count = PyTuple_Size(object);
  int good = fields && Py_TYPE(fields) == &PyTuple_Type && PyTuple_Size(fields) == count;
  for (Py_ssize_t i = 0; good && i < count; ++i) good = is_field_name(PyTuple_GetItem(fields, i));
  // Not by iteration: a class may override that.
  PyObject* values = good ? PyList_New(count) : NULL;
  for (Py_ssize_t i = 0; values && i < count; ++i) {
    PyObject* item = PyTuple_GetItem(object, i);
    Py_INCREF(item);
    PyList_SetItem(values, i, item);
  }
  PyObject* parts = values ? record(object, fields, values) : NULL;
  Py_XDECREF(values);
  Py_XDECREF(fields);
  return parts;
}

/// A member's name: those of flags are joined by "|".
static int is_member_name(PyObject* name) {
  if (!name || Py_TYPE(name) != &PyUnicode_Type) return 0;
  PyObject* text = PyUnicode_AsUTF8String(name);
  const char* at = text ? PyBytes_AsString(text) : "";
  const int good = at && is_enum_member_name(at, strlen(at));
  Py_XDECREF(text);
  PyErr_Clear();
  return good;
}

/// [class, member, value]. `exact`: what makes the value of a member that is a number or a text.
static PyObject* enum_member(PyObject* object, PyObject* exact) {
  PyObject* member = attribute(object, "_name_");
  PyObject* value = NULL;
  if (is_member_name(member)) {
    value =
        exact ? PyObject_CallFunctionObjArgs(exact, object, NULL) : attribute(object, "_value_");
  }
  PyObject* name = value ? name_of(object) : NULL;
  PyObject* parts = name ? Py_BuildValue("[OOO]", name, member, value) : NULL;
  Py_XDECREF(name);
  Py_XDECREF(value);
  Py_XDECREF(member);
  return parts;
}

/// Whether the class's own __eq__ is the one that dataclass() writes. One that looks like it gains
/// nothing: what is compared are the fields.
static int has_written_equality(PyObject* type) {
  PyObject* names = PyObject_CallFunctionObjArgs(own_names, type, NULL);
  PyObject* equality = names ? PyMapping_GetItemString(names, "__eq__") : NULL;
  PyObject* code = equality && (PyObject*)Py_TYPE(equality) == function_type
                       ? PyObject_GetAttrString(equality, "__code__")
                       : NULL;
  PyObject* file = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
  const int written =
      file && PyUnicode_Check(file) && PyUnicode_CompareWithASCIIString(file, "<string>") == 0;
  Py_XDECREF(file);
  Py_XDECREF(code);
  Py_XDECREF(equality);
  Py_XDECREF(names);
  PyErr_Clear();
  return written;
}

/// Whether the class compares this field: it is one, and not a ClassVar or InitVar.
static int is_compared(PyObject* field) {
  PyObject* compare = attribute(field, "compare");
  PyObject* purpose = compare == Py_True ? attribute(field, "_field_type") : NULL;
  PyObject* name = purpose ? attribute(purpose, "name") : NULL;
  const int compared =
      name && PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "_FIELD") == 0;
  Py_XDECREF(name);
  Py_XDECREF(purpose);
  Py_XDECREF(compare);
  return compared;
}

/// Appends the field where the class compares it. False where that cannot be told.
static int add_field(PyObject* object, PyObject* name, PyObject* field, PyObject* names,
                     PyObject* values) {
  if (!is_field_name(name)) return 0;
  if (!is_compared(field)) return 1;
  PyObject* value = PyObject_GenericGetAttr(object, name);
  const int good = value && !PyList_Append(names, name) && !PyList_Append(values, value);
  Py_XDECREF(value);
  return good;
}

static PyObject* data_class(PyObject* object) {
  PyObject* type = (PyObject*)Py_TYPE(object);
  if (!has_written_equality(type)) return NULL;
  PyObject* fields = PyObject_GetAttrString(type, "__dataclass_fields__");
  PyObject *names = PyList_New(0), *values = PyList_New(0), *parts = NULL;
  int good = fields && names && values && Py_TYPE(fields) == &PyDict_Type;
  Py_ssize_t at = 0;
  PyObject *name, *field;
  while (good && PyDict_Next(fields, &at, &name, &field)) {
    Py_INCREF(name);
    Py_INCREF(field);
    good = add_field(object, name, field, names, values);
    Py_DECREF(name);
    Py_DECREF(field);
  }
  PyObject* tuple = good ? PyList_AsTuple(names) : NULL;
  if (tuple) parts = record(object, tuple, values);
  Py_XDECREF(tuple);
  Py_XDECREF(values);
  Py_XDECREF(names);
  Py_XDECREF(fields);
  return parts;
}

/// The parts of an instance of a class that a program made.
static int made_parts(PyObject* object, PyObject** parts) {
  PyTypeObject* type = Py_TYPE(object);
  if (!(PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE)) return 0;
  void* compare = compare_of((PyObject*)type);
  int tag = 0;
  if ((PyObject*)Py_TYPE(type) == enum_type) {
    const int number = PyLong_Check(object) && compare == int_compare;
    const int text = PyUnicode_Check(object) && compare == str_compare;
    if (number || text || compare == object_compare) {
      tag = number || text ? 'u' : 'E';
      *parts = enum_member(object, number ? exact_int : text ? exact_str : NULL);
    }
  } else if (Py_TYPE(type) == &PyType_Type) {
    const int tuple = PyTuple_Check(object);
    tag = tuple ? 'n' : 'G';
    if (!tuple) *parts = data_class(object);
    if (tuple && compare == tuple_compare) *parts = named_tuple(object);
  }
  if (*parts) return tag;
  if (!PyErr_Occurred()) return 0;
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return -1;
  PyErr_Clear();  // a class whose fields cannot be read is one of the opaque
  return 0;
}

int typed_parts(PyObject* object, PyObject** parts) {
  PyObject* list = NULL;
  int tag = 0;
  for (Py_ssize_t i = 0; !tag && i < row_count; ++i) {
    if ((PyObject*)Py_TYPE(object) != rows[i].type) continue;
    tag = rows[i].tag;
    list = read_parts(&rows[i], object);
  }
  if (!tag) tag = made_parts(object, &list);
  if (tag <= 0) return tag;
  if (list == Py_NotImplemented) tag = 0;
  *parts = tag && list ? PySequence_Tuple(list) : NULL;
  Py_XDECREF(list);
  return tag && !*parts ? -1 : tag;
}

int is_typed_tag(char tag) { return tag && strchr("rfejwkyvgnuEGxa", tag) != NULL; }

PyObject* typed_object(char tag, PyObject* parts) {
  if (parts && !remade) PyErr_SetString(PyExc_ValueError, "nothing remakes it");
  PyObject* object = !parts || !remade ? NULL : PyObject_CallFunction(remade, "CO", tag, parts);
  Py_XDECREF(parts);
  return object;
}
