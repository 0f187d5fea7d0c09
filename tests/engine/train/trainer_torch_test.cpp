// The trainer on a tiny model: the fused path against plain f32 operations, overfitting, bit-exact resume.
#define DOCTEST_CONFIG_NO_SHORT_MACRO_NAMES
#include <ATen/Parallel.h>
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/model/model.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/train/corpus/samples.h"
#include "engine/train/corpus/shards.h"
#include "engine/train/optimizer_torch.h"
#include "engine/train/random.h"
#include "engine/train/rows.h"
#include "engine/train/run.h"
#include "engine/train/transformer_torch.h"
#include "tests/support/tiny_model.h"

namespace {

using namespace seedling;
namespace fs = std::filesystem;

ModelConfig tiny_config() {
  ModelConfig config;
  config.vocab_size = 320;
  config.hidden_size = 64;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 16;
  config.intermediate_size = 96;
  config.max_position_embeddings = 1024;
  config.diffusion.mask = special::kMask;
  config.diffusion.pad = special::kPad;
  config.diffusion.end = special::kEnd;
  return config;
}

// Two segments a row and, beside them, blocks of masks.
Batch random_batch(int noisy) {
  Batch batch;
  batch.resize(2, kChunk, noisy);
  Random random(7);
  for (int row = 0; row < batch.rows; ++row) {
    const int cut = 50;
    for (int i = 0; i < batch.stride(); ++i) {
      const std::size_t n = static_cast<std::size_t>(row * batch.stride() + i);
      batch.tokens[n] = 32 + random.below(288);
      batch.targets[n] = 32 + random.below(288);
      batch.weights[n] = random.uniform() < 0.8 ? 1.0f : 0.0f;
      if (i < batch.clean) {
        batch.first_clean[n] = i < cut ? 0 : cut;
        batch.last_clean[n] = i + 1;
        batch.positions[n] = i - batch.first_clean[n];
      } else {
        const int block = (i - batch.clean) / 16;
        batch.first_clean[n] = cut;
        batch.last_clean[n] = cut + 1 + block;
        batch.first_noisy[n] = block * 16;
        batch.last_noisy[n] = block * 16 + 16;
        batch.positions[n] = 1 + block + i % 16;
        batch.kinds[n] = PositionKind::masked;
        if (random.uniform() < 0.5) batch.tokens[n] = special::kMask;
      }
    }
  }
  return batch;
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / (b.norm() + 1e-12)).item<double>();
}

// Moves every parameter off its special start (zero matrices hide errors).
void shake(TrainedTransformer& transformer) {
  const at::NoGradGuard no_gradients;
  at::manual_seed(3);
  for (Parameter& p : transformer.parameters()) p.value.add_(at::randn_like(p.value) * 0.05);
}

DOCTEST_TEST_CASE("the fused path agrees with plain f32 operations, loss and every gradient") {
  for (const int noisy : {0, kChunk}) {
    const Batch batch = random_batch(noisy);
    TrainedTransformer fused(tiny_config(), at::kCPU, 1), plain(tiny_config(), at::kCPU, 1);
    shake(fused);
    shake(plain);
    ForwardOptions reference;
    reference.plain = reference.f32 = true;
    const LossSums a = fused.loss(batch, {}), b = plain.loss(batch, reference);
    for (const PositionKind kind : {PositionKind::causal, PositionKind::masked}) {
      DOCTEST_CHECK(a[kind].count == b[kind].count);
      DOCTEST_CHECK(!(std::abs(a[kind].nats - b[kind].nats) > 5e-3 * b[kind].nats));
    }
    for (std::size_t i = 0; i < fused.parameters().size(); ++i) {
      DOCTEST_CAPTURE(fused.parameters()[i].name);
      DOCTEST_CHECK(!(relative_difference(fused.parameters()[i].value.grad(),
                                          plain.parameters()[i].value.grad()) > 0.06));
    }
  }
}

DOCTEST_TEST_CASE("the loss starts near ln V") {
  TrainedTransformer transformer(tiny_config(), at::kCPU, 1);
  ForwardOptions forward;
  forward.backward = false;
  const LossSums sums = transformer.loss(random_batch(0), forward);
  DOCTEST_CHECK(!(std::abs(sums[PositionKind::causal].loss() - std::log(320.0)) > 0.2));
}

