// engine/engine.h
//
// Engine: what the product can do with one model, synchronously: complete, list and resolve actions, fill.
//   Owns the model, the backend's session and what is cached. Not thread-safe; one thread at a time uses it.
//   Guarantees: the same request gives the same answer, whatever was asked before, except that an offered
//   completion which is being typed goes on as it was offered (cache/recent_completions.h); nothing is
//   offered that parses worse than the text it would change.
//   Errors: stopped; invalid_input for a cursor or range outside of the text; unsupported for an unknown
//   action; internal when the device failed, after which the next call opens a session again.
//   Memory: keys and values of several documents, at most EngineOptions::cache_bytes between requests.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engine/cache/recent_completions.h"
#include "engine/fill.h"
#include "engine/generator.h"
#include "engine/measure_profile.h"
#include "engine/profile_file.h"

namespace seedling {

// Some 20 documents with the shape of 46 M parameters: 12 kB a token.
inline constexpr std::size_t kDefaultCacheBytes = std::size_t{128} << 20;

struct EngineOptions {
  std::string model_directory;
  std::string backend = "auto";  // "auto", "cpu", "torch"
  std::string device = "cpu";
  int threads = 0;     // 0: as many as this process may use
  int block_size = 0;  // tokens denoised together; 0: what the model's configuration says
  float commit_threshold = 0.9f;
  // Block size and threshold are chosen for every hole (sampler/plan.h) instead of being the two above.
  bool is_adaptive = false;
  std::string profile_folder;  // of measured profiles; empty: that of an unknown machine is assumed
  float least_confidence = 0;  // a completion below it is not shown, whoever asked
  std::size_t cache_bytes = kDefaultCacheBytes;       // keys and values of all documents; 0: nothing stays
  std::size_t recent_bytes = std::size_t{256} << 10;  // completions that are remembered; 0: none
  // The shipped model was trained on windows of 512 tokens; half the default budget also halves the prefill.
  ContextBudget budget{384, 96, 16, 48};
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  // The same with a model and a backend at hand.
  static Result<std::unique_ptr<Engine>> open(std::shared_ptr<const Model> model, const Backend& backend,
                                              const EngineOptions& options);

  // At most limits.candidates completions, the likeliest first; none where nothing good enough was found.
  Result<std::vector<Completion>> complete(const CompleteRequest& request, std::stop_token stop,
                                           const StepObserver& observer = {});
  Result<std::vector<Action>> list_actions(const ListActionsRequest& request, std::stop_token stop);
  Result<ResolvedAction> resolve_action(const ResolveActionRequest& request, std::stop_token stop);

  // What is wrong in a document, without the model.
  Result<std::vector<Diagnostic>> check(const CheckRequest& request, std::stop_token stop);

  // The primitive, with no structural filter: what evaluation measures.
  Result<FilledText> fill(const FillRequest& request, std::stop_token stop,
                          const StepObserver& observer = {});

  // Measures how fast this machine is, for the next plans: a piece of some milliseconds. Whether there is
  // more to measure; never where a profile was found or the plan is fixed. What goes wrong ends the
  // measuring.
  bool measure_some();

  // Drops what is cached of a document (document_of).
  void forget(const std::string& document);

  const Model& model() const { return *session_.model; }
  const char* backend_name() const { return session_.backend->name; }
  ModelSession& session() { return session_; }

 private:
  Engine(ModelSession session, const EngineOptions& options);
  void plan_adaptively(const EngineOptions& options);

  float least_confidence(const CompleteRequest& request) const;

  float least_confidence_;  // constant after construction
  ModelSession session_;
  RecentCompletions recent_;
  std::string profile_path_;  // where the profile is kept once it is measured; empty: nothing to measure
  ProfileKey profile_key_;
  std::optional<ProfileMeasurement> measurement_;
  std::jthread preparation_;  // of what the first completion needs besides the model
};

}  // namespace seedling
