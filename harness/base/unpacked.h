// The bytes of a text, however it is kept: plain, gzipped, in zstd, in UTF-16, or two of these at once
// (told by content, never by name). Memory is bounded whatever the file says. What is no text at all
// (an archive, a Parquet file) is an Error that says what it is and how to convert it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/fd.h"

namespace assay {

/// What messages say of the place; the reader counts its lines here.
struct TextPlace {
  std::string name;
  std::uint64_t line = 0;
};

/// Bytes in order.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// At most `most` bytes; 0 at the end. Throws Error for what is truncated, corrupt or unreadable.
  virtual std::size_t read(char* to, std::size_t most) = 0;
};

/// The text in `file`, which may be a pipe, as UTF-8 where it is UTF-16; other encodings come as they
/// are. Reads the first bytes. Throws Error as read() does. `place` must outlive the source.
std::unique_ptr<ByteSource> unpacked(Fd file, const TextPlace& place);

}  // namespace assay
