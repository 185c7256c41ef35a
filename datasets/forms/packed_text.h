// The text in base64(zlib(pickle)), as LiveCodeBench packs its private tests. Nothing is unpickled: of
// pickle's language only what says one str is understood. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::datasets {

/// The most that a packed text may become: what a line may have.
inline constexpr std::size_t kPackedTextMax = std::size_t{256} << 20;

/// Throws Error, in words that name no file, for what is packed otherwise or holds anything else.
std::string packed_text(std::string_view base64);

/// The str that `pickle` says, in protocol 2 to 5; nothing for any other object.
std::optional<std::string> pickled_text(std::string_view pickle);

}  // namespace assay::datasets
