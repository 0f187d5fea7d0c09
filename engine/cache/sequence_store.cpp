#include "engine/cache/sequence_store.h"

#include <algorithm>
#include <iterator>

#include "engine/cache/reuse.h"

namespace seedling {
namespace {

// A sequence is worth cutting back when it spares this part of the context: less than that is shared by any
// two places of a document, and a window that has moved on shares about this much with its suffix.
constexpr int kLeastShare = 5;  // one fifth

// Places of one document that stay cached: where one types, where one was before, and with a bracket opened.
constexpr int kMostForTyping = 3;
// The places of one name that are filled together.
constexpr int kMostForActions = 2;

}  // namespace

Result<SequenceStore> SequenceStore::open(const Backend& backend, std::shared_ptr<const Model> model,
                                          const BackendOptions& options, std::size_t most_bytes) {
  std::shared_ptr<CachedSequence> anchor = TRY(CachedSequence::open(backend, model, options));
  return SequenceStore(backend, std::move(model), options, most_bytes, std::move(anchor));
}

SequenceStore::SequenceStore(const Backend& backend, std::shared_ptr<const Model> model,
                             const BackendOptions& options, std::size_t most_bytes,
                             std::shared_ptr<CachedSequence> anchor)
    : backend_(&backend),
      model_(std::move(model)),
      options_(options),
      most_bytes_(most_bytes),
      anchor_(std::move(anchor)) {}

Result<std::shared_ptr<CachedSequence>> SequenceStore::borrow(std::string_view document, CachedFor use,
                                                              std::span<const TokenId> context) {
  std::erase_if(held_, [](const Held& held) { return held.sequence->is_dead(); });
  Position chosen = sharing_most(document, context);
  if (chosen == held_.end()) chosen = replaceable(document, use);
  if (chosen == held_.end()) {
    held_.push_front({{}, use, TRY(CachedSequence::open(*backend_, model_, options_))});
    chosen = held_.begin();
  }
  chosen->document = document;
  chosen->use = use;
  held_.splice(held_.begin(), held_, chosen);
  return chosen->sequence;
}

SequenceStore::Position SequenceStore::sharing_most(std::string_view document,
                                                    std::span<const TokenId> context) {
  Position best = held_.end();
  int most = std::max(1, static_cast<int>(context.size()) / kLeastShare) - 1;
  for (Position held = held_.begin(); held != held_.end(); ++held) {
    if (held->document != document || !held->is_free()) continue;
    const int shared = reusable_length(held->sequence->tokens(), context);
    if (shared <= most) continue;
    most = shared;
    best = held;
  }
  return best;
}

// The document's longest unused one, when it has as many as it may.
SequenceStore::Position SequenceStore::replaceable(std::string_view document, CachedFor use) {
  Position oldest = held_.end();
  int count = 0;
  for (Position held = held_.begin(); held != held_.end(); ++held) {
    if (held->document != document || held->use != use) continue;
    ++count;
    if (held->is_free()) oldest = held;
  }
  return count < (use == CachedFor::typing ? kMostForTyping : kMostForActions) ? held_.end() : oldest;
}

void SequenceStore::trim() {
  std::size_t left = bytes();
  for (Position held = held_.end(); left > most_bytes_ && held != held_.begin();) {
    --held;
    if (!held->is_free()) continue;
    left -= held->sequence->bytes();
    held = held_.erase(held);
  }
}

void SequenceStore::forget(std::string_view document) {
  std::erase_if(held_, [&](const Held& held) { return held.document == document; });
}

std::size_t SequenceStore::bytes() const {
  std::size_t sum = 0;
  for (const Held& held : held_) sum += held.sequence->bytes();
  return sum;
}

}  // namespace seedling
