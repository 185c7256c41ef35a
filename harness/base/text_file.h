// Text read line by line or whole, unpacked and in UTF-8 however it is kept (unpacked.h). Every
// trouble (missing, unreadable, truncated or corrupt, an overlong line) is an Error that names the
// file, and the line where there is one. Thread safety: one thread per reader.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/error.h"
#include "harness/base/fd.h"

namespace assay {

/// A line (one row of JSONL) may be this long; more is a broken file, or not a text at all.
inline constexpr std::uint64_t kLineBytesMax = std::uint64_t{256} << 20;

/// A text that is read whole may be this long, unpacked: a few megabytes of .gz hold a thousand
/// times their size.
inline constexpr std::uint64_t kTextBytesMax = std::uint64_t{1} << 30;

/// The reader stands behind the line that was too long: it may go on.
class LineTooLong : public Error {
 public:
  LineTooLong(const std::string& where, std::string trouble)
      : Error(where + trouble), what_is_wrong(std::move(trouble)) {}
  std::string what_is_wrong;
};

class LineReader {
 public:
  explicit LineReader(const std::string& path);
  /// As the first, but a line of more than `line_bytes_max` bytes is LineTooLong.
  LineReader(const std::string& path, std::uint64_t line_bytes_max);
  /// Reads `bytes` (packed or not), called `name` in messages. Copies them.
  LineReader(const std::string& name, std::string_view bytes);
  /// Reads `file`, which may be a pipe.
  LineReader(const std::string& name, Fd file, std::uint64_t line_bytes_max);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// The next line without its line end (LF or CRLF); a byte order mark before the first is
  /// removed. False at the end.
  bool next(std::string& line);
  /// As next(), but lines of nothing but white space are passed over.
  bool next_filled(std::string& line);
  /// All that has not been read yet, byte for byte (unpacked). Throws Error where that is more than
  /// kTextBytesMax.
  std::string rest();
  /// The same piece by piece, however much it is; false at the end. The piece is valid until the
  /// next call.
  bool next_piece(std::string_view& piece);
  /// 1-based number of the line last returned; 0 before the first.
  std::uint64_t line_number() const;
  const std::string& name() const;

  /// "samples.jsonl.gz:17: <what>", for messages about the line last returned.
  std::string at(const std::string& what) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether the file begins as gzip does.
bool is_gzipped(const std::string& path);
/// The whole text byte for byte, unpacked. Throws Error as LineReader does.
std::string read_text_file(const std::string& path);
/// The file's bytes as they are on the disk. Throws Error where they are more than `bytes_max`, or
/// the path is no regular file.
std::string read_file_bytes(const std::string& path, std::uint64_t bytes_max = kTextBytesMax);

}  // namespace assay
