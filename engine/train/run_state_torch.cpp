#include "engine/train/run_state_torch.h"

#include <cstring>
#include <fstream>
#include <sstream>

#include "engine/model/quantise.h"
#include "engine/model/weights.h"
#include "engine/tokenizer/special_tokens.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kProgressFloats = 8;  // four doubles, as the floats that a checkpoint is made of

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

// Where a checkpoint stands.
Result<Progress> progress_of(const SafetensorsFile& file) {
  const std::vector<std::int64_t> shape = {kProgressFloats};
  const TensorView* view = TRY(file.require("progress", shape));
  double scalars[kProgressFloats / 2];
  std::memcpy(scalars, view->data, sizeof scalars);
  return Progress{static_cast<std::int64_t>(scalars[0]), scalars[1], static_cast<std::uint64_t>(scalars[2]),
                  static_cast<std::int64_t>(scalars[3])};
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
  const Progress found = TRY(progress_of(*file));
  if (only_weights) {
    run.optimizer->restart_averages();
    run.progress.steps_before = found.steps_before + found.step;
  } else {
    run.progress = found;
  }
  return Done{};
}

// The weights of a model folder, such as models/, whatever they are stored as, in the order of the run's
// parameters.
Result<std::vector<at::Tensor>> read_model(const Run& run, const fs::path& folder) {
  const auto file = TRY(SafetensorsFile::map((folder / "model.safetensors").string()));
  // How its weights are stored is in its own configuration, their shape in the run's.
  ModelConfig config = run.config;
  config.has_int8_panels = TRY(ModelConfig::load((folder / "config.json").string())).has_int8_panels;
  const WeightMatrices matrices = TRY(check_weights(*file, config));
  std::vector<at::Tensor> weights;
  for (const Parameter& p : run.transformer->parameters()) {
    weights.push_back(at::empty(p.value.sizes(), at::kFloat));
    float* next = weights.back().data_ptr<float>();
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
  }
  return weights;
}

// The optimiser starts anew.
Status start_from_model(Run& run, const fs::path& folder) {
  const std::vector<at::Tensor> weights = TRY(read_model(run, folder));
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < weights.size(); ++i)
    run.transformer->parameters()[i].value.detach().copy_(weights[i]);
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

// Stages without drafts teach that the tokens that edit never come; unlearning that takes longer than
// learning what they mean, so they begin as the mean of all tokens.
void forget_edit_tokens(Run& run) {
  const at::NoGradGuard no_gradients;
  at::Tensor embedding = run.transformer->parameters().front().value.detach();
  const at::Tensor mean = embedding.mean(0);
  for (const TokenId token : {run.config.diffusion.delete_, run.config.diffusion.insert})
    if (token >= 0) embedding[token].copy_(mean);
  run.optimizer->restart_averages();
}

Result<RowOptions> row_options_of(const RunOptions& options) {
  RowOptions rows;
  rows.clean = options.clean;
  rows.noisy = options.stage == Stage::causal ? 0 : options.noisy;
  rows.max_block = options.max_block;
  rows.causal_weight = static_cast<float>(options.causal_weight);
  rows.masked_weight = static_cast<float>(options.masked_weight);
  rows.weight_by_noise = options.weight_by_noise;
  rows.plain_share = options.plain_share;
  rows.diagnostic_share = options.diagnostic_share;
  rows.function_share = options.function_share;
  // Later stages go on with what the edit stage taught.
  if (options.stage == Stage::edit || is_about_steps(options.stage)) {
    rows.edit_share = options.edit_share;
    rows.edit_rate = options.edit_rate;
    rows.kept_weight = static_cast<float>(options.kept_weight);
    rows.mistake_share = options.mistake_share;
    rows.diagnosed_share = options.diagnosed_share;
  }
  if (is_about_steps(options.stage)) rows.trajectory_share = options.trajectory_share;
  rows.pushes_apart = options.stage == Stage::on_policy;
  rows.language_share = TRY(parse_shares(options.language_share));
  if (rows.clean % kChunk != 0 || rows.noisy % kChunk != 0)
    return invalid_input("--clean and --noisy must be multiples of " + std::to_string(kChunk));
  return rows;
}

}  // namespace

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
  const double scalars[kProgressFloats / 2] = {static_cast<double>(run.progress.step), run.progress.seconds,
                                               static_cast<double>(run.progress.tokens),
                                               static_cast<double>(run.progress.steps_before)};
  TensorView view;
  view.dtype = Dtype::f32;
  view.shape = {kProgressFloats};
  view.data = reinterpret_cast<const std::byte*>(scalars);
  view.byte_count = sizeof scalars;
  tensors.push_back({"progress", view});
  return write_safetensors((run.folder() / "checkpoint.safetensors").string(), tensors);
}

Result<Run> open_run(const RunOptions& options, Peers peers) {
  Run run;
  run.options = options;
  run.peers = std::make_unique<Peers>(std::move(peers));
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
  // What a stage teaches the weights, they can do from then on.
  const bool learns_edits = options.stage == Stage::edit && !run.config.diffusion.edits;
  run.config.diffusion.edits = run.config.diffusion.edits || options.stage == Stage::edit;
  if (run.peers->is_first()) TRY(write_text(run.folder() / "config.json", run.config.to_json()));
  if (run.peers->is_first() && fs::path(options.tokenizer) != run.folder() / "tokenizer.json")
    fs::copy_file(options.tokenizer, run.folder() / "tokenizer.json", fs::copy_options::overwrite_existing,
                  problem);
  if (problem) return not_found("cannot copy " + options.tokenizer + ": " + problem.message());

  run.row_options = TRY(row_options_of(options));
  if (options.device == "cuda" && !at::hasCUDA())
    return unsupported("this libtorch has no CUDA: use --device cpu");
  const at::Device device(own_device(options.device));
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
    if (learns_edits) forget_edit_tokens(run);
  }
  return run;
}

Status export_run(Run& run, const std::string& model_directory, bool averaged, ExportDtype dtype,
                  const Blend& blend) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> values;
  for (const Parameter& p : run.transformer->parameters()) values.push_back(p.value);
  if (averaged) values = run.optimizer->averages();
  if (!blend.model.empty()) {
    const std::vector<at::Tensor> others = TRY(read_model(run, blend.model));
    const at::Tensor embedding = values.front();
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = at::lerp(values[i], others[i].to(values[i].device()), blend.share);
    // What edits means something in weights alone that were taught it.
    const bool both_edit = TRY(ModelConfig::load(blend.model + "/config.json")).diffusion.edits;
    for (const TokenId token : {run.config.diffusion.delete_, run.config.diffusion.insert})
      if (token >= 0 && run.config.diffusion.edits && !both_edit)
        values.front()[token].copy_(embedding[token]);
  }

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
  fs::copy_file(run.folder() / "tokenizer.json", to / "tokenizer.json", fs::copy_options::overwrite_existing,
                problem);
  if (problem)
    return invalid_input("cannot write " + (to / "tokenizer.json").string() + ": " + problem.message());
  return Done{};
}

Status export_model(const std::string& run_folder, const std::string& model_directory, bool averaged,
                    ExportDtype dtype, const Blend& blend) {
  RunOptions options;
  options.out = run_folder;
  options.tokenizer = (fs::path(run_folder) / "tokenizer.json").string();
  if (!fs::exists(fs::path(run_folder) / "checkpoint.safetensors"))
    return not_found(run_folder + " has no checkpoint.safetensors: train first");
  Run run = TRY(open_run(options, Peers()));
  return export_run(run, model_directory, averaged, dtype, blend);
}

}  // namespace seedling
