#include "engine/train/train_command.h"

#include <cstdio>
#include <map>
#include <memory>

#include "engine/train/run.h"

namespace seedling {

#ifndef SEEDLING_WITH_TORCH
Result<int> train(const RunOptions&) {
  return unsupported(
      "this build has no libtorch: install libtorch-dev, or run ./scripts/setup, and configure again");
}
Status export_model(const std::string&, const std::string&, bool, ExportDtype, const Blend&) {
  return train({}).error();
}
#endif

namespace {

int report(const Error& error) {
  std::fprintf(stderr, "seedling-train: %s\n", error.message.c_str());
  return 2;
}

}  // namespace

void add_train_commands(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* run = app.add_subcommand("run", "train one stage; goes on where a killed run stopped");
  run->add_option("--stage", options->stage, "causal, mask, edit, order or on-policy")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Stage>{{"causal", Stage::causal},
                                                                       {"mask", Stage::mask},
                                                                       {"edit", Stage::edit},
                                                                       {"order", Stage::order},
                                                                       {"on-policy", Stage::on_policy}}))
      ->required();
  run->add_option("--corpus", options->corpus, "folder of token shards")->required();
  run->add_option("--tokenizer", options->tokenizer, "tokenizer.json")->required();
  run->add_option("--config", options->config, "config.json of the shape");
  run->add_option("--out", options->out, "run folder")->required();
  run->add_option("--start-from", options->start_from, "run folder of an earlier stage, or a model folder");
  run->add_option("--device", options->device, "cpu or cuda");
  run->add_option("--threads", options->threads, "0: all");
  CLI::Option* steps = run->add_option("--steps", options->steps, "budget in steps");
  run->add_option("--minutes", options->minutes, "budget in minutes of training")->excludes(steps);
  run->add_option("--warmup", options->warmup, "share of the budget");
  run->add_option("--cooldown", options->cooldown, "share of the budget");
  run->add_option("--rows", options->rows, "rows of a batch, of each process");
  run->add_option("--clean", options->clean, "tokens of a row's clean stream");
  run->add_option("--noisy", options->noisy, "tokens of a row's noisy stream");
  run->add_option("--max-block", options->max_block);
  run->add_option("--matrix-rate", options->matrix_rate, "Muon");
  run->add_option("--adam-rate", options->adam_rate, "AdamW");
  run->add_option("--weight-decay", options->weight_decay);
  run->add_option("--dropout", options->dropout);
  run->add_option("--average-decay", options->average_decay);
  run->add_option("--causal-weight", options->causal_weight);
  run->add_option("--masked-weight", options->masked_weight);
  run->add_option("--plain-share", options->plain_share, "segments without a hole");
  run->add_option("--diagnostic-share", options->diagnostic_share,
                  "segments that answer a compiler's message");
  run->add_option("--function-share", options->function_share,
                  "segments that are self-contained functions (seedling-train functions)")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--edit-share", options->edit_share, "stage edit: noisy positions that show a draft")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--edit-rate", options->edit_rate, "stage edit: most edits of a draft by its size")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--kept-weight", options->kept_weight,
                  "stage edit: of the tokens of a draft that are right");
  run->add_option("--mistake-share", options->mistake_share,
                  "stage edit: segments whose draft has a programmer's mistake")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--diagnosed-share", options->diagnosed_share,
                  "from stage edit on: segments that are mistakes with a tool's message")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--trajectory-share", options->trajectory_share,
                  "stages order and on-policy: segments that the model filled")
      ->check(CLI::Range(0.0, 1.0));
  run->add_option("--pool-holes", options->pool_holes, "stages order and on-policy: holes to fill for a pool")
      ->check(CLI::PositiveNumber);
  run->add_option("--pool-steps", options->pool_steps, "steps until the next pool; 0: one for the whole run");
  run->add_option("--step-price", options->step_price, "stage on-policy: of the reward, for a step a token");
  run->add_flag("--weight-by-noise", options->weight_by_noise, "weight 1/t instead of 1");
  run->add_option("--language-share", options->language_share, "python=0.5,c=0.1,...");
  run->add_option("--seed", options->seed,
                  "of what is read; a run that goes on from another's folder with its seed reads on");
  run->add_option("--checkpoint-minutes", options->checkpoint_minutes);
  run->add_option("--report-seconds", options->report_seconds);
  run->callback([options, &exit_code] {
    const Result<int> result = train(*options);
    exit_code = result.ok() ? *result : report(result.error());
  });

  struct ExportOptions {
    std::string run, model;
    bool last = false;
    ExportDtype dtype = ExportDtype::bf16;
    Blend blend;
  };
  auto out = std::make_shared<ExportOptions>();
  CLI::App* exporting = app.add_subcommand("export", "write a run's averaged weights as a model folder");
  exporting->add_option("--run", out->run, "run folder")->required();
  exporting->add_option("--out", out->model, "model folder")->required();
  exporting->add_flag("--last", out->last, "the last weights instead of their moving average");
  exporting
      ->add_option("--dtype", out->dtype,
                   "bf16 (default), or int8: half the size, read in place by the cpu backend")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, ExportDtype>{{"bf16", ExportDtype::bf16}, {"int8", ExportDtype::int8}}));
  CLI::Option* blend =
      exporting->add_option("--blend", out->blend.model, "model folder whose weights are mixed in");
  exporting->add_option("--blend-share", out->blend.share, "of those weights")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(blend);
  exporting->callback([out, &exit_code] {
    const Status result = export_model(out->run, out->model, !out->last, out->dtype, out->blend);
    exit_code = result.ok() ? 0 : report(result.error());
  });
}

}  // namespace seedling
