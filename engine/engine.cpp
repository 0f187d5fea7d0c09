#include "engine/engine.h"

#include <algorithm>

#include "engine/complete.h"
#include "engine/fix.h"
#include "engine/refactor.h"
#include "engine/structure/undeclared.h"

namespace seedling {
namespace {

bool is_inside(const Snapshot& snapshot, ByteOffset offset) {
  if (offset.value > snapshot.text.size()) return false;
  if (offset.value == snapshot.text.size()) return true;
  return (static_cast<unsigned char>(snapshot.text[offset.value]) & 0xC0) != 0x80;
}

Status check_range(const SnapshotPtr& snapshot, ByteRange range) {
  if (!snapshot) return invalid_input("the request has no document");
  if (is_inside(*snapshot, range.begin) && is_inside(*snapshot, range.end) && range.begin <= range.end) {
    return Done{};
  }
  return invalid_input("bytes " + std::to_string(range.begin.value) + " to " +
                       std::to_string(range.end.value) + " are no range of characters of " + snapshot->path +
                       ", which has " + std::to_string(snapshot->text.size()) + " bytes");
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  // The first completion needs it, but not before the model has filled the hole.
  std::jthread preparation(prepare_undeclared_uses);
  std::shared_ptr<const Model> model = TRY(Model::load(options.model_directory));
  const Backend* backend = TRY(find_backend(options.backend));
  std::unique_ptr<Engine> engine = TRY(open(std::move(model), *backend, options));
  engine->preparation_ = std::move(preparation);
  return engine;
}

Result<std::unique_ptr<Engine>> Engine::open(std::shared_ptr<const Model> model, const Backend& backend,
                                             const EngineOptions& options) {
  ModelSession session;
  session.backend = &backend;
  session.backend_options = {options.device, options.threads};
  session.budget = options.budget;
  session.block = options.block_size > 0 ? options.block_size : model->config.diffusion.default_block;
  session.threshold = options.commit_threshold;
  session.sequence = TRY(CachedSequence::open(backend, model, session.backend_options));
  session.model = std::move(model);
  return std::unique_ptr<Engine>(new Engine(std::move(session), options.least_confidence));
}

Engine::Engine(ModelSession session, float least_confidence)
    : least_confidence_(least_confidence), session_(std::move(session)) {}

Status Engine::reopen_if_dead() {
  if (session_.second_sequence && session_.second_sequence->is_dead()) session_.second_sequence.reset();
  if (!session_.sequence->is_dead()) return Done{};
  session_.sequence = TRY(CachedSequence::open(*session_.backend, session_.model, session_.backend_options));
  return Done{};
}

Result<std::vector<Completion>> Engine::complete(const CompleteRequest& request, std::stop_token stop,
                                                 const StepObserver& observer) {
  TRY(check_range(request.snapshot, {request.cursor, request.cursor}));
  TRY(reopen_if_dead());
  cached_path_ = request.snapshot->path;
  return seedling::complete(session_, request, least_confidence_, stop, observer);
}

Result<std::vector<Action>> Engine::list_actions(const ListActionsRequest& request, std::stop_token stop) {
  TRY(check_range(request.snapshot, request.selection));
  std::vector<Action> actions;
  for (const Diagnostic& diagnostic : request.diagnostics) {
    if (stop.stop_requested()) return stopped();
    if (std::optional<Action> action = offer_fix(*request.snapshot, diagnostic)) actions.push_back(*action);
  }
  if (stop.stop_requested()) return stopped();
  if (std::optional<Action> action = offer_extract_variable(*request.snapshot, request.selection)) {
    actions.push_back(*action);
  }
  return actions;
}

Result<ResolvedAction> Engine::resolve_action(const ResolveActionRequest& request, std::stop_token stop) {
  TRY(check_range(request.snapshot, request.action.range));
  TRY(reopen_if_dead());
  cached_path_ = request.snapshot->path;
  if (request.action.name == kFixName) return fix(session_, request, stop);
  if (request.action.name == kExtractVariableName) return extract_variable(session_, request, stop);
  return unsupported("there is no action \"" + request.action.name + "\"; the actions are " +
                     std::string(kFixName) + " and " + std::string(kExtractVariableName));
}

Result<FilledText> Engine::fill(const FillRequest& request, std::stop_token stop,
                                const StepObserver& observer) {
  TRY(reopen_if_dead());
  cached_path_ = request.path;
  return seedling::fill(session_, request, stop, observer);
}

void Engine::forget(const std::string& path) {
  if (path != cached_path_) return;
  session_.sequence->truncate(0);
  if (session_.second_sequence) session_.second_sequence->truncate(0);
}

}  // namespace seedling
