#include "sandbox/runtime/python/proxy.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "sandbox/runtime/python/codec.h"

static PyObject* proxy_type;

// ---- the checker's end

typedef struct {
  PyObject_HEAD Peer* peer;
} Proxy;

static _Noreturn void peer_gone(Peer* peer) { finish(peer->channel, kFramePeerGone); }
static _Noreturn void peer_tampered(Peer* peer) { finish(peer->channel, kFramePeerTampered); }

static uint64_t fresh_nonce(void) {
  uint64_t nonce = 0;
  if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce) _exit(74);
  return nonce;
}

/// The same exception where its exact name is a builtin exception's, else RuntimeError.
static PyObject* raise_relayed(Peer* peer, const unsigned char* bytes, size_t size) {
  struct assay_raised head;
  if (size < sizeof head) peer_tampered(peer);
  memcpy(&head, bytes, sizeof head);
  const char* name = (const char*)bytes + sizeof head;
  if (head.type_bytes > 256 || head.type_bytes > size - sizeof head) peer_tampered(peer);
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
  Py_XDECREF(peer->relayed);
  peer->relayed = value;
  return NULL;
}

static PyObject* receive_reply(Peer* peer, uint64_t nonce) {
  struct assay_call head;
  if (read_whole(peer->channel->peer, &head, sizeof head)) peer_gone(peer);
  if (head.nonce != nonce || head.reserved != 0 ||
      (head.kind != kCallValue && head.kind != kCallRaised) ||
      head.length > peer->reply_bytes_max + 8192) {
    peer_tampered(peer);
  }
  unsigned char* bytes = malloc(head.length + 1);
  if (!bytes) return PyErr_NoMemory();
  if (read_whole(peer->channel->peer, bytes, head.length)) peer_gone(peer);
  PyObject* result;
  if (head.kind == kCallRaised) {
    result = raise_relayed(peer, bytes, head.length);
  } else {
    const unsigned char* at = bytes;
    result = codec_decode(&at, bytes + head.length);
    if (!result && !PyErr_ExceptionMatches(PyExc_MemoryError)) peer_tampered(peer);
    if (result && at != bytes + head.length) peer_tampered(peer);
  }
  free(bytes);
  return result;
}

static PyObject* proxy_call(PyObject* self, PyObject* arguments, PyObject* keywords) {
  Peer* peer = ((Proxy*)self)->peer;
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
  const int written = write_whole(peer->channel->peer, out.data, out.size);
  free(out.data);
  if (written) peer_gone(peer);
  return receive_reply(peer, head.nonce);
}

PyObject* proxy_new(Peer* peer) {
  Proxy* self = PyObject_New(Proxy, (PyTypeObject*)proxy_type);
  if (self) self->peer = peer;
  return (PyObject*)self;
}

static void proxy_dealloc(PyObject* self) {
  PyObject* type = (PyObject*)Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

// ---- the judged process's end

static void answer(Peer* peer, PyObject* function, const struct assay_call* request,
                   const unsigned char* bytes) {
  const unsigned char* at = bytes;
  PyObject* arguments = codec_decode(&at, bytes + request->length);
  PyObject* keywords = arguments ? codec_decode(&at, bytes + request->length) : NULL;
  if (!keywords || !PyTuple_Check(arguments) || !PyDict_Check(keywords)) {
    finish_with_exception(peer->channel, kFrameSetup);
  }
  PyObject* result =
      PyObject_Call(function, arguments, PyDict_Size(keywords) > 0 ? keywords : NULL);
  struct assay_call reply = {request->nonce, kCallValue, 0, 0};
  Buffer* out = &peer->channel->frame;
  out->size = 0;
  buffer_put(out, &reply, sizeof reply);
  int error = result ? codec_encode(result, out) : kRaised;
  if (error == kTooLarge) finish_with_exception(peer->channel, kFrameOutput);
  if (error) {
    if (PyErr_ExceptionMatches(PyExc_MemoryError))
      finish_with_exception(peer->channel, kFrameMemory);
    out->size = sizeof reply;
    reply.kind = kCallRaised;
    frame_put_exception(peer->channel);
  }
  reply.length = out->size - sizeof reply;
  memcpy(out->data, &reply, sizeof reply);
  Py_XDECREF(result);
  Py_DECREF(arguments);
  Py_DECREF(keywords);
  if (write_whole(peer->channel->peer, out->data, out->size)) _exit(75);
}

_Noreturn void serve_calls(Peer* peer, PyObject* function) {
  for (;;) {
    struct assay_call request;
    if (read_whole(peer->channel->peer, &request, sizeof request)) _exit(75);
    unsigned char* bytes = malloc(request.length + 1);
    if (!bytes) {
      PyErr_NoMemory();
      finish_with_exception(peer->channel, kFrameMemory);
    }
    if (read_whole(peer->channel->peer, bytes, request.length)) _exit(75);
    answer(peer, function, &request, bytes);
    free(bytes);
    ++peer->channel->index;
  }
}

int proxy_init(void) {
  static PyType_Slot slots[] = {
      {Py_tp_dealloc, proxy_dealloc}, {Py_tp_call, proxy_call}, {0, NULL}};
  static PyType_Spec spec = {"assay.candidate", sizeof(Proxy), 0, Py_TPFLAGS_DEFAULT, slots};
  proxy_type = PyType_FromSpec(&spec);
  return proxy_type ? 0 : -1;
}
