// Whether this is a build under a sanitizer, where code is five to twenty times as slow.
#pragma once

namespace assay::tests {

/// For `* doctest::skip(kSanitized)`: tests that compute one number thousands of times over. What they
/// execute, shorter tests execute under the sanitizers too.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace assay::tests
