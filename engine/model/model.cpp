#include "engine/model/model.h"

#include <filesystem>

#include "engine/assert.h"

namespace seedling {

const WeightMatrix& Model::matrix(std::string_view name) const {
  const auto found = matrices.find(name);
  SEEDLING_ASSERT(found != matrices.end());
  return found->second;
}

Result<std::shared_ptr<const Model>> Model::load(const std::string& directory) {
  const std::filesystem::path folder(directory);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return not_found("no model folder at \"" + directory + "\": point to one with --model DIR, or go back to the one that ships with "
                     "seedling model use --default");
  }
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    if (!std::filesystem::exists(folder / name, ignored)) {
      return not_found("the model folder \"" + directory + "\" has no " + name +
                       ": point to a complete one with --model DIR");
    }
  }
  auto model = std::make_shared<Model>();
  model->directory = directory;
  model->config = TRY(ModelConfig::load((folder / "config.json").string()));
  // Mapped first: the weights come from the disk while the tokenizer is read.
  model->weights = TRY(SafetensorsFile::map((folder / "model.safetensors").string()));
  model->tokenizer = TRY(Tokenizer::load((folder / "tokenizer.json").string()));
  if (model->tokenizer->vocab_size() > model->config.vocab_size) {
    return invalid_input(directory + ": tokenizer.json has " +
                         std::to_string(model->tokenizer->vocab_size()) +
                         " tokens, but config.json's vocab_size is " +
                         std::to_string(model->config.vocab_size) + "; do the files belong together?");
  }
  model->matrices = TRY(check_weights(*model->weights, model->config));
  return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace seedling
