// tests/engine/scripted_backend.h
//
// A backend that plays a script instead of computing: what the sampler does is then known in advance.
//   The script is asked for the token that belongs at a place and how sure the model is of it; the row of
//   logits has exactly that probability at that token and shares the rest among all others. Sessions take the
//   script that was set when they were prepared. One thread.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "engine/model/backend_call.h"
#include "engine/model/row_answer.h"

namespace seedling::test {

struct Scripted {
  TokenId token = 0;
  float confidence = 0.99f;
  TokenId second = -1;  // gets most of the rest; -1: none does
};

// `cached`: the tokens before the block (or, for the causal reading, up to and including the row's own);
// `block`: what the block shows; `index`: the position asked about, counted from the end of `cached`.
using Script =
    std::function<Scripted(std::span<const TokenId> cached, std::span<const TokenId> block, int index)>;

struct ScriptedState {
  Script script;
  int steps = 0;        // passes that are not causal
  int extended = 0;     // tokens that became cache
  int fail_after = -1;  // steps that succeed before the device fails; -1: all
};

inline ScriptedState& scripted_state() {
  static ScriptedState state;
  return state;
}

// What a cached token costs, so that budgets of bytes can be tested.
inline constexpr std::size_t kScriptedTokenBytes = 100;

struct ScriptedCache {
  std::vector<TokenId> tokens;
  std::vector<TokenId> last_pass;
  int vocab = 0;
};

inline RowAnswer scripted_answer(const Scripted& scripted, int vocab, const RowQuery& query) {
  std::vector<float> row(vocab, std::log((1 - scripted.confidence) / static_cast<float>(vocab - 1)));
  if (scripted.second >= 0) row[scripted.second] = std::log((1 - scripted.confidence) * 0.9f);
  row[scripted.token] = std::log(scripted.confidence);
  std::copy(row.begin(), row.begin() + query.logits.size(), query.logits.begin());
  return answer_row(row, query);
}

// How many tokens of a listed pass see those before them only, and none of the block behind them.
inline int causal_rows(const Pass& pass) {
  const int last = static_cast<int>(pass.tokens.size()) - 1;
  int row = 0;
  while (row < last && pass.sees[static_cast<std::size_t>(row)] >> row == 1) ++row;
  return row;
}

inline Status scripted_forward(BackendSession* session, const Pass& pass, std::span<const RowQuery> queries,
                               std::span<RowAnswer> answers) {
  auto& cache = *reinterpret_cast<ScriptedCache*>(session);
  cache.last_pass.assign(pass.tokens.begin(), pass.tokens.end());
  if (pass.sight != Sight::causal && scripted_state().steps++ == scripted_state().fail_after) {
    return Error{ErrorCode::internal, "the scripted device failed"};
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    // What the row sees of the pass, for the causal reading a part of the context.
    std::vector<TokenId> seen = cache.tokens;
    const int row = queries[i].row;
    if (pass.sight != Sight::causal) {
      // What is to become context with this pass stands before the block.
      const int before = pass.sight == Sight::listed ? causal_rows(pass) : 0;
      seen.insert(seen.end(), pass.tokens.begin(), pass.tokens.begin() + before);
      answers[i] = scripted_answer(scripted_state().script(seen, pass.tokens.subspan(before), row - before),
                                   cache.vocab, queries[i]);
      continue;
    }
    for (int j = 0; j <= row; ++j) {
      if (sees(pass, row, j)) seen.push_back(pass.tokens[j]);
    }
    answers[i] = scripted_answer(scripted_state().script(seen, {}, 0), cache.vocab, queries[i]);
  }
  return Done{};
}

inline const Backend& scripted_backend() {
  static const Backend backend{
      "scripted",
      [](std::shared_ptr<const Model> model, const BackendOptions&) -> Result<BackendSession*> {
        auto* cache = new ScriptedCache;
        cache->vocab = model->config.vocab_size;
        return reinterpret_cast<BackendSession*>(cache);
      },
      [](BackendSession* session) { delete reinterpret_cast<ScriptedCache*>(session); },
      [](const BackendSession* session) {
        return static_cast<int>(reinterpret_cast<const ScriptedCache*>(session)->tokens.size());
      },
      [](const BackendSession* session) {
        return reinterpret_cast<const ScriptedCache*>(session)->tokens.size() * kScriptedTokenBytes;
      },
      [](BackendSession* session, int length) {
        reinterpret_cast<ScriptedCache*>(session)->tokens.resize(length);
      },
      scripted_forward,
      [](BackendSession* session, int count) {
        auto& cache = *reinterpret_cast<ScriptedCache*>(session);
        cache.tokens.insert(cache.tokens.end(), cache.last_pass.begin(), cache.last_pass.begin() + count);
        scripted_state().extended += count;
      }};
  return backend;
}

// Starts a new script with fresh counters.
inline void set_script(Script script) {
  scripted_state() = {std::move(script), 0, 0, -1};
}

// The script of a model that knows what belongs in the hole: `answer` with <end> behind it, after the last
// <|middle|>.
inline Script knows(std::vector<TokenId> answer, TokenId middle, TokenId end, float confidence = 0.99f) {
  return [=](std::span<const TokenId> cached, std::span<const TokenId>, int index) -> Scripted {
    int start = static_cast<int>(cached.size());
    while (start > 0 && cached[start - 1] != middle) --start;
    const std::size_t at = cached.size() - start + index;
    return {at < answer.size() ? answer[at] : end, confidence};
  };
}

}  // namespace seedling::test
