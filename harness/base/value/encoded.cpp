#include "harness/base/value/encoded.h"

#include <array>
#include <optional>

#include "harness/base/value/parts.h"
#include "harness/base/value/varint.h"

namespace assay {

static bool take_text(std::string_view& bytes, Head& head) {
  std::uint64_t size = 0;
  if (!take_varint(bytes, size) || size > bytes.size()) return false;
  head.text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

bool take_head(std::string_view& bytes, Head& head) {
  if (bytes.empty()) return false;
  const char tag = bytes.front();
  head.items = 0;
  head.text = {};
  if (tag == 's' || tag == 'b') {
    head.kind = tag == 's' ? Kind::str : Kind::bytes;
    bytes.remove_prefix(1);
    return take_text(bytes, head) && (tag == 'b' || is_str_text(head.text));
  }
  if (const auto kind = container_of(tag)) {
    head.kind = *kind;
    bytes.remove_prefix(1);
    std::uint64_t count = 0;
    const std::uint64_t width = head.is_mapping() ? 2 : 1;
    // Every item takes a byte at least, so a count beyond what is left is a lie.
    if (!take_varint(bytes, count) || count > bytes.size() / width ||
        !are_parts_of(head.kind, count, bytes)) {
      return false;
    }
    head.items = count * width;
    return true;
  }
  const std::string_view before = bytes;
  if (!decode(bytes, head.scalar)) return false;
  head.kind = head.scalar.kind;
  if (head.kind == Kind::builtin || head.kind == Kind::opaque) {
    const std::size_t end = before.size() - bytes.size(), size = head.scalar.text.size();
    head.text = before.substr(end - size, size);
  }
  return true;
}

bool skip_value(std::string_view& bytes) {
  /// The items of a container still to come, and which of them must be hashable.
  struct Level {
    std::uint64_t left = 0;
    bool all = false, every_second = false;
    bool next_is_key() const { return all || (every_second && left % 2 == 0); }
  };
  std::array<Level, kDepthMax + 1> levels{};
  int depth = 0;
  levels[0].left = 1;
  Head head;
  while (depth >= 0) {
    Level& level = levels[static_cast<std::size_t>(depth)];
    if (level.left == 0) {
      --depth;
      continue;
    }
    const bool is_key = level.next_is_key();
    --level.left;
    if (!take_head(bytes, head) || (is_key && !is_hashable(head.kind))) return false;
    if (head.items == 0) continue;
    if (++depth > kDepthMax) return false;
    const bool tuple = head.kind == Kind::tuple || head.kind == Kind::named_tuple;
    const bool set = head.kind == Kind::set || head.kind == Kind::frozenset;
    levels[static_cast<std::size_t>(depth)] = {head.items, set || (is_key && tuple),
                                               head.is_mapping()};
  }
  return true;
}

bool is_encoding(std::string_view bytes) { return skip_value(bytes) && bytes.empty(); }

}  // namespace assay
