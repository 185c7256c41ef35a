// Cuts the bytes a judged process wrote into frames. The bytes are hostile: lengths, kinds and the
// nonce are checked here; what a frame may mean at this point is the caller's to check.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/protocol.h"

namespace assay::sandbox {

struct Frame {
  assay_frame head{};
  std::string_view content;  ///< valid until the next take_room()
};

class FrameReader {
 public:
  FrameReader() = default;
  /// Forgets everything; frames longer than `content_bytes_max` are broken.
  void reset(std::uint64_t nonce, std::uint64_t content_bytes_max);
  /// Room for at least `size` bytes to be read into; then tell how many came.
  char* take_room(std::size_t size);
  void came(std::size_t size) { end_ += size; }
  /// The next whole frame. False where there is none (yet), or where the stream is broken().
  bool next(Frame& frame);
  bool broken() const { return broken_; }
  /// Bytes of an unfinished frame are waiting.
  bool unfinished() const { return begin_ != end_; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t nonce_ = 0, content_bytes_max_ = 0;
  bool broken_ = false;
};

/// What a frame about an exception carries.
struct Raised {
  int line = 0;
  std::string_view type, message;
};
/// False where the content is malformed.
bool parse_raised(std::string_view content, Raised& raised);

}  // namespace assay::sandbox
