// libFuzzer: everything that parses bytes from the judged side. First byte: which parser.
//   make fuzz
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/base/value/value.h"
#include "sandbox/supervise/frames.h"

using namespace assay;
using namespace assay::sandbox;

/// What decodes must encode to what decodes to the same bytes again: one value, one encoding.
static void try_value(std::string_view bytes) {
  Value value, again;
  if (!decode_whole(bytes, value)) return;
  const std::string once = encode(value);
  if (!decode_whole(once, again) || encode(again) != once) std::abort();
  repr(value, 200);
}

/// The stream must come out the same however it is cut into reads.
static void try_frames(std::string_view bytes) {
  constexpr std::uint64_t kNonce = 0x4141414141414141, kMax = 4096;
  std::size_t counts[2] = {0, 0};
  bool broken[2] = {false, false};
  for (const bool whole : {true, false}) {
    FrameReader reader;
    reader.reset(kNonce, kMax);
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const std::size_t size =
          whole ? rest.size() : std::min<std::size_t>(rest.size(), 1 + rest.size() % 37);
      std::memcpy(reader.take_room(size), rest.data(), size);
      reader.came(size);
      rest.remove_prefix(size);
      Frame frame;
      while (reader.next(frame)) {
        ++counts[whole];
        if (frame.content.size() > kMax) std::abort();
        Raised raised;
        if (parse_raised(frame.content, raised) &&
            raised.type.size() + raised.message.size() > frame.content.size()) {
          std::abort();
        }
        try_value(frame.content);
      }
    }
    broken[whole] = reader.broken();
  }
  if (counts[0] != counts[1] || broken[0] != broken[1]) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Raised raised;
  switch (data[0] % 3) {
    case 0:
      try_value(bytes);
      break;
    case 1:
      try_frames(bytes);
      break;
    default:
      parse_raised(bytes, raised);
  }
  return 0;
}
