#include "engine/tokenizer/token_index.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

namespace seedling {
namespace {

std::uint32_t hash_of(std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

}  // namespace

TokenIndex::TokenIndex(std::size_t expected) : slots_(std::bit_ceil(expected * 2 + 2)) {}

std::size_t TokenIndex::slot_of(std::string_view text, std::uint32_t hash) const {
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].token >= 0 &&
         (slots_[at].hash != hash || std::string_view(slots_[at].text, slots_[at].size) != text)) {
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

bool TokenIndex::insert(std::string_view text, TokenId token) {
  if ((count_ + 1) * 2 > slots_.size()) grow();
  const std::uint32_t hash = hash_of(text);
  Slot& slot = slots_[slot_of(text, hash)];
  if (slot.token >= 0) return false;
  slot = {text.data(), static_cast<std::uint32_t>(text.size()), hash, token};
  ++count_;
  return true;
}

TokenId TokenIndex::find(std::string_view text) const {
  return slots_[slot_of(text, hash_of(text))].token;
}

void TokenIndex::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.token >= 0) slots_[slot_of({slot.text, slot.size}, slot.hash)] = slot;
  }
}

}  // namespace seedling
