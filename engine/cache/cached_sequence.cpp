#include "engine/cache/cached_sequence.h"

#include <algorithm>
#include <cstdint>
#include <vector>

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
  std::vector<SequencePass> leaders;  // one of all that are alike
  std::vector<std::vector<RowQuery>> queries;
  std::vector<std::size_t> leader_of;
  queries.reserve(passes.size());
  for (const SequencePass* one : passes) {
    if (one->sequence->dead_) return dead_session();
    std::size_t leader = 0;
    while (leader < leaders.size() && !are_alike(leaders[leader], *one)) ++leader;
    leader_of.push_back(leader);
    if (leader == leaders.size()) {
      queries.emplace_back(one->queries.begin(), one->queries.end());
      leaders.push_back(*one);
      leaders.back().queries = queries.back();
    }
    for (std::size_t i = 0; i < one->queries.size(); ++i)
      if (queries[leader][i].logits.empty()) queries[leader][i].logits = one->queries[i].logits;
  }
  TRY(compute(leaders));
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const SequencePass& leader = leaders[leader_of[i]];
    if (leader.answers.data() == passes[i]->answers.data()) continue;
    std::ranges::copy(leader.answers, passes[i]->answers.begin());
    for (std::size_t row = 0; row < passes[i]->queries.size(); ++row) {
      const std::span<float> wanted = passes[i]->queries[row].logits, there = leader.queries[row].logits;
      if (wanted.data() != there.data()) std::ranges::copy(there.first(wanted.size()), wanted.begin());
    }
  }
  return Done{};
}

// Whether the answers to both are the same. A pass of which something may be kept is its sequence's own.
bool CachedSequence::are_alike(const SequencePass& a, const SequencePass& b) {
  if (a.pass.sight != Sight::block || b.pass.sight != Sight::block) return false;
  const auto is_same_set = [words = (a.sequence->model_->config.vocab_size + 63) / 64](
                               const std::uint64_t* x, const std::uint64_t* y) {
    return x == y || (x != nullptr && y != nullptr && std::equal(x, x + words, y));
  };
  const auto is_same_query = [&](const RowQuery& x, const RowQuery& y) {
    return x.row == y.row && x.target == y.target && is_same_set(x.allowed, y.allowed) &&
           is_same_set(x.preferred, y.preferred);
  };
  return std::ranges::equal(a.pass.tokens, b.pass.tokens) && a.sequence->model_ == b.sequence->model_ &&
         a.sequence->tokens_ == b.sequence->tokens_ &&
         std::ranges::equal(a.queries, b.queries, is_same_query);
}

Status CachedSequence::compute(std::span<const SequencePass> passes) {
  std::size_t rows = 0;
  for (const SequencePass& one : passes) rows += one.pass.tokens.size();
  const Backend* backend = passes.empty() ? nullptr : &passes.front().sequence->backend_;
  if (passes.size() < 2 || backend->forward_together == nullptr || rows > kMostTokens) {
    for (const SequencePass& one : passes) TRY(one.sequence->forward(one.pass, one.queries, one.answers));
    return Done{};
  }
  std::vector<SessionPass> together;
  for (const SequencePass& one : passes)
    together.push_back({one.sequence->session_, &one.pass, one.queries, one.answers});
  Status status = backend->forward_together(together);
  for (const SequencePass& one : passes) one.sequence->dead_ = !status.ok();
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
