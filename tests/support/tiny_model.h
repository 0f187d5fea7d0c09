// tests/support/tiny_model.h
//
// Writes a complete model folder with random weights: config.json, tokenizer.json, model.safetensors.
//   Deterministic: the same options give the same bytes. Loads in milliseconds and speaks gibberish; it
//   exists so that everything between a request and an edit can be tested without the shipped weights. The
//   vocabulary is our special tokens, the 256 bytes and a few merges; ids above 32 + 256 + 32 have no text.
//   Errors: aborts the test with a message when the folder cannot be written.
#pragma once

#include <cstdint>
#include <string>

#include "engine/model/model.h"

namespace seedling::test {

struct TinyModelOptions {
  std::uint64_t seed = 1;
  Dtype dtype = Dtype::bf16;  // bf16, f32, or u8 for int8 panels
  // 2 layers, C 16, V 320, H 2, K 1, D 8, F 40; the shape fields and flags may be changed.
  ModelConfig config = default_config();

  static ModelConfig default_config();
};

// Fills `directory` (made if missing), replacing what is there.
void write_tiny_model(const std::string& directory, const TinyModelOptions& options = {});

// A folder under the system's temporary directory that is removed at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Writes a tiny model into a temporary folder and loads it.
std::shared_ptr<const Model> load_tiny_model(const TinyModelOptions& options = {});

}  // namespace seedling::test
