// engine/model/backend.h
//
// Backend: the one seam between the sampler and whatever runs the transformer (cpu, plain, torch; later
// cuda).
//   A struct of function pointers, so that a backend can live in a plug-in that is loaded on demand.
//   A session is one model on one device plus the KV cache of one sequence; one thread at a time uses it, and
//   one thread at a time uses the sessions of one model, which share its weights and its threads.
//
//   forward() runs a pass: M tokens behind the cached ones. Every token of it sees the whole cache; who sees
//   whom inside the pass is the pass's own affair, so the same call is a prefill and a causal step
//   (Sight::causal), a denoising step (Sight::block) and a draft that is verified while the next one is made
//   (Sight::listed). The cache stays as it was until keep() makes the first tokens of the last pass part of
//   it. The cache is always causal: token i of it saw tokens 0..i. So a later block cannot change an earlier
//   one, and the same weights are an autoregressive model: row r of a causal pass predicts the token after r,
//   row r of a block the token at r (config.diffusion.shift == false).
//
//   What a row computes depends on the tokens it sees and their positions only: not on M, on its place in the
//   pass or on the number of threads (bit for bit on the cpu backend). Errors: internal on a
//   device failure (the session is dead afterwards). A broken REQUIRES aborts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

enum class Sight : std::uint8_t {
  causal,  // token i of the pass sees tokens 0..i of it
  block,   // every token sees every other
  listed,  // token i sees what its entry of Pass::sees lists
};

inline constexpr int kMostListed = 64;  // tokens of a listed pass: one bit each

struct Pass {
  std::span<const TokenId> tokens;  // [M], in [0, V); length + their offsets < max_position_embeddings
  Sight sight = Sight::causal;
  // For Sight::listed, else empty. [M]: bit j of entry i: token i sees token j; a token sees itself.
  std::span<const std::uint64_t> sees;
  // For Sight::listed, else empty: [M] position of token i behind the cache; 0, 1, 2 ... in the other passes.
  std::span<const int> offsets;
};

// What is wanted of one token of a pass.
struct RowQuery {
  int row = 0;                               // of the pass
  const std::uint64_t* allowed = nullptr;    // [V/64 rounded up], bit t: token t may be the answer; null: any
  const std::uint64_t* preferred = nullptr;  // [V/64 rounded up]: the best of these is wanted too; null: not
  TokenId target = -1;                       // the token whose log-probability is wanted; -1: none
  std::span<float> logits;                   // [V] to be filled, or empty: writing logits out costs time
};

// confidence, entropy and target_log_probability are those of the softmax over the whole vocabulary, allowed
// or not. NaN counts as minus infinity. A row without a usable logit: the lowest allowed token, confidence 0,
// entropy 0, target_log_probability minus infinity. No allowed token: token -1, confidence 0.
struct RowAnswer {
  TokenId token = -1;    // the most probable allowed token; of equal ones the lowest
  float confidence = 0;  // its probability
  float entropy = 0;     // nats
  float target_log_probability = 0;
  TokenId preferred = -1;          // the most probable preferred token, as `token` is of the allowed ones
  float preferred_confidence = 0;  // its probability
};

struct BackendOptions {
  std::string device = "cpu";  // "cpu" or "cuda" (torch backend with a CUDA libtorch)
  int threads = 0;             // 0: as many as this process may use
};

struct BackendSession {};  // each backend derives its own from it

// A pass of one session among those of others.
struct SessionPass {
  BackendSession* session = nullptr;
  const Pass* pass = nullptr;
  std::span<const RowQuery> queries;
  std::span<RowAnswer> answers;
};

struct Backend {
  const char* name;
  Result<BackendSession*> (*prepare)(std::shared_ptr<const Model>, const BackendOptions&);
  void (*release)(BackendSession*);
  int (*length)(const BackendSession*);               // tokens in the cache
  std::size_t (*cache_bytes)(const BackendSession*);  // memory of the keys and values of this session
  void (*truncate)(BackendSession*, int length);      // REQUIRES: length <= current length
  // REQUIRES: queries ascend by row; as many answers as queries; M <= kMostTokens.
  Status (*forward)(BackendSession*, const Pass&, std::span<const RowQuery>, std::span<RowAnswer>);
  // The first `count` tokens of the last pass become cache. REQUIRES: no other call in between; count <= M;
  // each of these tokens saw exactly those of the pass up to itself, at offsets 0, 1, 2 ...
  void (*keep)(BackendSession*, int count);

  // Null where a backend has nothing better than one session after the other.
  // A session whose cache is that of another one, which it shares until one of them goes on.
  Result<BackendSession*> (*fork)(const BackendSession*) = nullptr;
  // forward() of several sessions of one model at once, so that its weights are read once. The same answers.
  // REQUIRES: as forward() of each; different sessions; at most kMostTokens tokens together.
  Status (*forward_together)(std::span<const SessionPass>) = nullptr;
};

// Tokens of one pass at most: bounds the activations. Longer texts are extended in chunks (CachedSequence).
inline constexpr int kMostTokens = 256;

// The fast one: int8 weights, bf16 keys and values, kernels/cpu.
const Backend& cpu_backend();

// The readable one: weights as wide as in the file, f32 activations; what the fast one is checked against.
const Backend& plain_backend();

// The torch backend lives in libseedling_torch.so beside the executable; unsupported if it was not built.
Result<const Backend*> load_torch_backend();

// By name: "cpu", "plain", "torch", or "auto" (the fastest that works here). invalid_input for another name.
Result<const Backend*> find_backend(const std::string& name);

}  // namespace seedling
