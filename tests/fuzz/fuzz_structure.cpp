// tests/fuzz/fuzz_structure.cpp
//
// Arbitrary bytes in any language: no function of engine/structure crashes or answers outside the text.
//   Each input is parsed a dozen times: run with -max_len=512.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/structure_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seedling::testing::exercise_structure({reinterpret_cast<const char*>(data), size});
  return 0;
}
