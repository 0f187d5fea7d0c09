#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "engine/model/quantise.h"
#include "engine/model/weights.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/train/optimizer_torch.h"
#include "engine/train/random.h"
#include "engine/train/rows.h"
#include "engine/train/run.h"
#include "engine/train/transformer_torch.h"
#include "engine/train/workers.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using json = nlohmann::json;

std::atomic<bool> signalled{false};
void on_signal(int) {
  signalled = true;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Status write_text(const fs::path& path, const std::string& text) {
  const fs::path temporary = path.string() + ".new";
  {
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    if (!out.flush()) return invalid_input("cannot write " + temporary.string() + ": is the disk full?");
  }
  std::error_code problem;
  fs::rename(temporary, path, problem);
  if (problem) return invalid_input("cannot rename " + temporary.string() + ": " + problem.message());
  return Done{};
}

// Where a run stands; everything that is not a tensor.
struct Progress {
  std::int64_t step = 0;
  double seconds = 0;  // trained so far, over all restarts
  std::uint64_t tokens = 0;
};

struct Run {
  RunOptions options;
  ModelConfig config;
  RowOptions row_options;
  std::unique_ptr<TrainedTransformer> transformer;
  std::unique_ptr<Optimizer> optimizer;
  std::vector<TrainedTransformer>
      replicas;  // one a worker; the first gradient is summed into the transformer's
  Progress progress;

  fs::path folder() const { return options.out; }
  // Share of the budget that is spent. By steps it is exact, so that a resumed run repeats the schedule.
  double spent() const {
    if (options.steps > 0) return static_cast<double>(progress.step) / static_cast<double>(options.steps);
    return progress.seconds / (options.minutes * 60.0);
  }
  double rate_scale() const {
    const double p = spent();
    if (p < options.warmup) return (p + 1e-3) / (options.warmup + 1e-3);
    return std::clamp((1.0 - p) / options.cooldown, 0.0, 1.0);
  }
};

Status save_checkpoint(Run& run) {
  std::vector<NamedTensor> tensors;
  std::vector<at::Tensor> kept;
  for (auto& [name, tensor] : run.optimizer->state()) {
    kept.push_back(tensor.to(at::kCPU).contiguous());
    TensorView view;
    view.dtype = Dtype::f32;
    view.shape.assign(kept.back().sizes().begin(), kept.back().sizes().end());
    view.data = static_cast<const std::byte*>(kept.back().data_ptr());
    view.byte_count = kept.back().nbytes();
    tensors.push_back({name, view});
  }
  // The step rides inside the tensor file: one rename makes the checkpoint whole.
  const double scalars[3] = {static_cast<double>(run.progress.step), run.progress.seconds,
                             static_cast<double>(run.progress.tokens)};
  TensorView view;
  view.dtype = Dtype::f32;
  view.shape = {6};
  view.data = reinterpret_cast<const std::byte*>(scalars);
  view.byte_count = sizeof scalars;
  tensors.push_back({"progress", view});
  return write_safetensors((run.folder() / "checkpoint.safetensors").string(), tensors);
}

Status restore(Run& run, const fs::path& folder, bool only_weights) {
  const auto file = TRY(SafetensorsFile::map((folder / "checkpoint.safetensors").string()));
  const at::NoGradGuard no_gradients;
  for (auto& [name, tensor] : run.optimizer->state()) {
    // A later stage starts from the averages of the earlier one.
    const bool is_value = name.rfind("value.", 0) == 0;
    if (only_weights && !is_value) continue;
    const std::string from = only_weights ? "average." + name.substr(6) : name;
    const std::vector<std::int64_t> shape(tensor.sizes().begin(), tensor.sizes().end());
    const TensorView* view = TRY(file->require(from, shape));
    tensor.copy_(at::from_blob(const_cast<std::byte*>(view->data), shape, at::kFloat));
  }
  if (only_weights) {
    run.optimizer->restart_averages();
    return Done{};
  }
  const std::vector<std::int64_t> six = {6};
  const TensorView* view = TRY(file->require("progress", six));
  double scalars[3];
  std::memcpy(scalars, view->data, sizeof scalars);
  run.progress = {static_cast<std::int64_t>(scalars[0]), scalars[1], static_cast<std::uint64_t>(scalars[2])};
  return Done{};
}

// Takes over the weights of a model folder, such as models/, whatever they are stored as; the optimiser
// starts anew.
Status start_from_model(Run& run, const fs::path& folder) {
  const auto file = TRY(SafetensorsFile::map((folder / "model.safetensors").string()));
  // How its weights are stored is in its own configuration, their shape in the run's.
  ModelConfig config = run.config;
  config.has_int8_panels = TRY(ModelConfig::load((folder / "config.json").string())).has_int8_panels;
  const WeightMatrices matrices = TRY(check_weights(*file, config));
  const at::NoGradGuard no_gradients;
  for (Parameter& p : run.transformer->parameters()) {
    at::Tensor values = at::empty(p.value.sizes(), at::kFloat);
    float* next = values.data_ptr<float>();
    for (const std::string& name : p.exported_names()) {
      const auto matrix = matrices.find(name);
      if (matrix == matrices.end()) {
        const std::vector<float> vector = read_vector(*file, name);
        next = std::copy(vector.begin(), vector.end(), next);
        continue;
      }
      const auto width = static_cast<std::size_t>(matrix->second.inputs);
      for (int row = 0; row < matrix->second.outputs; ++row, next += width) {
        matrix->second.read_row(row, {next, width});
      }
    }
    p.value.detach().copy_(values);
  }
  run.optimizer->restart_averages();
  return Done{};
}

Result<std::vector<double>> parse_shares(const std::string& text) {
  std::vector<double> shares;
  if (text.empty()) return shares;
  shares.assign(kLanguages.size(), 0.0);
  std::stringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    const auto language = std::find(kLanguages.begin(), kLanguages.end(), part.substr(0, equals));
    char* end = nullptr;
    const double share = equals == std::string::npos ? -1 : std::strtod(part.c_str() + equals + 1, &end);
    if (language == kLanguages.end() || share < 0 || *end != '\0')
      return invalid_input("--language-share wants LANGUAGE=SHARE,... , not '" + part + "'");
    shares[static_cast<std::size_t>(language - kLanguages.begin())] = share;
  }
  return shares;
}

