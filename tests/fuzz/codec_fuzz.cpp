// libFuzzer: the codec inside the interpreter, which in a checker decodes a judged program's
// replies, and the codec outside. Whatever the inner one decodes and encodes again must be
// well-formed to the outer one, and stable; and what the outer one takes, the inner one takes too,
// but for names of builtins that there are not, and what only zygote.py makes again of its parts.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "harness/base/value/value.h"

extern "C" {
#define _Noreturn [[noreturn]]
#include "sandbox/runtime/python/codec.h"
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  setenv("PYTHONMALLOC", "malloc", 1);  // so that the sanitizer sees every block
  Py_Initialize();
  if (codec_init()) std::abort();
  return 0;
}

static bool encoded(PyObject* object, std::string& text) {
  Buffer buffer = {nullptr, 0, 0, 1 << 20};
  const int error = codec_encode(object, &buffer);
  if (error == kEncoded) text.assign(reinterpret_cast<char*>(buffer.data), buffer.size);
  std::free(buffer.data);
  PyErr_Clear();
  return error == kEncoded;
}

static PyObject* decoded(std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* end = at + bytes.size();
  PyObject* object = codec_decode(&at, end);
  if (!object && !PyErr_Occurred()) std::abort();
  PyErr_Clear();
  return object;
}

static bool needs_python(const assay::Value& value) {
  return value.kind == assay::Kind::builtin || value.kind >= assay::Kind::range ||
         std::any_of(value.items.begin(), value.items.end(), needs_python);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  PyObject* object = decoded(bytes);
  if (!object) {
    assay::Value value;
    std::string_view rest = bytes;
    if (assay::decode(rest, value) && !needs_python(value)) std::abort();
    return 0;
  }
  std::string once;
  if (encoded(object, once)) {
    assay::Value value;
    if (!assay::decode_whole(once, value)) std::abort();
    PyObject* again = decoded(once);
    std::string twice;
    // Sets may come back in another order; the size is the same.
    if (!again || !encoded(again, twice) || twice.size() != once.size()) std::abort();
    Py_DECREF(again);
  }
  Py_DECREF(object);
  return 0;
}
