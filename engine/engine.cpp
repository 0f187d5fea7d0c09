#include "engine/engine.h"

#include <chrono>
#include <optional>

#include "engine/complete.h"
#include "engine/fix.h"
#include "engine/join.h"
#include "engine/problems.h"
#include "engine/re_examine.h"
#include "engine/refactor.h"
#include "engine/sampler/revise.h"
#include "engine/structure/undeclared.h"

namespace seedling {
namespace {

using Clock = std::chrono::steady_clock;

// Measuring while nobody waits: soon over, and a request that comes has to wait for one pass at most.
constexpr int kSpareRounds = 3;
constexpr double kLongestSpareMs = 50;

bool is_inside(const Snapshot& snapshot, ByteOffset offset) {
  if (offset.value > snapshot.text.size()) return false;
  if (offset.value == snapshot.text.size()) return true;
  return (static_cast<unsigned char>(snapshot.text[offset.value]) & 0xC0) != 0x80;
}

// At the end of a request the caches shrink to their budget.
class Trimmed {
 public:
  explicit Trimmed(SequenceStore& sequences) : sequences_(sequences) {}
  ~Trimmed() { sequences_.trim(); }
  Trimmed(const Trimmed&) = delete;
  Trimmed& operator=(const Trimmed&) = delete;

 private:
  SequenceStore& sequences_;
};

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
  const BackendOptions backend_options{options.device, options.threads};
  ModelSession session{model, &backend,
                       TRY(SequenceStore::open(backend, model, backend_options, options.cache_bytes))};
  session.budget = options.budget;
  session.backend_options = backend_options;
  session.planner =
      Planner(options.block_size > 0 ? options.block_size : model->config.diffusion.default_block,
              options.commit_threshold);
  // One that is missing or of no use is no reason to refuse to work.
  if (Result<Calibration> calibration = Calibration::load(*model); calibration.ok()) {
    session.calibration = std::move(calibration).value();
  }
  std::unique_ptr<Engine> engine(new Engine(std::move(session), options));
  if (options.is_adaptive) engine->plan_adaptively(options);
  return engine;
}

Engine::Engine(ModelSession session, const EngineOptions& options)
    : least_confidence_(options.least_confidence),
      session_(std::move(session)),
      recent_(options.recent_bytes) {}

// A table or profile that is missing or of no use is no reason to refuse to work.
void Engine::plan_adaptively(const EngineOptions& options) {
  Result<DecodingTable> table = DecodingTable::load(model());
  if (!table.ok()) table = unmeasured_table(model().config);
  std::optional<StepProfile> profile;
  if (!options.profile_folder.empty()) {
    profile_key_ = profile_key(model(), backend_name(), session_.backend_options);
    std::string path = profile_path(options.profile_folder, profile_key_);
    profile = read_profile(path, profile_key_);
    if (!profile) profile_path_ = std::move(path);
  }
  if (!profile) profile = assumed_profile(options.device != "cpu");
  session_.planner = Planner(std::move(*table), std::move(*profile));
}

bool Engine::measure_some() {
  if (profile_path_.empty()) return false;
  const auto end = [this] {
    measurement_.reset();
    profile_path_.clear();
    return false;
  };
  if (!measurement_) {
    MeasureOptions options;
    options.rounds = kSpareRounds;
    options.longest_pass_ms = kLongestSpareMs;
    Result<ProfileMeasurement> opened = ProfileMeasurement::open(
        *session_.backend, session_.model, session_.backend_options, std::move(options));
    if (!opened.ok()) return end();
    measurement_ = std::move(opened.value());
    return true;
  }
  if (!measurement_->advance().ok()) return end();
  if (!measurement_->is_done()) return true;
  if (std::optional<StepProfile> profile = measurement_->profile()) {
    (void)write_profile(profile_path_, profile_key_, *profile);  // the next start measures again
    session_.planner.set_profile(std::move(*profile));
  }
  return end();
}

float Engine::least_confidence(const CompleteRequest& request) const {
  if (request.least_confidence) return *request.least_confidence;
  // Without a calibration everything is shown that the structure allows.
  if (!request.is_automatic || !session_.calibration) return least_confidence_;
  return std::max(least_confidence_, static_cast<float>(session_.calibration->shown_from));
}

Result<std::vector<Completion>> Engine::complete(const CompleteRequest& request, std::stop_token stop,
                                                 const StepObserver& observer) {
  TRY(check_range(request.snapshot, {request.cursor, request.cursor}));
  if (stop.stop_requested()) return stopped();
  if (std::optional<std::vector<Completion>> known = recent_.find(request)) return std::move(*known);

  const Clock::time_point start = Clock::now();
  const Trimmed trimmed(session_.sequences);
  std::vector<Completion> completions =
      TRY(seedling::complete(session_, request, least_confidence(request), stop, observer));
  // What the clock cut short may be longer the next time.
  const std::chrono::milliseconds budget(request.limits.latency_budget_ms);
  const bool is_whole = budget.count() <= 0 || Clock::now() - start < budget;
  // Silence that nobody asked to break is no answer to who asks.
  const bool is_answer = !completions.empty() || !request.is_automatic;
  if (is_whole && is_answer) recent_.remember(request, completions);
  return completions;
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
  if (std::optional<Action> action =
          offer_re_examine(*request.snapshot, request.selection, session_.model->config)) {
    actions.push_back(*action);
  }
  return actions;
}

Result<ResolvedAction> Engine::resolve_action(const ResolveActionRequest& request, std::stop_token stop) {
  TRY(check_range(request.snapshot, request.action.range));
  const Trimmed trimmed(session_.sequences);
  if (request.action.name == kFixName) return fix(session_, request, stop);
  if (request.action.name == kReExamineName && can_revise(session_.model->config)) {
    return re_examine(session_, request, stop);
  }
  if (request.action.name == kExtractVariableName) return extract_variable(session_, request, stop);
  return unsupported("there is no action \"" + request.action.name + "\"; the actions are " +
                     std::string(kFixName) + " and " + std::string(kExtractVariableName));
}

Result<std::vector<Diagnostic>> Engine::check(const CheckRequest& request, std::stop_token stop) {
  TRY(check_range(request.snapshot, {}));
  return diagnostics_of(*request.snapshot, stop, request.open);
}

Result<FilledText> Engine::fill(const FillRequest& request, std::stop_token stop,
                                const StepObserver& observer) {
  const Trimmed trimmed(session_.sequences);
  return fill_or_join(session_, request, stop, observer);
}

void Engine::forget(const std::string& document) {
  session_.sequences.forget(document);
  session_.trees.forget(document);
  session_.open_exports.forget(document);
  session_.lookup = {};
  recent_.forget(document);
}

}  // namespace seedling
