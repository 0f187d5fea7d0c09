// tests/engine/train/tiny_corpus.h
//
// A corpus of two generated files and a byte-level tokenizer, in a temporary folder.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/tokenizer/special_tokens.h"
#include "engine/train/rows.h"
#include "tests/support/tiny_model.h"

namespace seedling::test {

struct TinyCorpus {
  TemporaryFolder folder;
  std::filesystem::path root = folder.path();
  std::shared_ptr<const Tokenizer> tokenizer = load_tiny_model()->tokenizer;

  TinyCorpus() {
    ShardWriter writer(root.string(), "train", std::string(kTokenShardEnding));
    for (int f = 0; f < 2; ++f) {
      std::string text;
      for (int line = 0; line < 200; ++line)
        text += "value_" + std::to_string(line) + " = call(" + std::to_string(f) + ")\n";
      PackedFile file;
      file.language = special::kFirstLanguage + f;
      for (const TokenId token : tokenizer->encode(text))
        file.tokens.push_back(static_cast<std::uint16_t>(token));
      for (const TokenId token : tokenizer->encode("a.py"))
        file.path.push_back(static_cast<std::uint16_t>(token));
      DOCTEST_REQUIRE(writer.append(file).ok());
    }
    DOCTEST_REQUIRE(writer.finish().ok());
  }

  RowBuilder builder() const {
    auto result = RowBuilder::load(root.string(), "train", tokenizer);
    DOCTEST_REQUIRE(result.ok());
    return std::move(*result);
  }
};

}  // namespace seedling::test
