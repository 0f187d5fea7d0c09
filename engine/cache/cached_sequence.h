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

class CachedSequence {
 public:
  static Result<std::unique_ptr<CachedSequence>> open(const Backend& backend,
                                                      std::shared_ptr<const Model> model,
                                                      const BackendOptions& options);
  ~CachedSequence();
  CachedSequence(const CachedSequence&) = delete;
  CachedSequence& operator=(const CachedSequence&) = delete;

  // Makes `tokens` the cached sequence and says how many of them were already. last_logits: empty, or [V] f32
  // for the row after the last token. REQUIRES: tokens not empty.
  Result<int> become(std::span<const TokenId> tokens, std::span<float> last_logits);
  Status extend(std::span<const TokenId> tokens, std::span<const int> rows, std::span<float> logits);
  // A block after the cached tokens; the cache stays as it is.
  Status step(std::span<const TokenId> block, std::span<const int> rows, std::span<float> logits);
  void truncate(int length);  // REQUIRES: length <= length().

  int length() const { return static_cast<int>(tokens_.size()); }
  std::span<const TokenId> tokens() const { return tokens_; }
  bool is_dead() const { return dead_; }

 private:
  CachedSequence(const Backend& backend, std::shared_ptr<const Model> model, BackendSession* session);

  const Backend& backend_;
  std::shared_ptr<const Model> model_;
  BackendSession* session_;  // owned: released by the destructor
  std::vector<TokenId> tokens_;
  bool dead_ = false;
};

}  // namespace seedling
