// `seedling profile`: how long the passes of the model take on this machine, and the plan that follows.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/command.h"
#include "cli/json_object.h"
#include "engine/assert.h"
#include "engine/engine.h"
#include "engine/measure_profile.h"
#include "engine/profile_file.h"
#include "engine/sampler/plan.h"

namespace seedling::cli {
namespace {

constexpr int kPlannedContext = 512;  // about what a completion stands behind

Result<StepProfile> measure(const Backend& backend, std::shared_ptr<const Model> model,
                            const BackendOptions& options) {
  ProfileMeasurement measurement = TRY(ProfileMeasurement::open(backend, std::move(model), options));
  while (!measurement.is_done()) TRY(measurement.advance());
  const std::optional<StepProfile> profile = measurement.profile();
  SEEDLING_ASSERT(profile.has_value());  // it was not told to give up
  return *profile;
}

void print_times(const char* name, const PassTimes& times) {
  std::printf("%-8s %8s", name, "context");
  for (const int size : times.sizes) std::printf(" %8d", size);
  std::printf("\n");
  for (std::size_t context = 0; context < times.contexts.size(); ++context) {
    std::printf("%-8s %8d", "", times.contexts[context]);
    for (std::size_t size = 0; size < times.sizes.size(); ++size) {
      std::printf(" %8.3f", times.ms[context * times.sizes.size() + size]);
    }
    std::printf("\n");
  }
}

void print_table(const ProfileKey& key, const StepProfile& profile, const Plan& plan) {
  std::printf("%s backend, %s, %d threads, %s\n", key.backend.c_str(), key.device.c_str(), key.threads,
              key.cpu.c_str());
  std::printf("milliseconds of a pass of so many tokens, behind a context of so many\n");
  print_times("step", profile.step);
  print_times("extend", profile.extend);
  print_times("causal", profile.causal);
  std::printf("plan     blocks of %d, committed from confidence %g on: %.2f tokens a step, %.3f tokens/ms\n",
              plan.block, static_cast<double>(plan.threshold), plan.tokens_per_step, plan.tokens_per_ms);
}

std::string json_of(const Plan& plan) {
  JsonObject object;
  object.add("context", kPlannedContext).add("block", plan.block).add("threshold", plan.threshold);
  object.add("tokens_per_step", plan.tokens_per_step).add("tokens_per_ms", plan.tokens_per_ms);
  return object.text();
}

}  // namespace

Result<int> run_profile(const ProfileOptions& options, const GlobalOptions& global) {
  const EngineOptions engine = engine_options(global);
  const std::shared_ptr<const Model> model = TRY(Model::load(engine.model_directory));
  const Backend& backend = *TRY(find_backend(engine.backend));
  const BackendOptions backend_options{engine.device, engine.threads};
  const ProfileKey key = profile_key(*model, backend.name, backend_options);
  const std::string folder = cache_folder();
  const std::string path = folder.empty() ? std::string() : profile_path(folder, key);

  std::optional<StepProfile> profile;
  if (!path.empty() && !options.is_refreshed) profile = read_profile(path, key);
  if (!profile) {
    profile = TRY(measure(backend, model, backend_options));
    if (path.empty()) {
      tell("neither XDG_CACHE_HOME nor HOME is set: the profile is not kept");
    } else {
      TRY(write_profile(path, key, *profile));
    }
  }

  PlanLimits limits;
  limits.context_tokens = kPlannedContext;
  Result<DecodingTable> measured = DecodingTable::load(*model);
  const DecodingTable table = measured.ok() ? *measured : unmeasured_table(model->config);
  limits.hole_tokens = table.tokens_per_hole;
  const Plan plan = choose_plan(*profile, table.rows, limits);
  if (options.is_json) {
    JsonObject object;
    object.add("file", path).add_json("profile", profile_json(key, *profile));
    std::cout << object.add_json("plan", json_of(plan)).text() << "\n";
  } else {
    print_table(key, *profile, plan);
  }
  return 0;
}

}  // namespace seedling::cli
