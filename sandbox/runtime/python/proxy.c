// Two ends of one call: in the checker an object that stands for the judged function, in the judged
// process the loop that answers. Only codec bytes cross; arguments and answers are copies.
#include "sandbox/runtime/python/zygote.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

// ---- what cannot cross: equal to nothing, known by the name of its type

static PyObject *opaque_type, *proxy_type;

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

// ---- the checker's end

typedef struct {
  PyObject_HEAD Child* child;
} Proxy;

static _Noreturn void peer_gone(Child* child) { finish(child, kFramePeerGone); }
static _Noreturn void peer_tampered(Child* child) { finish(child, kFramePeerTampered); }

static uint64_t fresh_nonce(void) {
  uint64_t nonce = 0;
  if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce) _exit(74);
  return nonce;
}

/// The same exception where its exact name is a builtin exception's, else RuntimeError.
static PyObject* raise_relayed(Child* child, const unsigned char* bytes, size_t size) {
  struct assay_raised head;
  if (size < sizeof head) peer_tampered(child);
  memcpy(&head, bytes, sizeof head);
  const char* name = (const char*)bytes + sizeof head;
  if (head.type_bytes > 256 || head.type_bytes > size - sizeof head) peer_tampered(child);
  char type_text[257];
  memcpy(type_text, name, head.type_bytes);
  type_text[head.type_bytes] = 0;
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyObject* type = builtins ? PyObject_GetAttrString(builtins, type_text) : NULL;
  PyErr_Clear();
  if (!type || !PyExceptionClass_Check(type)) type = PyExc_RuntimeError;
  // These end the checker's own loops without a word: for ... in map(candidate, ...) would pass.
  if (type == PyExc_StopIteration || type == PyExc_StopAsyncIteration ||
      type == PyExc_GeneratorExit) {
    type = PyExc_RuntimeError;
  }
  PyObject* message = PyUnicode_DecodeUTF8(
      name + head.type_bytes, (Py_ssize_t)(size - sizeof head - head.type_bytes), "replace");
  PyObject* value = message ? PyObject_CallFunctionObjArgs(type, message, NULL) : NULL;
  if (!value) {
    // UnicodeDecodeError and its kin want more than a message.
    PyErr_Clear();
    type = PyExc_RuntimeError;
    value = PyObject_CallFunctionObjArgs(type, message, NULL);
  }
  if (value) PyErr_SetObject((PyObject*)Py_TYPE(value), value);
  Py_XDECREF(child->relayed);
  child->relayed = value;
  return NULL;
}

static PyObject* receive_reply(Child* child, uint64_t nonce) {
  struct assay_call head;
  if (read_whole(child->peer, &head, sizeof head)) peer_gone(child);
  if (head.nonce != nonce || head.reserved != 0 ||
      (head.kind != kCallValue && head.kind != kCallRaised) ||
      head.length > child->job.reply_bytes_max + 8192) {
    peer_tampered(child);
  }
  unsigned char* bytes = malloc(head.length + 1);
  if (!bytes) return PyErr_NoMemory();
  if (read_whole(child->peer, bytes, head.length)) peer_gone(child);
  PyObject* result;
  if (head.kind == kCallRaised) {
    result = raise_relayed(child, bytes, head.length);
  } else {
    const unsigned char* at = bytes;
    result = codec_decode(&at, bytes + head.length);
    if (!result && !PyErr_ExceptionMatches(PyExc_MemoryError)) peer_tampered(child);
    if (result && at != bytes + head.length) peer_tampered(child);
  }
  free(bytes);
  return result;
}

