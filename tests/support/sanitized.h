// Whether this is a build under a sanitizer, where code is five to twenty times as slow.
#pragma once

namespace assay::tests {

/// For `* doctest::skip(kSanitized)`: tests that compute one number thousands of times over. What they
/// execute, shorter tests execute under the sanitizers too.
#ifdef ASSAY_SANITIZED  // by CMakePresets.json
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace assay::tests
