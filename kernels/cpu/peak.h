// kernels/cpu/peak.h
//
// What one core can do at best: multiply-adds that touch registers only, and reading memory once through.
//   The floor under a forward pass is made of these rates. One loop per kind of instruction; the fastest one
//   that this machine has is what counts, and who measures finds it by running them all. Every loop keeps
//   enough independent sums to hide the instructions' latency, and the compiler can neither drop nor shorten
//   it. Pure; each call is one thread's work, and several threads may call at once.
#pragma once

#include <cstddef>
#include <vector>

namespace seedling::kernels {

struct PeakLoop {
  const char* name;
  // Runs `rounds` rounds and returns how many multiply-adds that were.
  double (*run)(long rounds);
};

// The loops that this machine can run; never empty. Products of 8-bit integers summed in 32 bits; on a
// machine that has none of these instructions, of floats.
std::vector<PeakLoop> peak_int8_loops();
// Products of bf16 pairs summed in f32 and f32 multiply-adds.
std::vector<PeakLoop> peak_float_loops();

// Loads every byte of [data, data + bytes) into a register, front to back. REQUIRES: bytes % 512 == 0.
void read_once(const std::byte* data, std::size_t bytes);

}  // namespace seedling::kernels