Result<Run> open_run(const RunOptions& options) {
  Run run;
  run.options = options;
  std::error_code problem;
  fs::create_directories(options.out, problem);
  if (problem) return invalid_input("cannot make " + options.out + ": " + problem.message());
  // The shape is the one that is named, else the run's own, else that of the weights it starts from.
  const fs::path own = run.folder() / "config.json";
  const fs::path config_path = !options.config.empty() ? fs::path(options.config)
                               : fs::exists(own) || options.start_from.empty()
                                   ? own
                                   : fs::path(options.start_from) / "config.json";
  run.config = TRY(ModelConfig::load(config_path.string()));
  run.config.has_int8_panels = false;  // how the weights it starts from are stored is not its own affair
  TRY(write_text(run.folder() / "config.json", run.config.to_json()));
  if (fs::path(options.tokenizer) != run.folder() / "tokenizer.json")
    fs::copy_file(options.tokenizer, run.folder() / "tokenizer.json", fs::copy_options::overwrite_existing,
                  problem);
  if (problem) return not_found("cannot copy " + options.tokenizer + ": " + problem.message());

  RowOptions& rows = run.row_options;
  rows.clean = options.clean;
  rows.noisy = options.stage == Stage::causal ? 0 : options.noisy;
  rows.max_block = options.max_block;
  rows.causal_weight = static_cast<float>(options.causal_weight);
  rows.masked_weight = static_cast<float>(options.masked_weight);
  rows.weight_by_noise = options.weight_by_noise;
  rows.plain_share = options.plain_share;
  rows.diagnostic_share = options.diagnostic_share;
  if (options.stage == Stage::edit) {
    rows.edit_share = options.edit_share;
    rows.edit_rate = options.edit_rate;
    rows.kept_weight = static_cast<float>(options.kept_weight);
    rows.mistake_share = options.mistake_share;
  }
  rows.language_share = TRY(parse_shares(options.language_share));
  if (rows.clean % kChunk != 0 || rows.noisy % kChunk != 0)
    return invalid_input("--clean and --noisy must be multiples of " + std::to_string(kChunk));

  if (options.device == "cuda" && !at::hasCUDA())
    return unsupported("this libtorch has no CUDA: use --device cpu");
  const at::Device device(options.device);
  run.transformer = std::make_unique<TrainedTransformer>(run.config, device, options.seed);
  OptimizerOptions rates;
  rates.matrix_rate = options.matrix_rate;
  rates.adam_rate = options.adam_rate;
  rates.weight_decay = options.weight_decay;
  rates.average_decay = options.average_decay;
  run.optimizer = std::make_unique<Optimizer>(run.transformer->parameters(), rates);
  if (fs::exists(run.folder() / "checkpoint.safetensors")) {
    TRY(restore(run, run.folder(), false));
    std::fprintf(stderr, "resuming %s at step %lld\n", options.out.c_str(),
                 static_cast<long long>(run.progress.step));
  } else if (!options.start_from.empty()) {
    const bool is_run = fs::exists(fs::path(options.start_from) / "checkpoint.safetensors");
    TRY(is_run ? restore(run, options.start_from, true) : start_from_model(run, options.start_from));
  }
  return run;
}

