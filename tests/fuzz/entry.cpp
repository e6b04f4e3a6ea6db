#include <cstddef>
#include <cstdint>

#include "target.hpp"

/// What libFuzzer calls, for the one target of this program. An exception ends it as a crash does, with the input kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cleave::fuzz::CLEAVE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
