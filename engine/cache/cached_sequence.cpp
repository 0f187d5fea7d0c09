#include "engine/cache/cached_sequence.h"

#include <algorithm>

#include "engine/assert.h"
#include "engine/cache/reuse.h"

namespace seedling {

Result<std::unique_ptr<CachedSequence>> CachedSequence::open(const Backend& backend,
                                                             std::shared_ptr<const Model> model,
                                                             const BackendOptions& options) {
  BackendSession* session = TRY(backend.prepare(model, options));
  return std::unique_ptr<CachedSequence>(new CachedSequence(backend, std::move(model), session));
}

CachedSequence::CachedSequence(const Backend& backend, std::shared_ptr<const Model> model,
                               BackendSession* session)
    : backend_(backend), model_(std::move(model)), session_(session) {}

CachedSequence::~CachedSequence() {
  backend_.release(session_);
}

Result<int> CachedSequence::become(std::span<const TokenId> tokens, std::span<float> last_logits) {
  SEEDLING_ASSERT(!tokens.empty());
  int kept = reusable_length(tokens_, tokens);
  // The row after the last token exists only while that token is being computed.
  if (!last_logits.empty()) kept = std::min(kept, static_cast<int>(tokens.size()) - 1);
  truncate(kept);
  const std::span<const TokenId> rest = tokens.subspan(kept);
  if (rest.empty()) return kept;
  const int last_row = static_cast<int>(rest.size()) - 1;
  const std::span<const int> rows(&last_row, last_logits.empty() ? 0 : 1);
  TRY(extend(rest, rows, last_logits));
  return kept;
}

Status CachedSequence::extend(std::span<const TokenId> tokens, std::span<const int> rows,
                              std::span<float> logits) {
  if (dead_) return Error{ErrorCode::internal, "the model's session failed earlier and must be opened again"};
  Status status = backend_.extend(session_, tokens, rows, logits);
  if (!status.ok()) {
    dead_ = true;
    return status;
  }
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  return Done{};
}

Status CachedSequence::step(std::span<const TokenId> block, std::span<const int> rows,
                            std::span<float> logits) {
  if (dead_) return Error{ErrorCode::internal, "the model's session failed earlier and must be opened again"};
  Status status = backend_.step(session_, block, rows, logits);
  dead_ = !status.ok();
  return status;
}

void CachedSequence::truncate(int length) {
  SEEDLING_ASSERT(length <= this->length());
  if (dead_ || length == this->length()) return;
  backend_.truncate(session_, length);
  tokens_.resize(length);
}

}  // namespace seedling
