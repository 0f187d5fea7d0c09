// engine/train/trajectories_command.h
//
// `seedling-train trajectories`: how a model fills held-out holes, step by step; nothing is trained.
//   The same holes for every model, so that weights before and after a stage are compared: how often a name
//   was used before it was declared (stage order), and how many tokens a step gave at no worse a text than
//   one token a step (stage on-policy). Errors: one line on stderr, exit_code 2.
#pragma once

namespace CLI {
class App;
}

namespace seedling {

void add_trajectories_command(CLI::App& app, int& exit_code);

}  // namespace seedling
