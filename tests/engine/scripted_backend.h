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

#include "engine/model/backend.h"

namespace seedling::test {

struct Scripted {
  TokenId token = 0;
  float confidence = 0.99f;
};

// `cached`: the tokens before the block (or, for the causal reading, up to and including the row's own);
// `block`: what the block shows; `index`: the position asked about, counted from the end of `cached`.
using Script =
    std::function<Scripted(std::span<const TokenId> cached, std::span<const TokenId> block, int index)>;

struct ScriptedSession;
struct ScriptedState {
  Script script;
  int steps = 0;        // calls of step
  int extended = 0;     // tokens given to extend
  int fail_after = -1;  // steps that succeed before the device fails; -1: all
};

inline ScriptedState& scripted_state() {
  static ScriptedState state;
  return state;
}

struct ScriptedCache {
  std::vector<TokenId> tokens;
  int vocab = 0;
};

inline void write_row(const Scripted& scripted, std::span<float> row) {
  const float rest = (1 - scripted.confidence) / static_cast<float>(row.size() - 1);
  std::fill(row.begin(), row.end(), std::log(rest));
  row[scripted.token] = std::log(scripted.confidence);
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
      [](BackendSession* session, int length) {
        reinterpret_cast<ScriptedCache*>(session)->tokens.resize(length);
      },
      [](BackendSession* session, std::span<const TokenId> tokens, std::span<const int> rows,
         std::span<float> logits) -> Status {
        auto& cache = *reinterpret_cast<ScriptedCache*>(session);
        const int before = static_cast<int>(cache.tokens.size());
        cache.tokens.insert(cache.tokens.end(), tokens.begin(), tokens.end());
        scripted_state().extended += static_cast<int>(tokens.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const std::span<const TokenId> seen = std::span(cache.tokens).first(before + rows[i] + 1);
          write_row(scripted_state().script(seen, {}, 0), logits.subspan(i * cache.vocab, cache.vocab));
        }
        return Done{};
      },
      [](BackendSession* session, std::span<const TokenId> block, std::span<const int> rows,
         std::span<float> logits) -> Status {
        auto& cache = *reinterpret_cast<ScriptedCache*>(session);
        if (scripted_state().steps++ == scripted_state().fail_after) {
          return Error{ErrorCode::internal, "the scripted device failed"};
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
          write_row(scripted_state().script(cache.tokens, block, rows[i]),
                    logits.subspan(i * cache.vocab, cache.vocab));
        }
        return Done{};
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
