#include "harness/base/value/excerpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/base/value/value.h"

namespace assay {

namespace {

struct Container {
  char tag;
  const char *open, *close;
  const char* empty;  ///< where open and close alone would say another kind
  std::uint64_t width = 1;
};
constexpr Container kContainers[] = {
    {'l', "[", "]", nullptr},
    {'t', "(", ")", nullptr},
    {'S', "{", "}", "set()"},
    {'Z', "frozenset({", "})", "frozenset()"},
    {'q', "deque([", "])", nullptr},
    {'m', "{", "}", nullptr, 2},
    {'O', "OrderedDict({", "})", nullptr, 2},
    {'D', "defaultdict(..., {", "})", nullptr, 2},
    {'C', "Counter({", "})", nullptr, 2},
};

std::optional<std::uint64_t> take_count(std::string_view& bytes) {
  std::uint64_t count = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    count |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return count;
  }
  return std::nullopt;
}

/// Prints one value after the other from the front of `bytes`.
class Printer {
 public:
  Printer(std::string_view bytes, std::size_t length_max)
      : bytes_(bytes), length_max_(length_max) {}

  /// False where the bytes are no encoding.
  bool print(int depth) {
    if (bytes_.empty() || depth > kDepthMax) return false;
    const auto container =
        std::find_if(std::begin(kContainers), std::end(kContainers),
                     [&](const Container& one) { return one.tag == bytes_.front(); });
    return container == std::end(kContainers) ? print_leaf() : print_items(*container, depth);
  }
  std::string text;

 private:
  bool print_leaf() {
    Value leaf;
    if (!decode(bytes_, leaf)) return false;
    text += repr(leaf, length_max_ - std::min(length_max_, text.size()));
    return true;
  }

  bool print_items(const Container& container, int depth) {
    bytes_.remove_prefix(1);
    const std::optional<std::uint64_t> count = take_count(bytes_);
    if (!count || *count > bytes_.size() / container.width) return false;
    if (*count == 0 && container.empty) {
      text += container.empty;
      return true;
    }
    text += container.open;
    for (std::uint64_t i = 0; i < *count; ++i) {
      if (i > 0) text += ", ";
      if (text.size() > length_max_) {
        text += fmt::format("... ({} items)", *count);
        cut_ = true;
        break;
      }
      if (!print(depth + 1)) return false;
      if (container.width == 2 && !cut_) {
        text += ": ";
        if (!print(depth + 1)) return false;
      }
    }
    if (container.tag == 't' && *count == 1) text += ',';
    text += container.close;
    return true;
  }

  std::string_view bytes_;
  const std::size_t length_max_;
  bool cut_ = false;  ///< what follows is not looked at: only what is open is closed
};

}  // namespace

std::string excerpt(std::string_view encoded, std::size_t length_max) {
  Printer printer(encoded, length_max);
  return printer.print(0) ? std::move(printer.text) : "(not decodable)";
}

}  // namespace assay
