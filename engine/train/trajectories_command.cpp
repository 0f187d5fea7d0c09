#include "engine/train/trajectories_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "engine/train/trajectories.h"

namespace seedling {
namespace {

struct Arguments {
  std::string model, corpus, split = "validation";
  TrajectoryOptions options;
};

Status run(const Arguments& arguments) {
  const auto tokenizer = TRY(Tokenizer::load(arguments.model + "/tokenizer.json"));
  const RowBuilder corpus = TRY(RowBuilder::load(arguments.corpus, arguments.split, tokenizer));
  TrajectoryOptions options = arguments.options;
  options.go_on = [&](int done) {
    if (done % 100 == 0) std::fprintf(stderr, "trajectories %d/%d\n", done, options.holes);
    return true;
  };
  const TrajectoryReport report = TRY(draw_trajectories(arguments.model, corpus, options)).report;
  std::fprintf(
      stderr,
      "%d of %d holes: %.2f tokens a step, %.1f%% as in the corpus, %d of %d trajectories out of order\n",
      report.kept, report.holes, report.kept_tokens_per_step, 100 * report.exact, report.out_of_order,
      report.drawn);
  return Done{};
}

}  // namespace

void add_trajectories_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("trajectories", "Watch a model fill held-out holes: order of names, tokens a step");
  command->add_option("--model", arguments->model, "Model folder")->required();
  command->add_option("--corpus", arguments->corpus, "Folder of token shards")->required();
  command->add_option("--split", arguments->split)->capture_default_str();
  command->add_option("--holes", arguments->options.holes)->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seed", arguments->options.seed)->capture_default_str();
  command->add_option("--threads", arguments->options.threads, "0: all")->capture_default_str();
  command->add_flag("--by-reward", arguments->options.by_reward,
                    "Draw and choose as stage on-policy does; without it as stage order does");
  command->callback([arguments, &exit_code] {
    const Status status = run(*arguments);
    if (status.ok()) return;
    std::fprintf(stderr, "seedling-train trajectories: %s\n", status.error().message.c_str());
    exit_code = 2;
  });
}

}  // namespace seedling
