#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <malloc.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/train/random.h"
#include "engine/train/run_state_torch.h"
#include "engine/train/trajectories.h"
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

// Over all processes, so that each has the same sums.
void sum_losses(Peers& peers, LossSums& sums) {
  std::vector<double> flat;
  for (const LossSums::Tally& tally : sums.tallies)
    flat.insert(flat.end(), {tally.nats, tally.count, tally.right});
  peers.sum(flat);
  for (std::size_t i = 0; i < sums.tallies.size(); ++i)
    sums.tallies[i] = {flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]};
}

void sum_gradients(Run& run) {
  if (run.peers->count() == 1) return;
  std::vector<at::Tensor> gradients;
  for (Parameter& p : run.transformer->parameters()) {
    // Every process has to send the same tensors, also those that none of its rows touched.
    if (!p.value.grad().defined()) p.value.mutable_grad() = at::zeros_like(p.value);
    gradients.push_back(p.value.grad());
  }
  run.peers->sum(gradients);
}

// One step's gradients: each process takes its rows, each worker its share of them, then its share of the
// summing.
LossSums forward_backward(Run& run, const RowBuilder& corpus, Workers& workers) {
  const int count = workers.count();
  std::vector<Batch> batches(static_cast<std::size_t>(count));
  std::vector<LossSums> sums(static_cast<std::size_t>(count));
  const auto step = static_cast<std::uint64_t>(run.progress.step);
  const std::uint64_t unread = step + static_cast<std::uint64_t>(run.progress.steps_before);
  workers.run([&](int worker) {
    const int begin = run.options.rows * worker / count, end = run.options.rows * (worker + 1) / count;
    corpus.fill(batches[static_cast<std::size_t>(worker)], run.row_options, run.options.seed, unread,
                run.options.rows * run.peers->rank() + begin, end - begin);
  });
  ForwardOptions forward;
  forward.dropout = static_cast<float>(run.options.dropout);
  std::vector<double> weight = {0};
  for (const Batch& batch : batches)
    for (const float w : batch.weights) weight[0] += static_cast<double>(w);
  run.peers->sum(weight);
  forward.total_weight = weight[0];
  workers.run([&](int worker) {
    ForwardOptions mine = forward;
    mine.dropout_seed = combine(combine(run.options.seed, step),
                                static_cast<std::uint64_t>(run.peers->rank() * count + worker));
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
  sum_losses(*run.peers, all);
  sum_gradients(run);
  return all;
}

// What the stages order and on-policy learn from, drawn with the weights as they are at the step in hand. It
// is kept in the run's folder, so that a run that goes on finds what it had.
Status draw_pool(Run& run, RowBuilder& corpus, std::int64_t round) {
  const fs::path path = run.folder() / ("pool-" + std::to_string(round) + ".jsonl");
  if (run.peers->is_first() && !fs::exists(path)) {
    const std::string policy = (run.folder() / "policy").string();
    TRY(export_run(run, policy, true, ExportDtype::int8));
    TrajectoryOptions options;
    options.holes = run.options.pool_holes;
    options.seed = combine(run.options.seed, 0x9001 + static_cast<std::uint64_t>(round));
    options.rows = run.row_options;
    options.by_reward = run.options.stage == Stage::on_policy;
    options.step_price = run.options.step_price;
    options.threads = run.options.threads;
    options.go_on = [&](int done) {
      if (done % 100 == 0) std::fprintf(stderr, "trajectories %d/%d\n", done, options.holes);
      return !signalled;
    };
    const DrawnTrajectories drawn = TRY(draw_trajectories(policy, corpus, options));
    if (!signalled) TRY(write_samples(path.string(), drawn.kept));
    const TrajectoryReport& r = drawn.report;
    std::fprintf(
        stderr,
        "trajectories: %d of %d holes, %.2f tokens a step, %.1f%% as in the corpus, %d out of order\n",
        r.kept, r.holes, r.kept_tokens_per_step, 100 * r.exact, r.out_of_order);
    log_line(run, {{"pool", round},
                   {"holes", r.holes},
                   {"kept", r.kept},
                   {"drawn", r.drawn},
                   {"out_of_order", r.out_of_order},
                   {"tokens_per_step", r.kept_tokens_per_step},
                   {"exact", r.exact}});
  }
  run.peers->wait();
  if (!fs::exists(path)) return Done{};  // told to stop while it was drawn
  corpus.set_trajectories(TRY(read_samples(path.string())));
  return Done{};
}

Status load_diagnosed(const RunOptions& options, const char* split, RowBuilder& builder) {
  const std::string path = diagnosed_path(options.corpus, split);
  if (options.diagnosed_share <= 0 || options.stage == Stage::causal || options.stage == Stage::mask)
    return Done{};
  if (!fs::exists(path))
    return not_found(path + " is missing: run `seedling-train diagnose`, or give --diagnosed-share 0");
  builder.set_diagnosed(TRY(read_samples(path)));
  return Done{};
}

// Whether to go on: no process was told to stop, and by the first one's clock there is time left.
bool agree(Run& run, bool stop) {
  std::vector<double> votes = {stop ? 1.0 : 0.0, run.peers->is_first() ? run.progress.seconds : 0.0};
  run.peers->sum(votes);
  run.progress.seconds = votes[1];
  return votes[0] == 0 && run.spent() < 1.0;
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

  Run run = TRY(open_run(options, TRY(Peers::join(at::Device(own_device(options.device))))));
  const auto tokenizer = TRY(Tokenizer::load(options.tokenizer));
  if (tokenizer->vocab_size() > run.config.vocab_size)
    return invalid_input("the tokenizer has " + std::to_string(tokenizer->vocab_size()) +
                         " tokens, config.json says " + std::to_string(run.config.vocab_size));
  RowBuilder corpus = TRY(RowBuilder::load(options.corpus, "train", tokenizer));
  RowBuilder validation = TRY(RowBuilder::load(options.corpus, "validation", tokenizer));
  if (options.function_share > 0) TRY(corpus.load_functions(options.corpus));
  TRY(load_diagnosed(options, "train", corpus));
  TRY(load_diagnosed(options, "validation", validation));
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
  std::int64_t pool = -1;
  while (agree(run, told_to_stop())) {
    const std::int64_t round = options.pool_steps > 0 ? run.progress.step / options.pool_steps : 0;
    if (is_about_steps(options.stage) && round != pool) {
      TRY(draw_pool(run, corpus, round));
      pool = round;
      if (signalled) continue;
    }
    const LossSums sums = forward_backward(run, corpus, workers);
    if (!(sums.nats() < 1e30))
      return Error{ErrorCode::internal, "the loss is not finite at step " +
                                            std::to_string(run.progress.step) + ": lower --matrix-rate"};
    run.optimizer->step(run.progress.step, run.rate_scale(), workers);

    run.progress.step += 1;
    run.progress.seconds += seconds_since(last_step);
    last_step = Clock::now();
    const std::uint64_t tokens = static_cast<std::uint64_t>(options.rows * run.peers->count()) *
                                 static_cast<std::uint64_t>(run.row_options.clean + run.row_options.noisy);
    run.progress.tokens += tokens;
    tokens_since_report += tokens;
    since_report += sums;
    if (run.peers->is_first() && seconds_since(last_report) >= options.report_seconds) {
      const double speed = static_cast<double>(tokens_since_report) / seconds_since(last_report);
      show(run, since_report, speed);
      json line = to_json(since_report);
      line["tokens_per_s"] = speed;
      log_line(run, line);
      since_report = {};
      tokens_since_report = 0;
      last_report = Clock::now();
    }
    if (run.peers->is_first() && seconds_since(last_checkpoint) >= options.checkpoint_minutes * 60.0) {
      TRY(save_checkpoint(run));
      last_checkpoint = Clock::now();
    }
  }
  if (!run.peers->is_first()) return run.spent() < 1.0 ? 3 : 0;
  TRY(save_checkpoint(run));
  const LossSums sums = validate(run, validation);
  json line = to_json(sums);
  line["split"] = "validation";
  log_line(run, line);
  std::fprintf(stderr, "validation: %s\n", to_json(sums).dump().c_str());
  return run.spent() < 1.0 ? 3 : 0;
}

}  // namespace seedling
