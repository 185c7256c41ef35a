#include "harness/base/unpacked.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/error.h"

namespace assay {

static constexpr std::size_t kPieceBytes = 1 << 17;

namespace {

/// zlib's gzFile reads plain files as they are, and gzipped ones (of several members too) unzipped.
class Gzip final : public ByteSource {
 public:
  Gzip(Fd file, const TextPlace& place) : place_(place) {
    file_ = gzdopen(file.get(), "rb");
    if (!file_) throw Error(fmt::format("{}: not enough memory to read it", place.name));
    file.release();
    gzbuffer(file_, kPieceBytes);
  }
  ~Gzip() override { gzclose_r(file_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  std::size_t read(char* to, std::size_t most) override {
    const int count = gzread(file_, to, static_cast<unsigned>(std::min(most, kPieceBytes)));
    int code = Z_OK;
    const char* text = gzerror(file_, &code);
    if (code == Z_ERRNO) {
      throw Error(fmt::format("{}: cannot be read: {}", place_.name, std::strerror(errno)));
    }
    // A truncated stream reads as a plain end unless the code is asked for. What came is given out
    // first.
    if (code == Z_BUF_ERROR && count <= 0) {
      throw Error(
          fmt::format("{}: the gzip data ends too early after line {}; the file is truncated",
                      place_.name, place_.line));
    }
    if (count < 0 || (code != Z_OK && code != Z_BUF_ERROR)) {
      throw Error(fmt::format("{}: the gzip data is corrupt after line {} ({})", place_.name,
                              place_.line, text));
    }
    return static_cast<std::size_t>(count);
  }

 private:
  const TextPlace& place_;
  gzFile file_ = nullptr;
};

/// Another source whose first bytes were looked at.
class Peeked final : public ByteSource {
 public:
  explicit Peeked(std::unique_ptr<ByteSource> from) : from_(std::move(from)), head_(1 << 12, '\0') {
    std::size_t size = 0;
    while (size < kMagicBytes) {
      const std::size_t count = from_->read(head_.data() + size, head_.size() - size);
      if (count == 0) break;
      size += count;
    }
    head_.resize(size);
  }

  std::string_view head() const { return head_; }

  std::size_t read(char* to, std::size_t most) override {
    if (at_ == head_.size()) return from_->read(to, most);
    const std::size_t count = head_.copy(to, most, at_);
    at_ += count;
    return count;
  }

 private:
  static constexpr std::size_t kMagicBytes = 8;
  std::unique_ptr<ByteSource> from_;
  std::string head_;
  std::size_t at_ = 0;
};

/// Frames one after another. A frame that needs more than the library's own 128 MiB is refused by it.
class Zstd final : public ByteSource {
 public:
  Zstd(std::unique_ptr<ByteSource> from, const TextPlace& place)
      : place_(place), from_(std::move(from)), stream_(ZSTD_createDStream()), packed_(kPieceBytes) {
    if (!stream_) throw Error(fmt::format("{}: not enough memory to read it", place.name));
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  std::size_t read(char* to, std::size_t most) override {
    ZSTD_outBuffer out = {to, most, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !flushes_) {
        in_ = {packed_.data(), from_->read(packed_.data(), packed_.size()), 0};
        if (in_.size == 0 && left_ == 0) return 0;
        if (in_.size == 0) {
          throw Error(
              fmt::format("{}: the zstd data ends too early after line {}; the file is truncated",
                          place_.name, place_.line));
        }
      }
      left_ = ZSTD_decompressStream(stream_, &out, &in_);
      if (ZSTD_isError(left_)) {
        throw Error(fmt::format("{}: the zstd data is corrupt after line {} ({})", place_.name,
                                place_.line, ZSTD_getErrorName(left_)));
      }
      flushes_ = left_ > 0 && out.pos == out.size;  // more may come without further input
    }
    return out.pos;
  }

 private:
  const TextPlace& place_;
  std::unique_ptr<ByteSource> from_;
  ZSTD_DStream* stream_;
  std::vector<char> packed_;
  ZSTD_inBuffer in_ = {nullptr, 0, 0};
  std::size_t left_ = 0;  // of a frame that has begun; 0 between frames
  bool flushes_ = false;
};

/// UTF-16 as UTF-8. Half a surrogate pair becomes bytes that are no UTF-8: whoever reads the key that
/// it stands under refuses it, and nobody else.
class Utf16 final : public ByteSource {
 public:
  Utf16(std::unique_ptr<ByteSource> from, bool big_endian, const TextPlace& place)
      : place_(place), from_(std::move(from)), big_endian_(big_endian), units_(kPieceBytes) {}

  std::size_t read(char* to, std::size_t most) override {
    std::size_t size = 0;
    // A unit gives at most what a high half before it left, and itself: six bytes.
    while (most - size >= 6) {
      const std::optional<char32_t> unit = next_unit();
      if (!unit) break;
      if (high_ && *unit >= 0xDC00 && *unit < 0xE000) {
        size += put(to + size, 0x10000 + ((*high_ - 0xD800) << 10) + (*unit - 0xDC00));
        high_.reset();
        continue;
      }
      if (high_) size += put(to + size, *std::exchange(high_, std::nullopt));
      if (*unit >= 0xD800 && *unit < 0xDC00) {
        high_ = unit;
      } else {
        size += put(to + size, *unit);
      }
    }
    if (size == 0 && high_) size = put(to, *std::exchange(high_, std::nullopt));
    return size;
  }

 private:
  unsigned char byte() { return static_cast<unsigned char>(units_[at_++]); }
  bool filled() {
    if (at_ < end_) return true;
    at_ = 0;
    end_ = from_->read(units_.data(), units_.size());
    return end_ > 0;
  }
  std::optional<char32_t> next_unit() {
    if (!filled()) return {};
    const char32_t first = byte();
    if (!filled()) {
      throw Error(
          fmt::format("{}: the UTF-16 text ends within a character after line {}; the file is "
                      "truncated",
                      place_.name, place_.line));
    }
    const char32_t second = byte();
    return big_endian_ ? first << 8 | second : second << 8 | first;
  }
  static std::size_t put(char* to, char32_t point) {
    const auto tail = [&](int shift) {
      return static_cast<char>(0x80 | ((point >> shift) & 0x3F));
    };
    if (point < 0x80) {
      to[0] = static_cast<char>(point);
      return 1;
    }
    if (point < 0x800) {
      to[0] = static_cast<char>(0xC0 | point >> 6);
      to[1] = tail(0);
      return 2;
    }
    if (point < 0x10000) {
      to[0] = static_cast<char>(0xE0 | point >> 12);
      to[1] = tail(6);
      to[2] = tail(0);
      return 3;
    }
    to[0] = static_cast<char>(0xF0 | point >> 18);
    to[1] = tail(12);
    to[2] = tail(6);
    to[3] = tail(0);
    return 4;
  }

  const TextPlace& place_;
  std::unique_ptr<ByteSource> from_;
  const bool big_endian_;
  std::vector<char> units_;
  std::size_t at_ = 0, end_ = 0;
  std::optional<char32_t> high_;  // the first half of a pair, whose second is awaited
};

struct NoText {
  std::string_view magic;
  const char* what;
};

}  // namespace

using namespace std::string_view_literals;

static constexpr NoText kNoTexts[] = {
    {"PK\x03\x04"sv, "a zip archive: unpack it first (unzip)"},
    {"PK\x05\x06"sv, "an empty zip archive"},
    {"PAR1"sv,
     "a Parquet file: write it as JSONL first, such as with pandas, "
     "read_parquet(FILE).to_json(\"samples.jsonl\", orient=\"records\", lines=True)"},
    {"ARROW1"sv,
     "an Arrow file: write it as JSONL first, such as with pandas, "
     "read_feather(FILE).to_json(\"samples.jsonl\", orient=\"records\", lines=True)"},
    {"\xfd"
     "7zXZ\0"sv,
     "xz data: unpack it first (xz -d)"},
    {"BZh"sv, "bzip2 data: unpack it first (bunzip2)"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive: unpack it first (7z x)"},
    {"Rar!\x1a\x07"sv, "a RAR archive: unpack it first (unrar x)"},
    {"\x04\x22\x4d\x18"sv, "lz4 data: unpack it first (lz4 -d)"},
    {"SQLite format 3"sv, "an SQLite database, where a text is expected"},
    {"\x89HDF\r\n"sv, "an HDF5 file: write it as JSONL first"},
    {"\x93NUMPY"sv, "a NumPy array: write it as JSONL first"},
    {"\x80\x02"sv, "a Python pickle, which can run code when it is read: write it as JSONL first"},
    {"\x80\x03"sv, "a Python pickle, which can run code when it is read: write it as JSONL first"},
    {"\x80\x04"sv, "a Python pickle, which can run code when it is read: write it as JSONL first"},
    {"\x80\x05"sv, "a Python pickle, which can run code when it is read: write it as JSONL first"},
    {"%PDF-"sv, "a PDF document, where a text is expected"},
    {"\xff\xfe\0\0"sv, "UTF-32 text: convert it first (iconv -f UTF-32 -t UTF-8 FILE)"},
    {"\0\0\xfe\xff"sv, "UTF-32 text: convert it first (iconv -f UTF-32 -t UTF-8 FILE)"},
    {"{\0\0\0"sv, "UTF-32 text: convert it first (iconv -f UTF-32LE -t UTF-8 FILE)"},
    {"\0\0\0{"sv, "UTF-32 text: convert it first (iconv -f UTF-32BE -t UTF-8 FILE)"},
};

static void refuse_what_is_no_text(std::string_view head, const TextPlace& place) {
  for (const NoText& one : kNoTexts) {
    if (head.starts_with(one.magic)) throw Error(fmt::format("{}: is {}", place.name, one.what));
  }
}

static bool is_zstd(std::string_view head) {
  constexpr auto kFrame = "\x28\xb5\x2f\xfd"sv, kSkippable = "\x2a\x4d\x18"sv;
  return head.starts_with(kFrame) ||
         (head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1).starts_with(kSkippable));
}

/// By the mark, or by the zero that one ASCII character has: every form that is read here begins
/// with one.
static bool is_utf16(std::string_view head, bool& big_endian) {
  if (head.size() < 2) return false;
  big_endian = head.starts_with("\xfe\xff") || (head[0] == 0 && head[1] != 0);
  return big_endian || head.starts_with("\xff\xfe") || (head[0] != 0 && head[1] == 0);
}

std::unique_ptr<ByteSource> unpacked(Fd file, const TextPlace& place) {
  auto source = std::make_unique<Peeked>(std::make_unique<Gzip>(std::move(file), place));
  if (is_zstd(source->head())) {
    source = std::make_unique<Peeked>(std::make_unique<Zstd>(std::move(source), place));
  }
  refuse_what_is_no_text(source->head(), place);
  bool big_endian = false;
  if (!is_utf16(source->head(), big_endian)) return source;
  return std::make_unique<Utf16>(std::move(source), big_endian, place);
}

}  // namespace assay
