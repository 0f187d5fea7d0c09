// tests/fuzz/replay_targets.h
//
// The fuzz targets by name, for a program that calls them without libFuzzer.
//   Every fuzz_NAME.cpp defines LLVMFuzzerTestOneInput; CMake renames it to fuzz_NAME and writes the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace seedling {

struct FuzzTarget {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

std::span<const FuzzTarget> fuzz_targets();

}  // namespace seedling
