// engine/cache/cached_sequence.h
//
// CachedSequence: one backend session together with the tokens whose keys and values it holds.
//   Owns the session; one thread at a time uses it. The model stays alive as long as the session.
//   Guarantees: what is computed depends on the tokens only, never on what was cached before.
//   Errors: those of the backend; after one the session is dead, is_dead() says so, and every call fails.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/model/backend.h"

namespace seedling {

class CachedSequence;

// A pass that waits for others to be computed with.
struct SequencePass {
  CachedSequence* sequence = nullptr;
  Pass pass;
  std::span<const RowQuery> queries;
  std::span<RowAnswer> answers;
};

class CachedSequence {
 public:
  static Result<std::unique_ptr<CachedSequence>> open(const Backend& backend,
                                                      std::shared_ptr<const Model> model,
                                                      const BackendOptions& options);
  // Another one with the same tokens, which costs next to nothing where the backend can share them.
  Result<std::unique_ptr<CachedSequence>> fork() const;
  ~CachedSequence();
  CachedSequence(const CachedSequence&) = delete;
  CachedSequence& operator=(const CachedSequence&) = delete;

  // Cuts the cache back to what it shares with the beginning of `tokens`, and to `most` tokens; says how many
  // stay.
  int reuse(std::span<const TokenId> tokens, int most);
  // Appends tokens, however many; a query's row counts from the first of them.
  Status extend(std::span<const TokenId> tokens, std::span<const RowQuery> queries = {},
                std::span<RowAnswer> answers = {});
  // A block after the cached tokens; the cache stays as it is.
  Status step(std::span<const TokenId> block, std::span<const RowQuery> queries,
              std::span<RowAnswer> answers);
  // One pass as backend.h describes it; the cache stays as it is until keep() takes the first `count` of its
  // tokens.
  Status forward(const Pass& pass, std::span<const RowQuery> queries, std::span<RowAnswer> answers);
  // The same of several sequences of one model, their rows side by side where the backend can do that. What
  // several blocks ask alike is computed once.
  static Status forward_together(std::span<const SequencePass* const> passes);
  void keep(std::span<const TokenId> tokens);  // REQUIRES: the beginning of the last pass.
  void truncate(int length);                   // REQUIRES: length <= length().

  int length() const { return static_cast<int>(tokens_.size()); }
  std::size_t bytes() const { return backend_.cache_bytes(session_); }
  std::span<const TokenId> tokens() const { return tokens_; }
  bool is_dead() const { return dead_; }

 private:
  CachedSequence(const Backend& backend, std::shared_ptr<const Model> model, const BackendOptions& options,
                 BackendSession* session);
  static bool are_alike(const SequencePass& a, const SequencePass& b);
  static Status compute(std::span<const SequencePass> passes);

  const Backend& backend_;
  std::shared_ptr<const Model> model_;
  BackendOptions options_;
  BackendSession* session_;  // owned: released by the destructor
  std::vector<TokenId> tokens_;
  bool dead_ = false;
};

}  // namespace seedling
