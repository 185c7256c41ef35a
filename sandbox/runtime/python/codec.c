#include "sandbox/runtime/python/codec.h"

#include <string.h>

#include "harness/base/value/names.h"
#include "sandbox/runtime/python/opaque.h"
#include "sandbox/runtime/python/types.h"

enum { kDepthMax = 200 };

// In the stable ABI since 3.10; exported and unchanged since 3.3.
extern const char* PyUnicode_AsUTF8AndSize(PyObject*, Py_ssize_t*);

static PyObject *deque_type, *ordered_dict_type, *default_dict_type, *counter_type;
static PyObject* builtin_names;  ///< a copy made before any program ran
static PyObject *name_bit_length, *name_to_bytes, *name_from_bytes, *little;

int codec_init(void) {
  if (opaque_init()) return -1;
  PyObject* collections = PyImport_ImportModule("collections");
  PyObject* builtins = PyImport_ImportModule("builtins");
  if (!collections || !builtins) return -1;
  deque_type = PyObject_GetAttrString(collections, "deque");
  ordered_dict_type = PyObject_GetAttrString(collections, "OrderedDict");
  default_dict_type = PyObject_GetAttrString(collections, "defaultdict");
  counter_type = PyObject_GetAttrString(collections, "Counter");
  builtin_names = PyDict_Copy(PyModule_GetDict(builtins));
  name_bit_length = PyUnicode_InternFromString("bit_length");
  name_to_bytes = PyUnicode_InternFromString("to_bytes");
  name_from_bytes = PyUnicode_InternFromString("from_bytes");
  little = PyUnicode_InternFromString("little");
  Py_DECREF(collections);
  Py_DECREF(builtins);
  return deque_type && ordered_dict_type && default_dict_type && counter_type && builtin_names ? 0
                                                                                               : -1;
}

// ---- encoding

static int put_head(Buffer* buffer, char tag, uint64_t n) {
  unsigned char bytes[11];
  size_t size = 0;
  bytes[size++] = (unsigned char)tag;
  while (n >= 0x80) {
    bytes[size++] = (unsigned char)(n | 0x80);
    n >>= 7;
  }
  bytes[size++] = (unsigned char)n;
  return buffer_put(buffer, bytes, size);
}

static int put_text(Buffer* buffer, char tag, const char* text, size_t size) {
  const int error = put_head(buffer, tag, size);
  return error ? error : buffer_put(buffer, text, size);
}

static int put_big_integer(Buffer* buffer, PyObject* object) {
  PyObject* bits = PyObject_CallMethodObjArgs(object, name_bit_length, NULL);
  if (!bits) return kRaised;
  const size_t size = (size_t)(PyLong_AsLongLong(bits) + 7) / 8;
  Py_DECREF(bits);
  if (size > buffer->limit) return kTooLarge;
  PyObject* zero = PyLong_FromLong(0);
  const int negative = PyObject_RichCompareBool(object, zero, Py_LT);
  Py_DECREF(zero);
  PyObject* magnitude = PyNumber_Absolute(object);
  PyObject* length = PyLong_FromSize_t(size);
  PyObject* bytes = magnitude && length
                        ? PyObject_CallMethodObjArgs(magnitude, name_to_bytes, length, little, NULL)
                        : NULL;
  Py_XDECREF(magnitude);
  Py_XDECREF(length);
  if (!bytes || !PyBytes_Check(bytes)) {
    Py_XDECREF(bytes);
    return kRaised;
  }
  const char head[2] = {'I', (char)negative};
  int error = buffer_put(buffer, head, 1);
  if (!error) error = put_head(buffer, head[1], (uint64_t)PyBytes_Size(bytes));
  if (!error) error = buffer_put(buffer, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
  Py_DECREF(bytes);
  return error;
}

static int put_integer(Buffer* buffer, PyObject* object) {
  int overflow = 0;
  const long long n = PyLong_AsLongLongAndOverflow(object, &overflow);
  if (overflow) return put_big_integer(buffer, object);
  if (n == -1 && PyErr_Occurred()) return kRaised;
  return put_head(buffer, 'i', ((uint64_t)n << 1) ^ (n < 0 ? ~(uint64_t)0 : 0));
}

static int put_str(Buffer* buffer, PyObject* object) {
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text) return put_text(buffer, 's', text, (size_t)size);
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) return kRaised;
  PyErr_Clear();
  PyObject* bytes = PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass");
  if (!bytes) return kRaised;
  const int error = put_text(buffer, 's', PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
  Py_DECREF(bytes);
  return error;
}