json to_json(const LossSums& sums) {
  json out;
  for (std::size_t kind = 0; kind < kPositionKindNames.size(); ++kind) {
    const LossSums::Tally& tally = sums.tallies[kind];
    if (tally.count == 0) continue;
    const std::string name(kPositionKindNames[kind]);
    out[name] = tally.loss();
    out[name + "_accuracy"] = tally.accuracy();
  }
  return out;
}

void log_line(const Run& run, json line) {
  line["step"] = run.progress.step;
  line["seconds"] = run.progress.seconds;
  line["tokens"] = run.progress.tokens;
  std::ofstream(run.folder() / "log.jsonl", std::ios::app) << line.dump() << "\n";
}

LossSums validate(Run& run, const RowBuilder& builder) {
  LossSums sums;
  Batch batch;
  ForwardOptions forward;
  forward.backward = false;
  for (int i = 0; i < run.options.validation_batches; ++i) {
    builder.fill(batch, run.row_options, 0x5eed, static_cast<std::uint64_t>(i), 0, run.options.rows);
    sums += run.transformer->loss(batch, forward);
  }
  return sums;
}

void show(const Run& run, const LossSums& sums, double tokens_per_second) {
  const double left = run.options.steps > 0
                          ? (1.0 - run.spent()) / std::max(run.spent(), 1e-9) * run.progress.seconds
                          : run.options.minutes * 60.0 - run.progress.seconds;
  std::fprintf(stderr, "step %lld", static_cast<long long>(run.progress.step));
  for (std::size_t kind = 0; kind < kPositionKindNames.size(); ++kind) {
    const LossSums::Tally& tally = sums.tallies[kind];
    if (tally.count > 0)
      std::fprintf(stderr, "  %s %.3f (%.0f%%)", std::string(kPositionKindNames[kind]).c_str(), tally.loss(),
                   100 * tally.accuracy());
  }
  std::fprintf(stderr, "  %.0f tokens/s  %.2fM tokens  rate %.2f  %.0f:%02.0f left\n", tokens_per_second,
               static_cast<double>(run.progress.tokens) / 1e6, run.rate_scale(), std::floor(left / 60.0),
               std::fmod(std::max(left, 0.0), 60.0));
}

