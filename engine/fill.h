// engine/fill.h
//
// The one primitive: fills one hole of a text with the model. Completion, fix and refactor are made of it.
//   Runs on the engine thread; polls `stop` before every step.
//   The text is a pure function of weights, request, options and plan (sampler/plan.h), whatever was cached
//   before.
//   Errors: stopped; invalid_input where the request is too long for the model; those of the backend.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cache/document_trees.h"
#include "engine/cache/open_exports.h"
#include "engine/cache/sequence_store.h"
#include "engine/generator.h"
#include "engine/hole_check.h"
#include "engine/model/calibration.h"
#include "engine/sampler/decode.h"
#include "engine/sampler/layout.h"
#include "engine/sampler/lexeme_table.h"
#include "engine/sampler/lookup.h"
#include "engine/sampler/plan.h"

namespace seedling {

struct FillRequest {
  std::string_view prefix;
  std::string_view suffix;
  std::string_view language;    // LSP id
  std::string_view path;        // may be empty
  std::string_view document;    // whose caches are used; empty: the path's
  std::string_view diagnostic;  // message to answer, may be empty
  Limits limits;
  Mode mode = Mode::diffusion;
  std::uint64_t seed = 0;
  float temperature = 0;  // > 0: the first uncertain token is drawn with the seed
  CachedFor cached_for = CachedFor::typing;
  // Whether the text is held to what the code around the hole demands: tokens that would break it are not
  // proposed (sampler/constraint.h), and where the whole does not fit, a token is reopened and another text
  // tried.
  bool is_constrained = false;
  bool is_one_line = false;               // one line is all that belongs there
  std::span<const Neighbour> neighbours;  // for a constrained hole: whose names may be used there too
  std::string_view neighbour_lines;       // of their text, for the model to see; may be empty
  // For a constrained hole: how many bytes of a text the caller takes (nothing: what it is is decided later),
  // and what stands behind them then, if that is not the suffix.
  std::function<std::optional<std::size_t>(std::string_view)> kept_bytes;
  std::optional<std::string_view> judged_suffix;
  // What is in the hole already, for a model that can revise it; it keeps, replaces, deletes and inserts
  // tokens.
  std::optional<std::string_view> draft;
  float edit_threshold = 0.9f;  // how sure an edit must be
  float reopen_threshold = 0;   // a token of the draft believed less than this is thought over

  std::string_view cached_by() const { return document.empty() ? path : document; }
};

struct FilledText {
  std::string text;      // complete UTF-8 characters; partial words at its edges are taken off
  float confidence = 0;  // mean of the committed tokens, in [0, 1]
  Outcome outcome = Outcome::ended;
  bool joins_suffix =
      true;              // false where the hole's right edge cuts a word and the text does not lead into it
  Fit fit = Fit::sound;  // of a constrained hole: whether the best text that was found fits
  FillStats stats;
};

// A loaded model with the sequences that are cached for it.
struct ModelSession {
  std::shared_ptr<const Model> model;
  const Backend* backend;
  SequenceStore sequences;
  DocumentTrees trees;
  OpenExports open_exports;
  std::map<std::string, std::shared_ptr<const LexemeTable>, std::less<>> lexemes;  // by language
  BackendOptions backend_options;
  Lookup lookup;  // drafts of the hybrid mode
  ContextBudget budget;
  Planner planner{16, 0.9f};
  std::optional<Calibration> calibration;  // of these weights; none: confidence is the tokens' own
};

// What makes one of several texts for the same hole differ from the others.
struct Variation {
  float temperature = 0;  // as in FillRequest
  int rank = 0;           // which of the tokens that are drawn there, the model's own choice left out;
  int ranks = 0;          // of how many that are drawn for other texts
};

// Several texts for one hole, decoded side by side: what they have in common is computed once, their steps
// together. The same texts as one after the other, in the order of `variations`, which take the place of the
// request's temperature. The observer sees the first of them.
Result<std::vector<FilledText>> fill_several(ModelSession& session, const FillRequest& request,
                                             std::span<const Variation> variations, std::stop_token stop,
                                             const StepObserver& observer = {});

Result<FilledText> fill(ModelSession& session, const FillRequest& request, std::stop_token stop,
                        const StepObserver& observer = {});

// What the model sees of the text around a hole, with `reserved` positions left for the hole itself.
Result<std::vector<TokenId>> context_of(const ModelSession& session, const FillRequest& hole, int reserved);

// The budget scaled down to `positions` tokens in all, markers included; unchanged where it fits.
ContextBudget fit_budget(const ContextBudget& budget, int positions);

// The tokens of a text in the hole, as the sampler would write them, <end> behind them.
std::vector<TokenId> tokens_of(const ModelSession& session, const FillRequest& hole, std::string_view text);

// ln probability of each of `wanted`, as the causal reading of the same weights sees a text of these tokens in
// the hole: of wanted[i] behind the first i of them. REQUIRES: wanted is not empty, nor more than one longer.
Result<std::vector<float>> causal_log_probabilities(ModelSession& session, const FillRequest& hole,
                                                    std::span<const TokenId> tokens,
                                                    std::span<const TokenId> wanted, std::stop_token stop);

// Mean ln probability of a text in the hole, in the same reading; <end> included. Higher is better: what ranks
// candidates.
Result<double> causal_score(ModelSession& session, const FillRequest& hole, std::string_view text,
                            std::stop_token stop);

}  // namespace seedling