static int put_double(Buffer* buffer, double d) { return buffer_put(buffer, &d, sizeof d); }

/// Builtin types and functions cross by name, found by identity, not by what they say they are.
static int put_builtin(Buffer* buffer, PyObject* object, int* done) {
  *done = 0;
  if (Py_TYPE(object) != &PyType_Type && Py_TYPE(object) != &PyCFunction_Type) return kEncoded;
  PyObject* name = PyObject_GetAttrString(object, "__name__");
  if (!name) {
    PyErr_Clear();
    return kEncoded;
  }
  int error = kEncoded;
  if (PyUnicode_Check(name) && PyDict_GetItem(builtin_names, name) == object) {
    Py_ssize_t size;
    const char* text = PyUnicode_AsUTF8AndSize(name, &size);
    error = text ? put_text(buffer, 'B', text, (size_t)size) : kRaised;
    *done = 1;
  }
  Py_DECREF(name);
  return error;
}

static int put_opaque(Buffer* buffer, PyObject* object) {
  int done;
  const int error = put_builtin(buffer, object, &done);
  if (error || done) return error;
  char name[256];
  type_name((PyObject*)Py_TYPE(object), name, sizeof name);
  return put_text(buffer, 'o', name, strlen(name));
}

static int encode(PyObject* object, Buffer* buffer, int depth);

static int put_iterable(Buffer* buffer, char tag, PyObject* object, int depth) {
  const Py_ssize_t size = PyObject_Size(object);
  if (size < 0) return kRaised;
  int error = put_head(buffer, tag, (uint64_t)size);
  PyObject* iterator = error ? NULL : PyObject_GetIter(object);
  if (!iterator) return error ? error : kRaised;
  Py_ssize_t count = 0;
  PyObject* item;
  while (!error && (item = PyIter_Next(iterator))) {
    error = encode(item, buffer, depth + 1);
    Py_DECREF(item);
    ++count;
  }
  Py_DECREF(iterator);
  if (!error && PyErr_Occurred()) error = kRaised;
  // Changed under our hands (a finalizer, a thread): what was written is not well-formed.
  if (!error && count != size) error = kTooLarge;
  return error;
}

static int put_pairs(Buffer* buffer, char tag, PyObject* object, int depth) {
  PyObject* pairs = PyMapping_Items(object);
  if (!pairs || !PyList_Check(pairs)) {
    Py_XDECREF(pairs);
    return kRaised;
  }
  const Py_ssize_t size = PyList_Size(pairs);
  int error = put_head(buffer, tag, (uint64_t)size);
  for (Py_ssize_t i = 0; !error && i < size; ++i) {
    PyObject* pair = PyList_GetItem(pairs, i);
    PyObject* key = pair ? PyTuple_GetItem(pair, 0) : NULL;
    PyObject* value = pair ? PyTuple_GetItem(pair, 1) : NULL;
    error = key && value ? encode(key, buffer, depth + 1) : kRaised;
    if (!error) error = encode(value, buffer, depth + 1);
  }
  Py_DECREF(pairs);
  return error;
}

