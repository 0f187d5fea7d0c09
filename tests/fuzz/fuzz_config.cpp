// Any bytes as config.json: refused with one line, or understood and written back to the same values.
#include <cstdint>

#include "engine/assert.h"
#include "engine/model/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = seedling::ModelConfig::parse(text, "fuzz");
  if (!config.ok()) {
    SEEDLING_ASSERT(!config.error().message.empty());
    return 0;
  }
  SEEDLING_ASSERT(config->parameter_count() > 0);
  const auto again = seedling::ModelConfig::parse(config->to_json(), "fuzz");
  SEEDLING_ASSERT(again.ok() && again->to_json() == config->to_json());
  return 0;
}
