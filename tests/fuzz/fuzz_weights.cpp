// Any bytes as a safetensors file: refused or understood, and every tensor lies inside the bytes.
#include <cstdint>

#include "engine/assert.h"
#include "engine/model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto tensors = seedling::parse_safetensors(file, "fuzz");
  if (!tensors.ok()) {
    SEEDLING_ASSERT(!tensors.error().message.empty());
    return 0;
  }
  std::size_t used = 0;
  for (const seedling::NamedTensor& tensor : *tensors) {
    SEEDLING_ASSERT(tensor.view.data >= file.data());
    SEEDLING_ASSERT(tensor.view.data + tensor.view.byte_count <= file.data() + file.size());
    used += tensor.view.byte_count;
  }
  SEEDLING_ASSERT(used <= file.size());
  return 0;
}
