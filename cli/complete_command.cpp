// `seedling complete`: one completion at a place in a file, as text, as JSON or step by step.
#include <unistd.h>

#include <chrono>
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/json_object.h"
#include "cli/steps_view.h"
#include "engine/engine.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::string json_of(const Completion& completion, double ms) {
  const FillStats& stats = completion.stats;
  JsonObject replaces, object;
  replaces.add("begin", completion.replaces.begin.value).add("end", completion.replaces.end.value);
  object.add("text", completion.text).add_json("replaces", replaces.text());
  object.add("confidence", completion.confidence).add("tokens", stats.tokens).add("steps", stats.steps);
  object.add("blocks", stats.blocks).add("block", stats.block).add("threshold", stats.threshold);
  if (stats.steps > 0) object.add("tokens_per_step", 1.0 * stats.tokens / stats.steps);
  object.add("expected_tokens_per_step", stats.expected_tokens_per_step);
  object.add("context_tokens", stats.context_tokens);
  object.add("reused_tokens", stats.reused_tokens).add("prefill_ms", stats.prefill_ms);
  object.add("reopened", stats.reopened).add("constraint_ms", stats.constraint_ms);
  object.add("denoise_ms", stats.denoise_ms).add("ms", ms);
  object.add("cache_bytes", stats.cache_bytes).add("reused_canvas", stats.reused_canvas);
  return object.text();
}

void print_json(const std::vector<Completion>& completions, bool is_array, double ms) {
  std::vector<std::string> objects;
  for (const Completion& completion : completions) objects.push_back(json_of(completion, ms));
  if (is_array)
    std::cout << json_array(objects) << "\n";
  else
    std::cout << (objects.empty() ? "null" : objects.front()) << "\n";
}

void print_text(const std::vector<Completion>& completions) {
  for (std::size_t i = 0; i < completions.size(); ++i) {
    if (i > 0) std::cout << "---\n";
    std::cout << completions[i].text << (completions[i].text.ends_with('\n') ? "" : "\n");
  }
}

void print_surroundings(const std::vector<Completion>& completions, const Snapshot& snapshot,
                        bool has_color) {
  for (const Completion& completion : completions) {
    const FillStats& stats = completion.stats;
    std::cout << "\n"
              << surroundings_of(snapshot.text, completion.replaces.begin.value, completion.text, has_color)
              << "\n"
              << stats.tokens << " tokens in " << stats.steps << " steps, " << stats.context_tokens
              << " tokens of context, prefill " << json_number(stats.prefill_ms) << " ms, denoising "
              << json_number(stats.denoise_ms) << " ms, confidence " << json_number(completion.confidence)
              << "\n";
  }
}

}  // namespace

Result<int> run_complete(const CompleteOptions& options, const GlobalOptions& global) {
  const Place place = TRY(parse_place(options.place));
  if (place.end) return invalid_input("a completion needs one position: FILE:LINE:COL");
  CompleteRequest request;
  request.snapshot = TRY(open_document(place.file));
  request.cursor = TRY(offset_of(*request.snapshot, place.begin));
  request.limits = options.limits;
  request.mode = options.decode.decode_mode();
  request.seed = options.decode.seed;
  request.is_constrained = options.decode.is_constrained();
  const std::unique_ptr<Engine> engine =
      TRY(Engine::open(engine_options(global, options.decode, Usual::adaptive)));

  const bool has_color =
      options.color == "always" || (options.color == "auto" && ::isatty(STDOUT_FILENO) == 1);
  StepsView view(*engine->model().tokenizer, has_color);
  StepObserver observer;
  if (options.shows_steps) {
    observer = [&](const StepView& step) { std::cout << view.line_of(step) << std::flush; };
  }
  const Clock::time_point start = Clock::now();
  const std::vector<Completion> completions = TRY(engine->complete(request, {}, observer));
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();

  if (completions.empty()) tell("nothing to complete here: the model found no text that fits");
  if (options.is_json)
    print_json(completions, options.limits.candidates > 1, ms);
  else if (options.shows_steps)
    print_surroundings(completions, *request.snapshot, has_color);
  else
    print_text(completions);
  return 0;
}

}  // namespace seedling::cli
