// tests/fuzz/fuzz_scopes.cpp
//
// Arbitrary bytes in any language: the table of scopes keeps its promises, and every question has an answer.
//   Each input is parsed several times: run with -max_len=2048.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/scopes_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seedling::testing::exercise_scopes({reinterpret_cast<const char*>(data), size});
  return 0;
}
