// engine/cache/sequence_store.h
//
// SequenceStore: the token sequences whose keys and values stay between requests, of several documents.
//   A request borrows the sequence of its document that shares the longest beginning with its context; where
//   none shares enough it gets another one, so that places and actions leave each other's alone. Documents
//   never take each other's, however alike: two windows on one file would cut them back in turns.
//   What is borrowed is nobody else's while the pointer is held. One thread. Errors: those of the backend.
//   Memory: trim() drops the longest unused sequences until the rest fits the budget; what is borrowed stays.
//   The model stays ready while nothing is cached.
#pragma once

#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/cache/cached_sequence.h"

namespace seedling {

// What a sequence is for: an action does not throw out what typing is going to need again.
enum class CachedFor { typing, action };

class SequenceStore {
 public:
  static Result<SequenceStore> open(const Backend& backend, std::shared_ptr<const Model> model,
                                    const BackendOptions& options, std::size_t most_bytes);

  // The sequence to compute `context` with; what it holds beside the shared beginning is for the caller to
  // cut.
  Result<std::shared_ptr<CachedSequence>> borrow(std::string_view document, CachedFor use,
                                                 std::span<const TokenId> context);
  void trim();
  // Drops what is cached of a document.
  void forget(std::string_view document);

  std::size_t bytes() const;  // of all keys and values
  std::size_t size() const { return held_.size(); }

 private:
  struct Held {
    std::string document;
    CachedFor use;
    std::shared_ptr<CachedSequence> sequence;
    bool is_free() const { return sequence.use_count() == 1; }
  };
  using Position = std::list<Held>::iterator;

  SequenceStore(const Backend& backend, std::shared_ptr<const Model> model, const BackendOptions& options,
                std::size_t most_bytes, std::shared_ptr<CachedSequence> anchor);
  Position sharing_most(std::string_view document, std::span<const TokenId> context);
  Position replaceable(std::string_view document, CachedFor use);

  const Backend* backend_;
  std::shared_ptr<const Model> model_;
  BackendOptions options_;
  std::size_t most_bytes_;
  // Never borrowed: a backend keeps a model's weights as long as there is a session of it.
  std::shared_ptr<CachedSequence> anchor_;
  std::list<Held> held_;  // the last used first
};

}  // namespace seedling