static int put_dict(Buffer* buffer, PyObject* object, int depth) {
  const Py_ssize_t size = PyDict_Size(object);
  int error = put_head(buffer, 'm', (uint64_t)size);
  Py_ssize_t at = 0, count = 0;
  PyObject *key, *value;
  while (!error && PyDict_Next(object, &at, &key, &value)) {
    Py_INCREF(key);
    Py_INCREF(value);
    error = encode(key, buffer, depth + 1);
    if (!error) error = encode(value, buffer, depth + 1);
    Py_DECREF(key);
    Py_DECREF(value);
    ++count;
  }
  if (!error && count != size) error = kTooLarge;
  return error;
}

static int put_list(Buffer* buffer, PyObject* object, int depth) {
  const Py_ssize_t size = PyList_Size(object);
  int error = put_head(buffer, 'l', (uint64_t)size);
  for (Py_ssize_t i = 0; !error && i < size; ++i) {
    PyObject* item = PyList_GetItem(object, i);
    if (!item) return kRaised;
    Py_INCREF(item);
    error = encode(item, buffer, depth + 1);
    Py_DECREF(item);
  }
  return error;
}

static int put_tuple(Buffer* buffer, PyObject* object, int depth) {
  const Py_ssize_t size = PyTuple_Size(object);
  int error = put_head(buffer, 't', (uint64_t)size);
  for (Py_ssize_t i = 0; !error && i < size; ++i) {
    error = encode(PyTuple_GetItem(object, i), buffer, depth + 1);
  }
  return error;
}

/// By its parts, where its type is one that crosses so; else opaque.
static int put_typed(Buffer* buffer, PyObject* object, int depth) {
  PyObject* parts = NULL;
  const int tag = typed_parts(object, &parts);
  if (tag < 0) return kRaised;
  if (tag == 0) return put_opaque(buffer, object);
  const Py_ssize_t size = PyTuple_Size(parts);
  int error = put_head(buffer, (char)tag, (uint64_t)size);
  for (Py_ssize_t i = 0; !error && i < size; ++i) {
    error = encode(PyTuple_GetItem(parts, i), buffer, depth + 1);
  }
  Py_DECREF(parts);
  return error;
}

static int encode(PyObject* object, Buffer* buffer, int depth) {
  if (depth > kDepthMax) return kTooLarge;
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyLong_Type) return put_integer(buffer, object);
  if (type == &PyUnicode_Type) return put_str(buffer, object);
  if (type == &PyList_Type) return put_list(buffer, object, depth);
  if (type == &PyTuple_Type) return put_tuple(buffer, object, depth);
  if (object == Py_None) return buffer_put(buffer, "N", 1);
  if (object == Py_True) return buffer_put(buffer, "T", 1);
  if (object == Py_False) return buffer_put(buffer, "F", 1);
  if (type == &PyFloat_Type) {
    const int error = buffer_put(buffer, "d", 1);
    return error ? error : put_double(buffer, PyFloat_AsDouble(object));
  }
  if (type == &PyDict_Type) return put_dict(buffer, object, depth);
  if (type == &PySet_Type) return put_iterable(buffer, 'S', object, depth);
  if (type == &PyFrozenSet_Type) return put_iterable(buffer, 'Z', object, depth);
  if (type == &PyBytes_Type) {
    return put_text(buffer, 'b', PyBytes_AsString(object), (size_t)PyBytes_Size(object));
  }
  if (type == &PyComplex_Type) {
    int error = buffer_put(buffer, "c", 1);
    if (!error) error = put_double(buffer, PyComplex_RealAsDouble(object));
    return error ? error : put_double(buffer, PyComplex_ImagAsDouble(object));
  }
  if ((PyObject*)type == deque_type) return put_iterable(buffer, 'q', object, depth);
  if ((PyObject*)type == counter_type) return put_pairs(buffer, 'C', object, depth);
  if ((PyObject*)type == default_dict_type) return put_pairs(buffer, 'D', object, depth);
  if ((PyObject*)type == ordered_dict_type) return put_pairs(buffer, 'O', object, depth);
  return put_typed(buffer, object, depth);
}

int codec_encode(PyObject* object, Buffer* buffer) { return encode(object, buffer, 0); }

