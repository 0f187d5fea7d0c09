// Any text of a model at any cursor of any document: what is offered of it is a piece of it. Bytes: language,
// cursor, where the document ends.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.h"
#include "engine/offer_rules.h"
#include "engine/structure/layout.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  constexpr std::string_view kLanguages[] = {"python", "cpp", "javascript", "none"};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::size_t end = bytes.size() * data[2] / 255;
  const std::string_view text = bytes.substr(end);
  const seedling::Snapshot snapshot{"a", std::string(kLanguages[data[0] % 4]), 0,
                                    std::string(bytes.substr(0, end))};
  const seedling::ByteOffset cursor{static_cast<std::uint32_t>(end * data[1] / 255)};
  const seedling::OfferPlace place{snapshot, cursor, 1 + data[3] % 8, data[3] % 2 == 0};
  for (const seedling::OfferRule& rule : seedling::offer_rules())
    SEEDLING_ASSERT(text.find(rule.apply(place, text)) != std::string_view::npos);
  SEEDLING_ASSERT(text.find(seedling::offerable_part(place, text)) != std::string_view::npos);
  (void)seedling::closes_and_goes_on(snapshot, cursor, text, "))");
  return 0;
}