DOCTEST_TEST_CASE("one batch is learnt by heart to a loss under 0.01") {
  Batch batch = random_batch(0);
  // Every token's target is the token itself plus one: learnable, and so are both streams of one row.
  TrainedTransformer transformer(tiny_config(), at::kCPU, 1);
  OptimizerOptions rates;
  rates.adam_rate = 1e-2;
  Optimizer optimizer(transformer.parameters(), rates);
  Workers workers(2, [] { at::set_num_threads(1); });
  double loss = 1e9;
  for (int step = 0; step < 300 && loss >= 0.01; ++step) {
    const LossSums sums = transformer.loss(batch, {});
    loss = sums[PositionKind::causal].loss();
    optimizer.step(step, 1.0 - step / 400.0, workers);
  }
  DOCTEST_CHECK(loss < 0.01);
}

constexpr int kRoomForTrajectories = 2 * kChunk;  // a shorter row has none (kLeastSampleRoom)

// A tiny tokenizer, and a corpus of generated lines.
struct Workspace {
  test::TemporaryFolder folder;
  fs::path root = folder.path();
  Workspace() {
    fs::create_directories(root / "corpus");
    test::write_tiny_model((root / "model").string());
    for (const char* split : {"train", "validation"}) {
      ShardWriter writer((root / "corpus").string(), split, std::string(kTokenShardEnding));
      for (int f = 0; f < 8; ++f) {
        PackedFile file;
        file.language = special::kFirstLanguage;
        std::string text;
        for (int line = 0; line < 60; ++line)
          text += "value_" + std::to_string(line * f) + " = call(" + std::to_string(line) + ")\n";
        for (const char c : text)
          file.tokens.push_back(
              static_cast<std::uint16_t>(kSpecialTokenCount + static_cast<unsigned char>(c)));
        for (const char c : std::string("a.py"))
          file.path.push_back(static_cast<std::uint16_t>(kSpecialTokenCount + c));
        DOCTEST_REQUIRE(writer.append(file).ok());
      }
      DOCTEST_REQUIRE(writer.finish().ok());
    }
    std::ofstream(root / "config.json") << tiny_config().to_json();
  }

  RunOptions options(const char* out, std::int64_t steps) const {
    RunOptions o;
    o.corpus = (root / "corpus").string();
    o.tokenizer = (root / "model" / "tokenizer.json").string();
    o.config = (root / "config.json").string();
    o.out = (root / out).string();
    o.stage = Stage::mask;
    o.steps = steps;
    o.rows = 2;
    o.clean = o.noisy = kChunk;
    o.threads = 2;
    o.dropout = 0.1;
    o.validation_batches = 1;
    return o;
  }
};

