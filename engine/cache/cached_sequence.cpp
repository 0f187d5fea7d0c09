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

int CachedSequence::reuse(std::span<const TokenId> tokens, int most) {
  if (dead_) return 0;
  truncate(std::min(reusable_length(tokens_, tokens), most));
  return length();
}

Status CachedSequence::extend(std::span<const TokenId> tokens, std::span<const RowQuery> queries,
                              std::span<RowAnswer> answers) {
  std::vector<RowQuery> chunk_queries;
  std::size_t answered = 0;
  for (std::size_t begin = 0; begin < tokens.size(); begin += kMostTokens) {
    const std::size_t count = std::min<std::size_t>(kMostTokens, tokens.size() - begin);
    chunk_queries.clear();
    while (answered + chunk_queries.size() < queries.size()) {
      RowQuery query = queries[answered + chunk_queries.size()];
      query.row -= static_cast<int>(begin);
      if (query.row >= static_cast<int>(count)) break;
      chunk_queries.push_back(query);
    }
    Pass pass;
    pass.tokens = tokens.subspan(begin, count);
    TRY(forward(pass, chunk_queries, answers.subspan(answered, chunk_queries.size())));
    keep(pass.tokens);
    answered += chunk_queries.size();
  }
  return Done{};
}

Status CachedSequence::step(std::span<const TokenId> block, std::span<const RowQuery> queries,
                            std::span<RowAnswer> answers) {
  Pass pass;
  pass.tokens = block;
  pass.sight = Sight::block;
  return forward(pass, queries, answers);
}

Status CachedSequence::forward(const Pass& pass, std::span<const RowQuery> queries,
                               std::span<RowAnswer> answers) {
  if (dead_) return Error{ErrorCode::internal, "the model's session failed earlier and must be opened again"};
  Status status = backend_.forward(session_, pass, queries, answers);
  dead_ = !status.ok();
  return status;
}

void CachedSequence::keep(std::span<const TokenId> tokens) {
  if (dead_) return;
  backend_.keep(session_, static_cast<int>(tokens.size()));
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
}

void CachedSequence::truncate(int length) {
  SEEDLING_ASSERT(length <= this->length());
  if (dead_ || length == this->length()) return;
  backend_.truncate(session_, length);
  tokens_.resize(length);
}

}  // namespace seedling
