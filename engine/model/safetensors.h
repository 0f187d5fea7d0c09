// engine/model/safetensors.h
//
// Safetensors files: mapped for reading, written in one piece.
//   A mapped file is immutable and may be shared between threads; views point into it and must not outlive
//   it. Errors: not_found for a file that cannot be opened; invalid_input for anything but a complete file
//   whose tensors lie inside it, do not overlap and have a byte count that fits dtype and shape; a truncated
//   file says expected and actual size. Source: the safetensors format of Hugging Face: u64 little-endian
//   header length, JSON header, data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling {

enum class Dtype { f32, bf16, f16, i8, u8 };

std::size_t dtype_bytes(Dtype dtype);
const char* dtype_name(Dtype dtype);                          // as in the file: "BF16"
std::string shape_text(std::span<const std::int64_t> shape);  // "[2, 16]"

// One tensor of a safetensors file: a view into the mapping, row-major.
struct TensorView {
  Dtype dtype = Dtype::bf16;
  std::vector<std::int64_t> shape;
  const std::byte* data = nullptr;
  std::size_t byte_count = 0;
};

struct NamedTensor {
  std::string name;
  TensorView view;
};

// A mapped file. U8 tensors begin at a multiple of 64 bytes in memory and F32 ones at a multiple of 4, so
// that kernels read them in place: a file whose own layout does not give that has those tensors copied.
class SafetensorsFile {
 public:
  static Result<std::shared_ptr<const SafetensorsFile>> map(const std::string& path);
  ~SafetensorsFile();
  const std::string& path() const;
  std::vector<std::string> names() const;               // in file order
  const TensorView* find(std::string_view name) const;  // nullptr if absent
  // The tensor if it exists with this shape, else an error with expected and actual.
  Result<const TensorView*> require(std::string_view name, std::span<const std::int64_t> shape) const;
  std::size_t copied_bytes() const;  // of the tensors that do not lie in the mapping

 private:
  struct Impl;
  explicit SafetensorsFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Writes to a temporary file beside `path` and renames it. In the mapped file every tensor is aligned for its
// type, and one whose size is a multiple of 64 bytes begins at such a multiple.
Status write_safetensors(const std::string& path, std::span<const NamedTensor> tensors);

// The header of a whole file, checked: what map() reads and what the fuzzer feeds. Tensors in file order,
// views into `file`. `origin` names the file in errors.
Result<std::vector<NamedTensor>> parse_safetensors(std::span<const std::byte> file,
                                                   const std::string& origin);

// out[i] = value first + i of a F32, BF16 or F16 tensor, which need not be aligned in the file.
// REQUIRES: first + out.size() <= number of values; dtype is none of integers.
void read_f32(const TensorView& view, std::size_t first, std::span<float> out);

}  // namespace seedling