// One step's gradients: each worker takes its share of the rows, then its share of the summing.
LossSums forward_backward(Run& run, const RowBuilder& corpus, Workers& workers) {
  const int count = workers.count();
  std::vector<Batch> batches(static_cast<std::size_t>(count));
  std::vector<LossSums> sums(static_cast<std::size_t>(count));
  const auto step = static_cast<std::uint64_t>(run.progress.step);
  workers.run([&](int worker) {
    const int begin = run.options.rows * worker / count, end = run.options.rows * (worker + 1) / count;
    corpus.fill(batches[static_cast<std::size_t>(worker)], run.row_options, run.options.seed, step, begin,
                end - begin);
  });
  ForwardOptions forward;
  forward.dropout = static_cast<float>(run.options.dropout);
  for (const Batch& batch : batches)
    for (const float weight : batch.weights) forward.total_weight += static_cast<double>(weight);
  workers.run([&](int worker) {
    ForwardOptions mine = forward;
    mine.dropout_seed = combine(combine(run.options.seed, step), static_cast<std::uint64_t>(worker));
    const auto w = static_cast<std::size_t>(worker);
    sums[w] = run.replicas[w].loss(batches[w], mine);
  });
  workers.run([&](int worker) {
    const at::NoGradGuard no_gradients;
    std::vector<Parameter>& parameters = run.transformer->parameters();
    for (std::size_t i = static_cast<std::size_t>(worker); i < parameters.size();
         i += static_cast<std::size_t>(count)) {
      at::Tensor total;
      for (TrainedTransformer& replica : run.replicas) {
        at::Tensor& gradient = replica.parameters()[i].value.mutable_grad();
        if (gradient.defined()) total = total.defined() ? total.add_(gradient) : gradient;
        gradient = at::Tensor();
      }
      parameters[i].value.mutable_grad() = total;
    }
  });
  LossSums all;
  for (const LossSums& s : sums) all += s;
  return all;
}

}  // namespace

Result<int> train(const RunOptions& options) {
  if (options.steps <= 0 && options.minutes <= 0)
    return invalid_input("give a budget: --steps N or --minutes M");
  // Large buffers are allocated anew every step; keeping them mapped saves the page faults.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  at::set_num_threads(options.threads > 0 ? options.threads
                                          : static_cast<int>(std::thread::hardware_concurrency()));
  signalled = false;
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);

  Run run = TRY(open_run(options));
  const auto tokenizer = TRY(Tokenizer::load(options.tokenizer));
  if (tokenizer->vocab_size() > run.config.vocab_size)
    return invalid_input("the tokenizer has " + std::to_string(tokenizer->vocab_size()) +
                         " tokens, config.json says " + std::to_string(run.config.vocab_size));
  const RowBuilder corpus = TRY(RowBuilder::load(options.corpus, "train", tokenizer));
  const RowBuilder validation = TRY(RowBuilder::load(options.corpus, "validation", tokenizer));
  std::fprintf(stderr, "%.1fM parameters, corpus %.1fM tokens (%s)\n",
               static_cast<double>(run.config.parameter_count()) / 1e6,
               static_cast<double>(corpus.token_count()) / 1e6, corpus.language_table().c_str());

  const int threads =
      options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  const int worker_count = options.device == "cpu" ? std::min(threads, options.rows) : 1;
  Workers workers(worker_count, [&] { at::set_num_threads(worker_count > 1 ? 1 : threads); });
  for (int i = 0; i < workers.count(); ++i) run.replicas.push_back(run.transformer->replica());
  LossSums since_report;
  std::uint64_t tokens_since_report = 0;
  Clock::time_point last_step = Clock::now(), last_report = last_step, last_checkpoint = last_step;

  const auto told_to_stop = [&] {
    return signalled || (options.stop_after_steps > 0 && run.progress.step >= options.stop_after_steps);
  };
  while (run.spent() < 1.0 && !told_to_stop()) {
    const LossSums sums = forward_backward(run, corpus, workers);
    if (!(sums.nats() < 1e30))
      return Error{ErrorCode::internal, "the loss is not finite at step " +
                                            std::to_string(run.progress.step) + ": lower --matrix-rate"};
    run.optimizer->step(run.progress.step, run.rate_scale(), workers);

    run.progress.step += 1;
    run.progress.seconds += seconds_since(last_step);
    last_step = Clock::now();
    const std::uint64_t tokens = static_cast<std::uint64_t>(options.rows) *
                                 static_cast<std::uint64_t>(run.row_options.clean + run.row_options.noisy);
    run.progress.tokens += tokens;
    tokens_since_report += tokens;
    since_report += sums;
    if (seconds_since(last_report) >= options.report_seconds) {
      const double speed = static_cast<double>(tokens_since_report) / seconds_since(last_report);
      show(run, since_report, speed);
      json line = to_json(since_report);
      line["tokens_per_s"] = speed;
      log_line(run, line);
      since_report = {};
      tokens_since_report = 0;
      last_report = Clock::now();
    }
    if (seconds_since(last_checkpoint) >= options.checkpoint_minutes * 60.0) {
      TRY(save_checkpoint(run));
      last_checkpoint = Clock::now();
    }
  }
  TRY(save_checkpoint(run));
  const LossSums sums = validate(run, validation);
  json line = to_json(sums);
  line["split"] = "validation";
  log_line(run, line);
  std::fprintf(stderr, "validation: %s\n", to_json(sums).dump().c_str());
  return run.spent() < 1.0 ? 3 : 0;
}