// ---- decoding

typedef struct {
  const unsigned char *at, *end;
} Bytes;

static PyObject* malformed(void) {
  if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "malformed value");
  return NULL;
}

static int take_varint(Bytes* bytes, uint64_t* n) {
  *n = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes->at == bytes->end) return 0;
    const unsigned char byte = *bytes->at++;
    if (shift == 63 && byte > 1) return 0;
    *n |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return 1;
  }
  return 0;
}

static const char* take_text(Bytes* bytes, Py_ssize_t* size) {
  uint64_t n;
  if (!take_varint(bytes, &n) || n > (uint64_t)(bytes->end - bytes->at)) return NULL;
  const char* text = (const char*)bytes->at;
  bytes->at += n;
  *size = (Py_ssize_t)n;
  return text;
}

static int take_double(Bytes* bytes, double* d) {
  if ((size_t)(bytes->end - bytes->at) < sizeof *d) return 0;
  memcpy(d, bytes->at, sizeof *d);
  bytes->at += sizeof *d;
  return 1;
}

static PyObject* take_big_integer(Bytes* bytes) {
  if (bytes->at == bytes->end || *bytes->at > 1) return malformed();
  const int negative = *bytes->at++;
  Py_ssize_t size;
  const char* text = take_text(bytes, &size);
  if (!text) return malformed();
  PyObject* magnitude = PyBytes_FromStringAndSize(text, size);
  if (!magnitude) return NULL;
  PyObject* number =
      PyObject_CallMethodObjArgs((PyObject*)&PyLong_Type, name_from_bytes, magnitude, little, NULL);
  Py_DECREF(magnitude);
  if (number && negative) {
    PyObject* positive = number;
    number = PyNumber_Negative(positive);
    Py_DECREF(positive);
  }
  return number;
}

static PyObject* take(Bytes* bytes, int depth);

static int take_count(Bytes* bytes, uint64_t width, Py_ssize_t* count) {
  uint64_t n;
  // Every item takes a byte at least, so a count beyond what is left is a lie.
  if (!take_varint(bytes, &n) || n > (uint64_t)(bytes->end - bytes->at) / width) return 0;
  *count = (Py_ssize_t)n;
  return 1;
}

static PyObject* take_list(Bytes* bytes, int depth) {
  Py_ssize_t count;
  if (!take_count(bytes, 1, &count)) return malformed();
  PyObject* list = PyList_New(count);
  for (Py_ssize_t i = 0; list && i < count; ++i) {
    PyObject* item = take(bytes, depth + 1);
    if (!item) Py_CLEAR(list);
    if (item) PyList_SetItem(list, i, item);
  }
  return list;
}

static PyObject* take_tuple(Bytes* bytes, int depth) {
  Py_ssize_t count;
  if (!take_count(bytes, 1, &count)) return malformed();
  PyObject* tuple = PyTuple_New(count);
  for (Py_ssize_t i = 0; tuple && i < count; ++i) {
    PyObject* item = take(bytes, depth + 1);
    if (!item) Py_CLEAR(tuple);
    if (item) PyTuple_SetItem(tuple, i, item);
  }
  return tuple;
}

static PyObject* take_set(Bytes* bytes, int frozen, int depth) {
  Py_ssize_t count;
  if (!take_count(bytes, 1, &count)) return malformed();
  PyObject* set = frozen ? PyFrozenSet_New(NULL) : PySet_New(NULL);
  for (Py_ssize_t i = 0; set && i < count; ++i) {
    PyObject* item = take(bytes, depth + 1);
    if (!item || PySet_Add(set, item) < 0) Py_CLEAR(set);
    Py_XDECREF(item);
  }
  return set;
}

