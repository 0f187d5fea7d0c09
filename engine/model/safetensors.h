// engine/model/safetensors.h
//
// The header of a safetensors file, checked: what SafetensorsFile maps and what the fuzzer feeds.
//   Pure; views point into the bytes given, which must outlive them.
//   Errors: invalid_input for anything but a complete file whose tensors lie inside it, do not overlap and
//   have a byte count that fits dtype and shape; a truncated file says expected and actual size. Source: the
//   safetensors format of Hugging Face: u64 little-endian header length, JSON header, data.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

// Tensors in file order. `origin` names the file in errors.
Result<std::vector<NamedTensor>> parse_safetensors(std::span<const std::byte> file,
                                                   const std::string& origin);

std::size_t dtype_bytes(Dtype dtype);
std::string shape_text(std::span<const std::int64_t> shape);  // "[2, 16]"

// out[i] = value first + i of a F32, BF16 or F16 tensor, which need not be aligned in the file.
// REQUIRES: first + out.size() <= number of values; dtype is not I8.
void read_f32(const TensorView& view, std::size_t first, std::span<float> out);

}  // namespace seedling
