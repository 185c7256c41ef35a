// A file of lines that only grows, so that whoever is killed loses no line that was written.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "harness/base/fd.h"

namespace assay {

class GrowingFile {
 public:
  /// Hears each whole line of the file. What it throws leaves the file as it is.
  using TakeLine = std::function<void(std::int64_t number, std::string_view line)>;

  GrowingFile() = default;
  /// Makes the file where it is missing, holds a lock on it, and reads what is there. A last line that
  /// was cut off is removed. `name` is the file in messages; each line begins with `line_begin`. Throws
  /// Error where a cut one does not, where another process has the file, and for what cannot be opened,
  /// read or written.
  GrowingFile(const std::string& path, const std::string& name, std::string_view line_begin,
              const TakeLine& take);

  /// `lines` are whole ones. Returns when the file has them.
  void append(std::string_view lines);

  bool is_open() const { return static_cast<bool>(file_); }
  bool mended() const { return mended_; }  ///< a last line was cut off

 private:
  std::string path_;
  Fd file_;
  bool mended_ = false;
};

}  // namespace assay