static PyObject* take_dict(Bytes* bytes, int depth) {
  Py_ssize_t count;
  if (!take_count(bytes, 2, &count)) return malformed();
  PyObject* dict = PyDict_New();
  for (Py_ssize_t i = 0; dict && i < count; ++i) {
    PyObject* key = take(bytes, depth + 1);
    PyObject* value = key ? take(bytes, depth + 1) : NULL;
    if (!value || PyDict_SetItem(dict, key, value) < 0) Py_CLEAR(dict);
    Py_XDECREF(key);
    Py_XDECREF(value);
  }
  return dict;
}

/// Calls `type` with `first` (and None before it, for a defaultdict); takes over `content`.
static PyObject* made_from(PyObject* type, PyObject* content) {
  if (!content) return NULL;
  PyObject* made = type == default_dict_type
                       ? PyObject_CallFunctionObjArgs(type, Py_None, content, NULL)
                       : PyObject_CallFunctionObjArgs(type, content, NULL);
  Py_DECREF(content);
  return made;
}

static PyObject* take_builtin(Bytes* bytes) {
  Py_ssize_t size;
  const char* text = take_text(bytes, &size);
  if (!text || !is_builtin_name(text, (size_t)size)) return malformed();
  PyObject* name = PyUnicode_DecodeUTF8(text, size, "strict");
  if (!name) return NULL;
  PyObject* object = PyDict_GetItem(builtin_names, name);
  Py_DECREF(name);
  if (!object || (Py_TYPE(object) != &PyType_Type && Py_TYPE(object) != &PyCFunction_Type)) {
    return malformed();
  }
  Py_INCREF(object);
  return object;
}

static PyObject* take_text_object(Bytes* bytes, char tag) {
  Py_ssize_t size;
  const char* text = take_text(bytes, &size);
  if (!text) return malformed();
  if (tag == 's') return PyUnicode_DecodeUTF8(text, size, "surrogatepass");
  if (tag == 'b') return PyBytes_FromStringAndSize(text, size);
  return is_type_name(text, (size_t)size) ? opaque_new(text, (size_t)size) : malformed();
}

static PyObject* singleton(PyObject* object) {
  Py_INCREF(object);
  return object;
}

static PyObject* take(Bytes* bytes, int depth) {
  if (bytes->at == bytes->end || depth > kDepthMax) return malformed();
  const char tag = (char)*bytes->at++;
  double real, imaginary;
  uint64_t n;
  switch (tag) {
    case 'N':
      return singleton(Py_None);
    case 'T':
      return singleton(Py_True);
    case 'F':
      return singleton(Py_False);
    case 'i':
      if (!take_varint(bytes, &n)) return malformed();
      return PyLong_FromLongLong((long long)((n >> 1) ^ (~(n & 1) + 1)));
    case 'I':
      return take_big_integer(bytes);
    case 'd':
      if (!take_double(bytes, &real)) return malformed();
      return PyFloat_FromDouble(real);
    case 'c':
      if (!take_double(bytes, &real) || !take_double(bytes, &imaginary)) return malformed();
      return PyComplex_FromDoubles(real, imaginary);
    case 's':
    case 'b':
    case 'o':
      return take_text_object(bytes, tag);
    case 'B':
      return take_builtin(bytes);
    case 'l':
      return take_list(bytes, depth);
    case 't':
      return take_tuple(bytes, depth);
    case 'S':
      return take_set(bytes, 0, depth);
    case 'Z':
      return take_set(bytes, 1, depth);
    case 'q':
      return made_from(deque_type, take_list(bytes, depth));
    case 'm':
      return take_dict(bytes, depth);
    case 'O':
      return made_from(ordered_dict_type, take_dict(bytes, depth));
    case 'D':
      return made_from(default_dict_type, take_dict(bytes, depth));
    case 'C':
      return made_from(counter_type, take_dict(bytes, depth));
    default:
      return is_typed_tag(tag) ? typed_object(tag, take_tuple(bytes, depth)) : malformed();
  }
}

PyObject* codec_decode(const unsigned char** at, const unsigned char* end) {
  Bytes bytes = {*at, end};
  PyObject* object = take(&bytes, 0);
  *at = bytes.at;
  return object;
}
