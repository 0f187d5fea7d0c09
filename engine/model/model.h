// engine/model/model.h
//
// Model: what a model folder holds, loaded once and shared: configuration, tokenizer and mapped weights.
//   Immutable after load; safe to share between threads; backends read the weights in place.
//   Errors: not_found when the folder or a file is missing (says which and what to do), invalid_input when a file is
//   truncated or a tensor is missing or has the wrong shape (says expected and actual).
//   Source: file formats of DESIGN.md section 5; safetensors as specified by Hugging Face.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/config.h"
#include "engine/result.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling {

enum class Dtype { f32, bf16, f16, i8 };

// One tensor of a safetensors file: a view into the mapping, row-major.
struct TensorView {
  Dtype dtype = Dtype::bf16;
  std::vector<std::int64_t> shape;
  const std::byte* data = nullptr;
  std::size_t byte_count = 0;
};

// A mapped safetensors file.
class SafetensorsFile {
 public:
  static Result<std::shared_ptr<const SafetensorsFile>> map(const std::string& path);
  ~SafetensorsFile();
  std::vector<std::string> names() const;           // in file order
  const TensorView* find(std::string_view name) const;  // nullptr if absent
  // The tensor if it exists with this shape, else an error with expected and actual.
  Result<const TensorView*> require(std::string_view name, std::span<const std::int64_t> shape) const;

 private:
  struct Impl;
  explicit SafetensorsFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct NamedTensor {
  std::string name;
  TensorView view;
};
// Writes to a temporary file beside `path` and renames it.
Status write_safetensors(const std::string& path, std::span<const NamedTensor> tensors);

struct Model {
  std::string directory;
  ModelConfig config;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::shared_ptr<const SafetensorsFile> weights;  // every tensor that config asks for was checked

  static Result<std::shared_ptr<const Model>> load(const std::string& directory);
};

}  // namespace seedling
