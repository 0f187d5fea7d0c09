#include "engine/cache/cached_sequence.h"

#include <algorithm>

#include "engine/assert.h"
#include "engine/cache/reuse.h"

namespace seedling {
namespace {

Error dead_session() {
  return {ErrorCode::internal, "the model's session failed earlier and must be opened again"};
}

}  // namespace

Result<std::unique_ptr<CachedSequence>> CachedSequence::open(const Backend& backend,
                                                             std::shared_ptr<const Model> model,
                                                             const BackendOptions& options) {
  BackendSession* session = TRY(backend.prepare(model, options));
  return std::unique_ptr<CachedSequence>(new CachedSequence(backend, std::move(model), options, session));
}

CachedSequence::CachedSequence(const Backend& backend, std::shared_ptr<const Model> model,
                               const BackendOptions& options, BackendSession* session)
    : backend_(backend), model_(std::move(model)), options_(options), session_(session) {}

Result<std::unique_ptr<CachedSequence>> CachedSequence::fork() const {
  if (dead_) return dead_session();
  if (backend_.fork == nullptr) {
    std::unique_ptr<CachedSequence> other = TRY(open(backend_, model_, options_));
    TRY(other->extend(tokens_));
    return other;
  }
  BackendSession* session = TRY(backend_.fork(session_));
  std::unique_ptr<CachedSequence> other(new CachedSequence(backend_, model_, options_, session));
  other->tokens_ = tokens_;
  return other;
}

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
  if (dead_) return dead_session();
  Status status = backend_.forward(session_, pass, queries, answers);
  dead_ = !status.ok();
  return status;
}

Status CachedSequence::forward_together(std::span<const SequencePass* const> passes) {
  std::size_t rows = 0;
  for (const SequencePass* one : passes) {
    if (one->sequence->dead_) return dead_session();
    rows += one->pass.tokens.size();
  }
  const Backend* backend = passes.empty() ? nullptr : &passes.front()->sequence->backend_;
  if (passes.size() < 2 || backend->forward_together == nullptr || rows > kMostTokens) {
    for (const SequencePass* one : passes) TRY(one->sequence->forward(one->pass, one->queries, one->answers));
    return Done{};
  }
  std::vector<SessionPass> together;
  for (const SequencePass* one : passes)
    together.push_back({one->sequence->session_, &one->pass, one->queries, one->answers});
  Status status = backend->forward_together(together);
  for (const SequencePass* one : passes) one->sequence->dead_ = !status.ok();
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
