// Any bytes as a safetensors file: refused or understood, and every tensor lies inside the bytes. As the
// weights of a small int8 model: refused, or every row can be read.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "engine/assert.h"
#include "engine/model/safetensors.h"
#include "engine/model/weights.h"

namespace {

using namespace seedling;

void check_parse(std::span<const std::byte> file) {
  const auto tensors = parse_safetensors(file, "fuzz");
  if (!tensors.ok()) {
    SEEDLING_ASSERT(!tensors.error().message.empty());
    return;
  }
  std::size_t used = 0;
  for (const NamedTensor& tensor : *tensors) {
    SEEDLING_ASSERT(tensor.view.data >= file.data());
    SEEDLING_ASSERT(tensor.view.data + tensor.view.byte_count <= file.data() + file.size());
    used += tensor.view.byte_count;
  }
  SEEDLING_ASSERT(used <= file.size());
}

// corpus/weights/int8 is a whole file of this shape.
ModelConfig small_config() {
  ModelConfig config;
  config.vocab_size = 5;
  config.hidden_size = 6;
  config.num_hidden_layers = 1;
  config.num_attention_heads = 1;
  config.num_key_value_heads = 1;
  config.head_dim = 4;
  config.intermediate_size = 7;
  config.has_int8_panels = true;
  return config;
}

void check_rows(const SafetensorsFile& file) {
  const auto matrices = check_weights(file, small_config());
  if (!matrices.ok()) {
    SEEDLING_ASSERT(!matrices.error().message.empty());
    return;
  }
  for (const auto& [name, matrix] : *matrices) {
    std::vector<float> row(static_cast<std::size_t>(matrix.inputs));
    for (int n = 0; n < matrix.outputs; ++n) matrix.read_row(n, row);
  }
  SEEDLING_ASSERT(read_vector(file, "model.norm.weight").size() == 6);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_parse(std::as_bytes(std::span(data, size)));
  const int memory = memfd_create("fuzz", MFD_CLOEXEC);
  SEEDLING_ASSERT(memory >= 0);
  const bool is_written = write(memory, data, size) == static_cast<ssize_t>(size);
  SEEDLING_ASSERT(is_written);
  const auto file = SafetensorsFile::map("/proc/self/fd/" + std::to_string(memory));
  if (file.ok()) check_rows(**file);
  close(memory);
  return 0;
}