Status export_model(const std::string& run_folder, const std::string& model_directory, bool averaged,
                    ExportDtype dtype) {
  RunOptions options;
  options.out = run_folder;
  options.tokenizer = (fs::path(run_folder) / "tokenizer.json").string();
  if (!fs::exists(fs::path(run_folder) / "checkpoint.safetensors"))
    return not_found(run_folder + " has no checkpoint.safetensors: train first");
  Run run = TRY(open_run(options));
  std::vector<at::Tensor> values;
  for (const Parameter& p : run.transformer->parameters()) values.push_back(p.value);
  if (averaged) values = run.optimizer->averages();

  std::vector<at::Tensor> kept;
  Int8Tensors tensors;
  for (const TrainedTransformer::Exported& e : run.transformer->exported(values)) {
    if (dtype == ExportDtype::int8 && e.value.dim() == 2) {
      const auto outputs = static_cast<int>(e.value.size(0)), inputs = static_cast<int>(e.value.size(1));
      const float* weights = e.value.data_ptr<float>();
      TRY(tensors.add_matrix(e.name, outputs, inputs, [&](int row, std::span<float> out) {
        std::copy_n(weights + static_cast<std::size_t>(row) * out.size(), out.size(), out.begin());
      }));
      continue;
    }
    kept.push_back(e.value.to(at::kBFloat16).contiguous());
    TensorView view;
    view.dtype = Dtype::bf16;
    view.shape.assign(e.value.sizes().begin(), e.value.sizes().end());
    view.data = static_cast<const std::byte*>(kept.back().data_ptr());
    view.byte_count = kept.back().nbytes();
    tensors.add({e.name, view});
  }
  ModelConfig config = run.config;
  config.has_int8_panels = dtype == ExportDtype::int8;
  std::error_code problem;
  fs::create_directories(model_directory, problem);
  const fs::path to = model_directory;
  TRY(write_safetensors((to / "model.safetensors").string(), tensors.tensors()));
  TRY(write_text(to / "config.json", config.to_json()));
  fs::copy_file(options.tokenizer, to / "tokenizer.json", fs::copy_options::overwrite_existing, problem);
  if (problem)
    return invalid_input("cannot write " + (to / "tokenizer.json").string() + ": " + problem.message());
  return Done{};
}

}  // namespace seedling