DOCTEST_TEST_CASE("drafts are learnt by heart: what to keep, substitute, delete and insert") {
  const Workspace w;
  const auto tokenizer = Tokenizer::load((w.root / "model" / "tokenizer.json").string());
  DOCTEST_REQUIRE(tokenizer.ok());
  const auto builder = RowBuilder::load((w.root / "corpus").string(), "train", *tokenizer);
  DOCTEST_REQUIRE(builder.ok());
  RowOptions rows;
  rows.clean = rows.noisy = kChunk;
  rows.causal_weight = 0;
  rows.edit_share = 0.9;
  rows.mistake_share = 0.5;
  rows.edit_rate = 0.5;  // so that one batch has them all
  Batch batch;
  builder->fill(batch, rows, 1, 0, 0, 2);
  TrainedTransformer transformer(tiny_config(), at::kCPU, 1);
  OptimizerOptions rates;
  rates.adam_rate = 1e-2;
  Optimizer optimizer(transformer.parameters(), rates);
  Workers workers(2, [] { at::set_num_threads(1); });
  LossSums sums;
  for (int step = 0; step < 300 && (step == 0 || sums.nats() >= 2.0); ++step) {
    sums = transformer.loss(batch, {});
    optimizer.step(step, 1.0 - step / 400.0, workers);
  }
  for (const PositionKind kind :
       {PositionKind::kept, PositionKind::substituted, PositionKind::deleted, PositionKind::inserted}) {
    DOCTEST_CAPTURE(static_cast<int>(kind));
    DOCTEST_CHECK(sums[kind].count > 0);
    DOCTEST_CHECK(sums[kind].accuracy() > 0.99);
    DOCTEST_CHECK(sums[kind].loss() < 0.1);
  }
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The training is bit-exact whichever noise it sees.
void check_resume(Stage stage) {
  const Workspace w;
  RunOptions whole = w.options("whole", 6), halves = w.options("halves", 6);
  whole.stage = halves.stage = stage;
  DOCTEST_REQUIRE(train(whole).ok());
  halves.stop_after_steps = 3;  // as if killed after its checkpoint
  const Result<int> first = train(halves);
  DOCTEST_REQUIRE(first.ok());
  DOCTEST_CHECK(*first == 3);
  halves.stop_after_steps = 0;
  const Result<int> second = train(halves);
  DOCTEST_REQUIRE(second.ok());
  DOCTEST_CHECK(*second == 0);
  for (const char* out : {"whole", "halves"}) {
    const Status exported = export_model((w.root / out).string(), (w.root / out / "model").string(), true);
    DOCTEST_REQUIRE_MESSAGE(exported.ok(), (exported.ok() ? "" : exported.error().message));
  }
  DOCTEST_CHECK(bytes_of(w.root / "whole/model/model.safetensors") ==
                bytes_of(w.root / "halves/model/model.safetensors"));
}

DOCTEST_TEST_CASE("a run that stopped and went on ends with the same bytes as one that never stopped") {
  check_resume(Stage::mask);
}

DOCTEST_TEST_CASE("and so does a run of stage edit") {
  check_resume(Stage::edit);
}

DOCTEST_TEST_CASE("a run that learns from how the model fills holes goes on bit-exactly, pools and all") {
  const Workspace w;
  RunOptions mask = w.options("mask", 80);
  mask.dropout = 0;
  mask.plain_share = 0;
  DOCTEST_REQUIRE(train(mask).ok());  // so that some holes are ended
  for (const Stage stage : {Stage::order, Stage::on_policy}) {
    DOCTEST_CAPTURE(static_cast<int>(stage));
    const std::string name = stage == Stage::order ? "order" : "policy";
    RunOptions whole = w.options((name + "-whole").c_str(), 6),
               halves = w.options((name + "-halves").c_str(), 6);
    for (RunOptions* options : {&whole, &halves}) {
      options->stage = stage;
      options->start_from = mask.out;
      options->clean = kRoomForTrajectories;
      options->pool_holes = 40;
      options->pool_steps = stage == Stage::order ? 0 : 2;
    }
    DOCTEST_REQUIRE(train(whole).ok());
    halves.stop_after_steps = 3;
    DOCTEST_REQUIRE(train(halves).ok());
    halves.stop_after_steps = 0;
    DOCTEST_REQUIRE(train(halves).ok());
    for (const RunOptions* options : {&whole, &halves})
      DOCTEST_REQUIRE(export_model(options->out, options->out + "/model", true).ok());
    DOCTEST_CHECK(bytes_of(fs::path(whole.out) / "model/model.safetensors") ==
                  bytes_of(fs::path(halves.out) / "model/model.safetensors"));
    const auto pool = read_samples(whole.out + "/pool-0.jsonl");
    DOCTEST_REQUIRE(pool.ok());
    DOCTEST_CHECK(!pool->empty());
    for (const Sample& sample : *pool) {
      DOCTEST_CHECK(sample.tokens.back() == special::kEnd);
      DOCTEST_CHECK(std::find(sample.steps.begin(), sample.steps.end(), -1) == sample.steps.end());
    }
    DOCTEST_CHECK(fs::exists(fs::path(whole.out) / "pool-2.jsonl") == (stage == Stage::on_policy));
  }
}

// Of the pools that a run of stage on-policy drew, the last one's.
double tokens_per_step_of(const RunOptions& options) {
  double last = 0;
  std::ifstream log(options.out + "/log.jsonl");
  for (std::string line; std::getline(log, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.contains("pool")) last = entry["tokens_per_step"].get<double>();
  }
  return last;
}

DOCTEST_TEST_CASE("learning from trajectories commits more tokens a step than the same steps without") {
  const Workspace w;
  RunOptions mask = w.options("mask", 80);
  mask.dropout = 0;
  mask.plain_share = 0;
  mask.clean = kRoomForTrajectories;
  DOCTEST_REQUIRE(train(mask).ok());
  RunOptions policy = w.options("policy", 60), without = w.options("without", 60);
  policy.trajectory_share = 0.9;
  without.trajectory_share = 0;
  for (RunOptions* options : {&policy, &without}) {
    options->dropout = options->edit_share = 0;
    options->clean = kRoomForTrajectories;
    options->stage = Stage::on_policy;
    options->start_from = mask.out;
    options->pool_holes = 60;
    options->pool_steps = 20;
    DOCTEST_REQUIRE(train(*options).ok());
  }
  const double with = tokens_per_step_of(policy), plain = tokens_per_step_of(without);
  DOCTEST_CAPTURE(with);
  DOCTEST_CAPTURE(plain);
  DOCTEST_CHECK(with > 1.1 * plain);
}

// Of every step of a run that reported each of them.
std::vector<double> losses_of(const RunOptions& options) {
  std::vector<double> losses;
  std::ifstream log(options.out + "/log.jsonl");
  for (std::string line; std::getline(log, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.contains("tokens_per_s")) losses.push_back(entry["causal"].get<double>());
  }
  return losses;
}

DOCTEST_TEST_CASE("a run that goes on from others reads on: what they would have read next") {
  const Workspace w;
  RunOptions whole = w.options("whole", 3), first = w.options("first", 1), second = w.options("second", 1),
             third = w.options("third", 1);
  for (RunOptions* options : {&whole, &first, &second, &third}) {
    options->matrix_rate = options->adam_rate = 0;  // the loss says which rows were read, and nothing else
    options->dropout = 0;
    options->report_seconds = 0;
  }
  second.start_from = first.out;
  third.start_from = second.out;
  for (const RunOptions* options : {&whole, &first, &second, &third}) DOCTEST_REQUIRE(train(*options).ok());
  const std::vector<double> expected = losses_of(whole);
  DOCTEST_REQUIRE(expected.size() == 3);
  DOCTEST_CHECK(losses_of(second) == std::vector{expected[1]});
  DOCTEST_CHECK(losses_of(third) == std::vector{expected[2]});
  DOCTEST_CHECK(expected[1] != expected[0]);
}

DOCTEST_TEST_CASE("training starts from an exported model with the model's own weights") {
  const Workspace w;
  DOCTEST_REQUIRE(train(w.options("run", 2)).ok());
  DOCTEST_REQUIRE(export_model((w.root / "run").string(), (w.root / "exported").string(), true).ok());
  RunOptions again = w.options("again", 4);
  again.start_from = (w.root / "exported").string();
  again.config.clear();                     // the shape comes with the weights
  again.matrix_rate = again.adam_rate = 0;  // nothing is learnt: what comes out is what went in
  DOCTEST_REQUIRE(train(again).ok());
  DOCTEST_REQUIRE(export_model((w.root / "again").string(), (w.root / "same").string(), false).ok());
  DOCTEST_CHECK(bytes_of(w.root / "exported/model.safetensors") ==
                bytes_of(w.root / "same/model.safetensors"));
}

DOCTEST_TEST_CASE("weights are blended with those of another model, but for the tokens that edit") {
  const Workspace w;
  RunOptions mask = w.options("mask", 2), edit = w.options("edit", 1);
  DOCTEST_REQUIRE(train(mask).ok());
  const auto folder = [&](const char* name) { return (w.root / name).string(); };
  DOCTEST_REQUIRE(export_model(mask.out, folder("old"), true).ok());
  edit.stage = Stage::edit;
  edit.start_from = folder("old");
  DOCTEST_REQUIRE(train(edit).ok());
  const auto exported = [&](const char* name, Blend blend) {
    DOCTEST_REQUIRE(export_model(edit.out, folder(name), false, ExportDtype::bf16, blend).ok());
    auto model = Model::load(folder(name));
    DOCTEST_REQUIRE(model.ok());
    return *std::move(model);
  };
  const auto old = Model::load(folder("old"));
  DOCTEST_REQUIRE(old.ok());
  const auto none = exported("none", {}), half = exported("half", {folder("old"), 0.5}),
             all = exported("all", {folder("old"), 1.0});
  const TokenId insert = none->config.diffusion.insert;
  for (const auto& [name, matrix] : none->matrices) {
    const auto width = static_cast<std::size_t>(matrix.inputs);
    std::vector<float> before(width), after(width), mean(width), same(width);
    for (int row = 0; row < matrix.outputs; ++row) {
      matrix.read_row(row, after);
      (*old)->matrices.at(name).read_row(row, before);
      half->matrices.at(name).read_row(row, mean);
      all->matrices.at(name).read_row(row, same);
      const bool edits =
          name == "model.embed_tokens.weight" && (row == insert || row == none->config.diffusion.delete_);
      DOCTEST_REQUIRE((same == (edits ? after : before)));
      for (std::size_t i = 0; i < width && !edits; ++i)
        DOCTEST_REQUIRE(mean[i] == doctest::Approx((before[i] + after[i]) / 2).epsilon(0.01));
    }
  }
  DOCTEST_CHECK(
      !export_model(edit.out, folder("bad"), false, ExportDtype::bf16, {folder("nowhere"), 0.5}).ok());
}

DOCTEST_TEST_CASE("stage edit says in the configuration what it taught, and later stages keep it") {
  const Workspace w;
  DOCTEST_REQUIRE(train(w.options("mask", 1)).ok());
  RunOptions edit = w.options("edit", 1), order = w.options("order", 1);
  edit.stage = Stage::edit;
  edit.start_from = w.options("mask", 1).out;
  order.stage = Stage::mask;
  order.start_from = edit.out;
  order.config.clear();
  edit.config.clear();
  DOCTEST_REQUIRE(train(edit).ok());
  DOCTEST_REQUIRE(train(order).ok());
  for (const auto& [out, edits] :
       {std::pair("mask", false), std::pair("edit", true), std::pair("order", true)}) {
    const auto config = ModelConfig::load((w.root / out / "config.json").string());
    DOCTEST_REQUIRE(config.ok());
    DOCTEST_CHECK(config->diffusion.edits == edits);
  }
}

DOCTEST_TEST_CASE("training starts from an int8 model with what its weights stand for") {
  const Workspace w;
  const auto folder = [&](const char* name) { return (w.root / name).string(); };
  DOCTEST_REQUIRE(train(w.options("run", 2)).ok());
  DOCTEST_REQUIRE(export_model(folder("run"), folder("int8"), true, ExportDtype::int8).ok());
  const auto int8 = Model::load(folder("int8"));
  DOCTEST_REQUIRE_MESSAGE(int8.ok(), (int8.ok() ? "" : int8.error().message));
  RunOptions again = w.options("again", 4);
  again.start_from = folder("int8");
  again.config.clear();
  again.matrix_rate = again.adam_rate = 0;
  DOCTEST_REQUIRE(train(again).ok());
  DOCTEST_REQUIRE(export_model(folder("again"), folder("floats"), false).ok());
  const auto floats = Model::load(folder("floats"));
  DOCTEST_REQUIRE(floats.ok());
  DOCTEST_CHECK_FALSE((*floats)->config.has_int8_panels);
  for (const auto& [name, matrix] : (*int8)->matrices) {
    DOCTEST_REQUIRE(matrix.is_int8());
    std::vector<float> expected(static_cast<std::size_t>(matrix.inputs)), row(expected.size());
    for (int n = 0; n < matrix.outputs; ++n) {
      matrix.read_row(n, expected);
      (*floats)->matrix(name).read_row(n, row);
      for (std::size_t i = 0; i < row.size(); ++i) {
        DOCTEST_CHECK(std::abs(row[i] - expected[i]) <= std::abs(expected[i]) / 128);  // bf16
      }
    }
  }
}

DOCTEST_TEST_CASE("a truncated checkpoint is refused with its name") {
  const Workspace w;
  DOCTEST_REQUIRE(train(w.options("run", 1)).ok());
  const fs::path checkpoint = w.root / "run/checkpoint.safetensors";
  fs::resize_file(checkpoint, fs::file_size(checkpoint) / 2);
  const Result<int> result = train(w.options("run", 2));
  DOCTEST_REQUIRE(!result.ok());
  DOCTEST_CHECK(result.error().message.find("checkpoint.safetensors") != std::string::npos);
}

}  // namespace