static PyObject* proxy_call(PyObject* self, PyObject* arguments, PyObject* keywords) {
  Child* child = ((Proxy*)self)->child;
  Buffer out = {NULL, 0, 0, (size_t)1 << 31};
  struct assay_call head = {fresh_nonce(), kCallRequest, 0, 0};
  PyObject* none = keywords ? NULL : PyDict_New();
  int error = buffer_put(&out, &head, sizeof head);
  if (!error) error = codec_encode(arguments, &out);
  if (!error) error = codec_encode(keywords ? keywords : none, &out);
  Py_XDECREF(none);
  if (error) {
    free(out.data);
    if (error == kTooLarge) PyErr_SetString(PyExc_ValueError, "arguments too large or too deep");
    return NULL;
  }
  head.length = out.size - sizeof head;
  memcpy(out.data, &head, sizeof head);
  const int written = write_whole(child->peer, out.data, out.size);
  free(out.data);
  if (written) peer_gone(child);
  return receive_reply(child, head.nonce);
}

PyObject* proxy_new(Child* child) {
  Proxy* self = PyObject_New(Proxy, (PyTypeObject*)proxy_type);
  if (self) self->child = child;
  return (PyObject*)self;
}

static void proxy_dealloc(PyObject* self) {
  PyObject* type = (PyObject*)Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

// ---- the judged process's end

static void answer(Child* child, PyObject* function, const struct assay_call* request,
                   const unsigned char* bytes) {
  const unsigned char* at = bytes;
  PyObject* arguments = codec_decode(&at, bytes + request->length);
  PyObject* keywords = arguments ? codec_decode(&at, bytes + request->length) : NULL;
  if (!keywords || !PyTuple_Check(arguments) || !PyDict_Check(keywords)) {
    finish_with_exception(child, kFrameSetup);
  }
  PyObject* result =
      PyObject_Call(function, arguments, PyDict_Size(keywords) > 0 ? keywords : NULL);
  struct assay_call reply = {request->nonce, kCallValue, 0, 0};
  Buffer* out = &child->frame;
  out->size = 0;
  buffer_put(out, &reply, sizeof reply);
  int error = result ? codec_encode(result, out) : kRaised;
  if (error == kTooLarge) finish_with_exception(child, kFrameOutput);
  if (error) {
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) finish_with_exception(child, kFrameMemory);
    out->size = sizeof reply;
    reply.kind = kCallRaised;
    frame_put_exception(child);
  }
  reply.length = out->size - sizeof reply;
  memcpy(out->data, &reply, sizeof reply);
  Py_XDECREF(result);
  Py_DECREF(arguments);
  Py_DECREF(keywords);
  if (write_whole(child->peer, out->data, out->size)) _exit(75);
}

_Noreturn void serve_calls(Child* child, PyObject* function) {
  for (;;) {
    struct assay_call request;
    if (read_whole(child->peer, &request, sizeof request)) _exit(75);
    unsigned char* bytes = malloc(request.length + 1);
    if (!bytes) {
      PyErr_NoMemory();
      finish_with_exception(child, kFrameMemory);
    }
    if (read_whole(child->peer, bytes, request.length)) _exit(75);
    answer(child, function, &request, bytes);
    free(bytes);
    ++child->index;
  }
}

// ---- types

int proxy_init(void) {
  static PyType_Slot opaque_slots[] = {{Py_tp_dealloc, opaque_dealloc},
                                       {Py_tp_repr, opaque_repr},
                                       {Py_tp_richcompare, opaque_compare},
                                       {Py_tp_hash, opaque_hash},
                                       {0, NULL}};
  static PyType_Spec opaque_spec = {"assay.opaque", sizeof(Opaque), 0, Py_TPFLAGS_DEFAULT,
                                    opaque_slots};
  static PyType_Slot proxy_slots[] = {
      {Py_tp_dealloc, proxy_dealloc}, {Py_tp_call, proxy_call}, {0, NULL}};
  static PyType_Spec proxy_spec = {"assay.candidate", sizeof(Proxy), 0, Py_TPFLAGS_DEFAULT,
                                   proxy_slots};
  opaque_type = PyType_FromSpec(&opaque_spec);
  proxy_type = PyType_FromSpec(&proxy_spec);
  return opaque_type && proxy_type ? 0 : -1;
}
