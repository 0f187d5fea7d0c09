// engine/train/tokenizer_command.h
//
// `seedling-train tokenizer --text DIR --out FILE`: learns the vocabulary from the text shards of a corpus.
//   The bytes that are looked at are shared evenly between the languages, spread over all shards.
//   Prints to stderr what was learnt, and the bytes per token on the validation split, every text of which
//   must come back unchanged. FILE appears only when it is complete. Errors: one line on stderr, exit code 2.
#pragma once

namespace CLI {
class App;
}

namespace seedling {

// Runs when the subcommand was given and then sets `exit_code`, which must outlive the parse.
void add_tokenizer_command(CLI::App& app, int& exit_code);

}  // namespace seedling
