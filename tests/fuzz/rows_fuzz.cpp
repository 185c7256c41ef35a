// libFuzzer: files a user gives us, and nothing but an Error may come of them: sample rows,
// benchmark rows of every form, JSON alone; plain or gzipped. First byte: which reader, and whether
// the rest is gzipped on the way in (so that the fuzzer meets the reader behind the gunzip too).
#include <zlib.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "datasets/forms/reader.h"
#include "datasets/python_code.h"
#include "datasets/python_text.h"
#include "datasets/sample.h"
#include "harness/base/error.h"
#include "harness/base/value/json_value.h"

using namespace assay;

static std::string gzipped(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Lines must be the same whether they came plain or gzipped.
static void try_lines(std::string_view text) {
  if (text.starts_with("\x1f\x8b")) return;
  LineReader plain("plain", text), packed("packed", gzipped(text));
  std::string a, b;
  for (;;) {
    const bool more = plain.next(a);
    if (more != packed.next(b)) std::abort();
    if (!more) return;
    if (a != b || plain.line_number() != packed.line_number()) std::abort();
  }
}

/// What was read as JSON and can be written must be read back as the same text.
static void try_json(std::string_view text) {
  const std::string once = to_json(parse_json(text));
  if (to_json(parse_json(once)) != once) std::abort();
}

static void try_samples(std::string_view bytes) {
  datasets::read_samples(
      LineReader("fuzz.jsonl", bytes),
      [](datasets::Sample&& sample) {
        datasets::is_plain_body(sample.text);
        datasets::defines_at_margin(sample.text, "f");
        datasets::functions_at_margin(sample.text);
        datasets::code_of(sample.text);
        datasets::entry_point_of(sample.text, sample.text);
      },
      [](const datasets::RowError&) {});
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string bytes = data[0] & 0x80 ? gzipped(rest) : std::string(rest);
  try {
    switch (data[0] % 4) {
      case 0:
        try_samples(bytes);
        break;
      case 1:
        datasets::read_dataset(LineReader("fuzz.jsonl", bytes), "fuzz");
        break;
      case 2:
        try_json(rest);
        break;
      default:
        try_lines(rest);
    }
  } catch (const Error&) {
  }
  return 0;
}
