#pragma once

// What a sanitizer that the whole build has (the presets asan and tsan) takes from a test: memory above all, for which
// figures and limits are made. Such a test is skipped or leaves out that one figure, with the reason beside it.

namespace cleave::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kUnderAddressSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kUnderAddressSanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool kUnderAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kUnderThreadSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kUnderThreadSanitizer = __has_feature(thread_sanitizer);
#else
inline constexpr bool kUnderThreadSanitizer = false;
#endif

inline constexpr bool kSanitized = kUnderAddressSanitizer || kUnderThreadSanitizer;

/// Why the address sanitizer's build, which has the one for undefined behaviour too, runs nothing without descriptors.
inline constexpr const char* kNeedsDescriptors =
    "the undefined-behaviour sanitizer opens a pipe to look at memory, and calls it invalid when it gets none";

/// Why no program of a sanitized build takes over what passed before.
inline constexpr const char* kNoCache = "a program with a sanitizer takes nothing over";

/// Why no test can follow another one of Catch2 in its process for certain.
inline constexpr const char* kOneProcessEach =
    "a batch of Catch2 is as long as a process is worth, whose start and end take so long here that it may be one test";

}  // namespace cleave::test
