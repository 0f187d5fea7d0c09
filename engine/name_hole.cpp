#include "engine/name_hole.h"

#include <algorithm>
#include <cmath>

#include "engine/assert.h"
#include "engine/sampler/block_rows.h"
#include "engine/sampler/commit.h"
#include "engine/sampler/layout.h"

namespace seedling {
namespace {

// Names of more tokens than this are sentences. <end> counts.
constexpr int kMaxNameTokens = 7;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_byte(char c) {
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// One place of the name: its context is cached in a sequence of its own.
struct Place {
  std::shared_ptr<CachedSequence> sequence;
  BlockRows rows;
};

Result<Place> open_place(ModelSession& session, const FillRequest& hole) {
  const ModelConfig& config = session.model->config;
  const std::vector<TokenId> context = TRY(context_of(session, hole, kMaxNameTokens));
  const int count = static_cast<int>(context.size());
  std::shared_ptr<CachedSequence> sequence =
      TRY(session.sequences.borrow(hole.cached_by(), hole.cached_for, context));
  const int reused = sequence->reuse(context, config.diffusion.shift ? count - 1 : count);
  BlockRows rows(*sequence, config);
  TRY(rows.extend(std::span(context).subspan(reused)));
  return Place{std::move(sequence), std::move(rows)};
}

// Mean over the places of ln p: their product, on the scale of one place.
void joint_row(std::span<const Place> places, std::size_t i, std::span<float> sum, std::span<float> scratch) {
  std::fill(sum.begin(), sum.end(), 0.0f);
  for (const Place& place : places) {
    log_softmax(place.rows.logits(i), scratch);
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += scratch[t] / static_cast<float>(places.size());
  }
}

std::string spell_name(const Tokenizer& tokenizer, const Canvas& canvas) {
  if (!canvas.ended()) return {};
  return spell(tokenizer, canvas, 0, canvas.size() - 1);
}

}  // namespace

NameRules::NameRules(const Tokenizer& tokenizer, TokenId end, int vocab_size)
    : first_(vocab_size), later_(vocab_size) {
  for (TokenId token = 0; token < std::min(vocab_size, tokenizer.vocab_size()); ++token) {
    const std::string_view bytes = tokenizer.bytes(token);
    if (bytes.empty() || !std::all_of(bytes.begin(), bytes.end(), is_name_byte)) continue;
    later_.insert(token);
    if (!is_digit(bytes.front())) first_.insert(token);
  }
  later_.insert(end);
}

Result<FilledName> fill_name(ModelSession& session, std::span<const FillRequest> holes,
                             const NameRules& rules, std::stop_token stop) {
  SEEDLING_ASSERT(!holes.empty() && holes.size() <= kMostNamePlaces);
  const ModelConfig& config = session.model->config;
  std::vector<Place> places;
  for (const FillRequest& hole : holes) places.push_back(TRY(open_place(session, hole)));

  Canvas canvas;
  canvas.mask = config.diffusion.mask;
  canvas.end = config.diffusion.end;
  open_block(canvas, kMaxNameTokens);
  FilledName filled;
  std::vector<float> sum(config.vocab_size), scratch(config.vocab_size);
  const float threshold = session.planner.plan({}, holes[0].language).threshold;
  while (first_masked(canvas) < canvas.size()) {
    if (stop.stop_requested()) return stopped();
    const auto ask = [&](int position, RowQuery& query) { query.allowed = rules.allowed(position).words(); };
    for (Place& place : places) TRY(place.rows.compute(canvas, ask, /*with_logits=*/kMaxNameTokens));
    ++filled.steps;
    std::vector<Proposal> proposals;
    const std::vector<int>& positions = places.front().rows.positions();
    for (std::size_t i = 0; i < positions.size(); ++i) {
      joint_row(places, i, sum, scratch);
      RowQuery query;
      query.allowed = rules.allowed(positions[i]).words();
      proposals.push_back(proposal_of(positions[i], answer_row(sum, query)));
    }
    for (const Proposal& chosen : choose_commits(proposals, threshold)) {
      const bool is_open = chosen.position < canvas.size() && canvas.is_masked(chosen.position);
      if (is_open) commit(canvas, chosen.position, chosen.token, chosen.confidence);
    }
  }
  filled.name = spell_name(*session.model->tokenizer, canvas);
  filled.first_token = canvas.tokens.front();
  filled.tokens = canvas.size();
  return filled;
}

}  // namespace seedling
