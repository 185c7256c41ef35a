#include "datasets/forms/packed_text.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "harness/base/error.h"
#include "harness/base/words.h"

namespace assay::datasets {

namespace {

/// Bytes of a pickle, from the front.
class Pickle {
 public:
  explicit Pickle(std::string_view bytes) : rest_(bytes) {}

  /// The next so many bytes; nothing, and nothing from then on, where there are fewer.
  std::optional<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) {
      rest_ = {};
      return std::nullopt;
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// A number of `bytes` bytes, the least first.
  std::optional<std::uint64_t> number(std::size_t bytes) {
    const auto taken = take(bytes);
    if (!taken) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>((*taken)[i]);
    return value;
  }
  /// What stands behind its length.
  std::optional<std::string_view> counted(std::size_t bytes) {
    const auto size = number(bytes);
    return size ? take(*size) : std::nullopt;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Pickle's opcodes, by the names that pickletools gives them.
enum Opcode : std::uint8_t {
  kProto = 0x80,
  kFrame = 0x95,
  kShortBinUnicode = 0x8c,
  kBinUnicode = 'X',
  kBinUnicode8 = 0x8d,
  kMemoize = 0x94,
  kBinPut = 'q',
  kLongBinPut = 'r',
  kStop = '.',
};

}  // namespace

std::optional<std::string> pickled_text(std::string_view bytes) {
  Pickle pickle(bytes);
  std::optional<std::string_view> text;
  const auto protocol = pickle.number(1) == kProto ? pickle.number(1) : std::nullopt;
  if (!protocol || *protocol < 2 || *protocol > 5) return std::nullopt;
  while (const auto code = pickle.number(1)) {
    const bool had = text.has_value();
    switch (*code) {
      case kFrame:
        if (!pickle.number(8)) return std::nullopt;
        continue;
      case kShortBinUnicode:
        text = pickle.counted(1);
        break;
      case kBinUnicode:
        text = pickle.counted(4);
        break;
      case kBinUnicode8:
        text = pickle.counted(8);
        break;
      case kMemoize:
        continue;
      case kBinPut:
        pickle.number(1);
        continue;
      case kLongBinPut:
        pickle.number(4);
        continue;
      case kStop:
        if (!text || !pickle.empty()) return std::nullopt;
        return std::string(*text);
      default:
        return std::nullopt;
    }
    if (had || !text) return std::nullopt;  // a second object, or half of one
  }
  return std::nullopt;
}

static std::string inflated(const std::string& bytes) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw Error("not enough memory to unpack it");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t had = out.size();
    if (had == kPackedTextMax) throw Error("it holds more than 256 MiB");
    out.resize(std::min(kPackedTextMax, std::max<std::size_t>(2 * had, 1 << 16)));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(out.size() - had);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  if (state != Z_STREAM_END) throw Error("its zlib data is corrupt or ends too early");
  return out;
}

std::string packed_text(std::string_view base64) {
  const std::optional<std::string> bytes = bytes_of_base64(base64);
  if (!bytes) throw Error("neither JSON nor base64");
  const std::optional<std::string> text = pickled_text(inflated(*bytes));
  if (!text) throw Error("the pickle in it is not one of a single text; it is not executed");
  return *text;
}

}  // namespace assay::datasets
