#include "sandbox/supervise/frames.h"

#include <algorithm>
#include <cstring>

namespace assay::sandbox {

constexpr std::size_t kKeepBytes = 1u << 20;  ///< a buffer grown beyond this is given back

void FrameReader::reset(std::uint64_t nonce, std::uint64_t content_bytes_max) {
  nonce_ = nonce;
  content_bytes_max_ = content_bytes_max;
  begin_ = end_ = 0;
  broken_ = false;
  if (bytes_.size() > kKeepBytes) std::vector<char>().swap(bytes_);
}

char* FrameReader::take_room(std::size_t size) {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() - end_ < size) bytes_.resize(std::max(bytes_.size() * 2, end_ + size));
  return bytes_.data() + end_;
}

bool FrameReader::next(Frame& frame) {
  if (broken_ || end_ - begin_ < sizeof frame.head) return false;
  std::memcpy(&frame.head, bytes_.data() + begin_, sizeof frame.head);
  if (frame.head.nonce != nonce_ || frame.head.length > content_bytes_max_ ||
      frame.head.kind < kFrameLoaded || frame.head.kind > kFrameBegan) {
    broken_ = true;
    return false;
  }
  if (end_ - begin_ - sizeof frame.head < frame.head.length) return false;
  frame.content = {bytes_.data() + begin_ + sizeof frame.head,
                   static_cast<std::size_t>(frame.head.length)};
  begin_ += sizeof frame.head + frame.content.size();
  return true;
}

bool parse_raised(std::string_view content, Raised& raised) {
  assay_raised head;
  if (content.size() < sizeof head) return false;
  std::memcpy(&head, content.data(), sizeof head);
  content.remove_prefix(sizeof head);
  if (head.type_bytes > content.size() || head.type_bytes > 256 || head.line > 0x7fffffff ||
      content.size() - head.type_bytes > kTextBytesMax) {
    return false;
  }
  raised.line = static_cast<int>(head.line);
  raised.type = content.substr(0, head.type_bytes);
  raised.message = content.substr(head.type_bytes);
  return true;
}

}  // namespace assay::sandbox
