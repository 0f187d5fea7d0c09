// engine/model/backend.h
//
// Backend: the one seam between the sampler and whatever runs the transformer (cpu, torch; later cuda).
//   A struct of function pointers, so that a backend can live in a plug-in that is loaded on demand.
//   A session is one model on one device plus the KV cache of one sequence; one thread at a time uses it.
//
//   The cache is always causal: token i of it saw tokens 0..i. extend() appends to it; step() runs a block that sees
//   the whole cache and, bidirectionally, itself, and leaves the cache as it was. A finished block becomes context by
//   extend(). So a later block cannot change an earlier one, and the same weights are an autoregressive model:
//   row r of extend() predicts the token after r, row r of step() the token at r (config.diffusion.shift == false).
//
//   rows: which of the n tokens get logits, ascending; logits: [rows.size(), V] f32, row-major, caller-owned.
//   REQUIRES: tokens in [0, V); length + n <= max_position_embeddings.
//   Errors: internal on a device failure (the session is dead afterwards).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

struct BackendOptions {
  std::string device = "cpu";  // "cpu" or "cuda" (torch backend with a CUDA libtorch)
  int threads = 0;             // 0: as many as this process may use
};

struct BackendSession {};  // each backend derives its own from it

struct Backend {
  const char* name;
  Result<BackendSession*> (*prepare)(std::shared_ptr<const Model>, const BackendOptions&);
  void (*release)(BackendSession*);
  int (*length)(const BackendSession*);                    // tokens in the cache
  void (*truncate)(BackendSession*, int length);           // REQUIRES: length <= current length
  Status (*extend)(BackendSession*, std::span<const TokenId> tokens, std::span<const int> rows, std::span<float> logits);
  Status (*step)(BackendSession*, std::span<const TokenId> block, std::span<const int> rows, std::span<float> logits);
};

const Backend& cpu_backend();

// The torch backend lives in libseedling_torch.so beside the executable; unsupported if it was not built.
Result<const Backend*> load_torch_backend();

// By name: "cpu", "torch", or "auto" (the fastest that works here). invalid_input for another name.
Result<const Backend*> find_backend(const std::string& name);

}  // namespace seedling
