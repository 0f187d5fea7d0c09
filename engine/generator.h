// engine/generator.h
//
// What the language server may ask of the engine: the only engine header that lsp/ includes (with types.h,
// result.h).
//   Every call returns at once; the answer arrives through `done`, exactly once, on the engine's thread.
//   The caller posts it to its own thread. A request carries an immutable snapshot, a stop token and a seed,
//   so an answer is a pure function of weights, snapshot, hole, seed and limits; only a completion that was
//   offered and is being typed is continued as it was offered. A newer completion request for the same
//   document stops the older one, which is answered with ErrorCode::stopped. Errors:
//   ErrorCode::stopped when superseded or stopped; otherwise one clear message.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/open_file.h"
#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

// How the same weights are decoded: by block diffusion; one token after the other (the twin); or to the
// twin's text, with drafts that are verified several at a time.
enum class Mode { diffusion, causal, hybrid };

struct Limits {
  int max_tokens = 96;        // length of a filled hole in tokens
  int max_lines = 8;          // lines of a completion; the text is cut after that many
  int candidates = 1;         // how many different completions to return at most
  int latency_budget_ms = 0;  // stop and return what stands after this long; 0 means no limit
};

// What one fill cost, and how sure it was. Times are wall clock.
struct FillStats {
  int tokens = 0;  // tokens in the filled text, <end> included
  int steps = 0;   // forward passes over a block, in causal mode over one token, else over drafts
  int blocks = 0;  // blocks denoised
  int block = 0;   // tokens denoised together, and the confidence that commits them: the plan
  float threshold = 0;
  double expected_tokens_per_step = 0;  // 0: the plan was fixed, nothing was expected
  int context_tokens = 0;               // tokens before the first block
  int reused_tokens = 0;                // of those, taken from the cache
  double prefill_ms = 0;
  double denoise_ms = 0;
  std::size_t cache_bytes = 0;  // of all cached keys and values, of every document
  int reopened = 0;             // times that a text did not fit and another one was tried
  double constraint_ms = 0;     // of all this, what the constraints took
  bool reused_canvas = false;   // the rest of what was offered before: the model was not asked
  float mean_confidence = 0;    // of the committed tokens, in [0, 1]
  float log_confidence = 0;     // sum of their logarithms

  // What another text cost that was tried for the same answer; what is said of the answer stays.
  void add_cost(const FillStats& tried) {
    tokens += tried.tokens;
    steps += tried.steps;
    blocks += tried.blocks;
    context_tokens += tried.context_tokens;
    reused_tokens += tried.reused_tokens;
    prefill_ms += tried.prefill_ms;
    denoise_ms += tried.denoise_ms;
    reopened += tried.reopened;
    constraint_ms += tried.constraint_ms;
  }
};

struct CompleteRequest {
  SnapshotPtr snapshot;
  ByteOffset cursor;
  Limits limits;
  Mode mode = Mode::diffusion;
  std::uint64_t seed = 0;
  // Held to the structure of the code around the cursor while it is written, not only judged by it in the
  // end.
  bool is_constrained = true;
  // Nobody asked: the tree decides whether a line or a block is offered, and what is less sure than
  // `least_confidence` is not. Without it, what the model is calibrated to counts.
  bool is_automatic = false;
  std::optional<float> least_confidence;
  // Other open documents of the same language, the nearest first: what the text imports from them is known.
  std::vector<SnapshotPtr> neighbours;
};

struct Completion {
  ByteRange replaces;  // empty at the cursor, unless the completion rewrites what stands around it
  std::string text;
  // In [0,1], higher is surer: how often such a completion is right, where the model was calibrated
  // (model/calibration.h); else the mean confidence of the committed tokens.
  float confidence = 0;
  FillStats stats;
};

struct Diagnostic {
  ByteRange range;
  std::string message;
  std::string source;  // tool that reported it, may be empty
  std::string code;    // may be empty
};

// An action that can be offered for a range. Listing is cheap and never runs the model; resolving does.
struct Action {
  enum class Kind { fix, refactor };
  Kind kind = Kind::refactor;
  std::string name;                     // stable identifier: "fix", "extract-variable"
  std::string title;                    // shown to people
  ByteRange range;                      // what it would change
  std::vector<Diagnostic> diagnostics;  // for a fix: the diagnostics it answers
};

struct ListActionsRequest {
  SnapshotPtr snapshot;
  ByteRange selection;  // empty: a cursor
  std::vector<Diagnostic> diagnostics;
};

struct ResolveActionRequest {
  SnapshotPtr snapshot;
  Action action;
  Limits limits;
  Mode mode = Mode::diffusion;
  std::uint64_t seed = 0;
};

// An empty edit list means that nothing better than the present text was found; `reason` says why in one
// line.
struct ResolvedAction {
  std::vector<Edit> edits;
  std::string reason;
  FillStats stats;
};

// What our own parser finds wrong in a document: syntax errors, and names that nothing declares.
struct CheckRequest {
  SnapshotPtr snapshot;
  std::vector<OpenFile> open;  // whose texts take the place of what is on the disk
};

template <class T>
using OnDone = std::function<void(Result<T>)>;

class Generator {
 public:
  virtual ~Generator() = default;
  virtual void complete(CompleteRequest request, std::stop_token stop,
                        OnDone<std::vector<Completion>> done) = 0;
  virtual void list_actions(ListActionsRequest request, std::stop_token stop,
                            OnDone<std::vector<Action>> done) = 0;
  virtual void resolve_action(ResolveActionRequest request, std::stop_token stop,
                              OnDone<ResolvedAction> done) = 0;
  // Needs no model. The answer is in the order of the text.
  virtual void check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) = 0;
  // Forget what is cached for a document (document_of) that was closed.
  virtual void forget(const std::string& document) = 0;
  // For how long a call that was told to stop has gone on: for ever, where the engine hangs. Zero otherwise.
  virtual std::chrono::milliseconds overdue() { return {}; }
};

}  // namespace seedling
