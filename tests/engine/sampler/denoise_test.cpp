#include "engine/sampler/denoise.h"

#include <doctest/doctest.h>

#include "engine/sampler/causal.h"
#include "engine/sampler/rng.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

const std::shared_ptr<const Model>& model() {
  static const std::shared_ptr<const Model> loaded = load_tiny_model();
  return loaded;
}

std::vector<TokenId> encode(std::string_view text) {
  return model()->tokenizer->encode(text);
}

Script knows_text(std::string_view text, float confidence = 0.99f) {
  return knows(encode(text), special::kMiddle, special::kEnd, confidence);
}

enum class Way { diffusion, causal };

struct Trial {
  PartialWords words;
  DecodeOptions options;
  Way way = Way::diffusion;
  std::stop_token stop;
  StepObserver observer;
};

Result<Decoded> decode(const Trial& trial) {
  Result<std::unique_ptr<CachedSequence>> opened = CachedSequence::open(scripted_backend(), model(), {});
  REQUIRE(opened.ok());
  CachedSequence& sequence = *opened.value();
  const std::vector<TokenId> context = {special::kFirstLanguage, special::kPrefix, special::kMiddle};
  Edges edges(*model()->tokenizer, trial.words, special::kEnd, model()->config.vocab_size);
  const DecodeInput input{sequence, *model()->tokenizer, model()->config, edges, context};
  if (trial.way == Way::causal) return decode_causally(input, trial.options, trial.stop, trial.observer);
  return denoise(input, trial.options, trial.stop, trial.observer);
}

Decoded decoded(const Trial& trial) {
  Result<Decoded> result = decode(trial);
  REQUIRE(result.ok());
  return std::move(result.value());
}

std::string text_of(const Decoded& result) {
  return model()->tokenizer->decode(result.canvas.tokens);
}

DecodeOptions options(int block, int max_tokens = 96) {
  DecodeOptions result;
  result.block = block;
  result.max_tokens = max_tokens;
  return result;
}

constexpr const char* kBody = "return self.name(other)\nfor item in range(10):\n    print(item)";

}  // namespace

TEST_CASE("denoise: what the model knows is written, at every block size and both ways") {
  const int length = static_cast<int>(encode(kBody).size()) + 1;
  for (const int block : {1, 2, 7, 16, 32, 64}) {
    for (const float confidence : {0.99f, 0.6f}) {
      CAPTURE(block);
      CAPTURE(confidence);
      set_script(knows_text(kBody, confidence));
      const Decoded result = decoded({{}, options(block)});
      CHECK(text_of(result) == kBody);
      CHECK(result.outcome == Outcome::ended);
      CHECK(result.canvas.size() == length);
      CHECK(result.blocks == (length + block - 1) / block);
      CHECK(result.steps == scripted_state().steps);
      if (confidence > 0.9f) CHECK(result.steps == result.blocks);  // everything is sure at the first step
      CHECK(result.steps <= length + block);                        // one token per step at the least
    }
  }
  set_script(knows_text(kBody));
  const Decoded causal = decoded({{}, options(16), Way::causal});
  CHECK(text_of(causal) == kBody);
  CHECK(causal.steps == length);
  CHECK(causal.outcome == Outcome::ended);
}

TEST_CASE("denoise: every step commits, nothing committed is ever touched, no special token stands") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    CAPTURE(seed);
    // A model that believes something else at every step, special tokens included.
    set_script(
        [&, step = 0](std::span<const TokenId> cached, std::span<const TokenId> block, int index) mutable {
          const float u = uniform(seed, step++, cached.size() + block.size(), index);
          return Scripted{static_cast<TokenId>(u * 320), 0.3f + 0.69f * uniform(seed, step, 1, index)};
        });
    std::vector<TokenId> before;
    int masked_before = -1;
    int last_block = 0;
    Trial trial{{}, options(8, 40)};
    trial.observer = [&](const StepView& view) {
      const int masked =
          static_cast<int>(std::count(view.canvas.masked.begin(), view.canvas.masked.end(), 1));
      if (view.block == last_block && masked_before >= 0) CHECK(masked < masked_before);
      for (int i = 0; i < view.canvas.size(); ++i) {
        const TokenId token = view.canvas.tokens[i];
        CHECK(view.canvas.is_masked(i) == (token == special::kMask));
        if (!view.canvas.is_masked(i))
          CHECK((token == special::kEnd || !model()->tokenizer->is_special(token)));
        if (i < static_cast<int>(before.size()) && before[i] != special::kMask) CHECK(before[i] == token);
      }
      before = view.canvas.tokens;
      masked_before = masked;
      last_block = view.block;
    };
    const Decoded result = decoded(trial);
    CHECK(result.canvas.size() <= 40);
    CHECK(first_masked(result.canvas) == result.canvas.size());
  }
}

TEST_CASE("denoise: a later block cannot change an earlier one") {
  set_script(knows_text(kBody, 0.6f));
  const std::vector<TokenId> whole = decoded({{}, options(8, 64)}).canvas.tokens;
  const std::vector<TokenId> part = decoded({{}, options(8, 16)}).canvas.tokens;
  REQUIRE(part.size() == 16);
  CHECK(std::equal(part.begin(), part.end(), whole.begin()));
}

TEST_CASE("denoise: limits cut before the first masked position") {
  SUBCASE("tokens") {
    for (const Way way : {Way::diffusion, Way::causal}) {
      set_script(knows_text(kBody));
      const Decoded result = decoded({{}, options(16, 5), way});
      CHECK(result.outcome == Outcome::max_tokens);
      CHECK(result.canvas.size() == 5);
      CHECK(std::string_view(kBody).starts_with(text_of(result)));
    }
  }
  SUBCASE("lines") {
    for (const Way way : {Way::diffusion, Way::causal}) {
      set_script(knows_text(kBody));
      Trial trial{{}, options(4), way};
      trial.options.max_lines = 1;
      const Decoded result = decoded(trial);
      CHECK(result.outcome == Outcome::max_lines);
      CHECK(text_of(result).starts_with("return self.name(other)\n"));
      CHECK(result.canvas.size() < static_cast<int>(encode(kBody).size()));
    }
  }
  SUBCASE("time") {
    for (const Way way : {Way::diffusion, Way::causal}) {
      set_script(knows_text(kBody));
      Trial trial{{}, options(16), way};
      trial.options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
      const Decoded result = decoded(trial);
      CHECK(result.outcome == Outcome::out_of_time);
      CHECK(result.canvas.size() == 0);
      CHECK(result.steps == 0);
    }
  }
  SUBCASE("repetition") {
    for (const Way way : {Way::diffusion, Way::causal}) {
      set_script([](std::span<const TokenId> cached, std::span<const TokenId>, int index) {
        return Scripted{encode((cached.size() + index) % 2 == 0 ? "a" : "\n").front(), 0.99f};
      });
      const Decoded result = decoded({{}, options(16), way});
      CHECK(result.outcome == Outcome::repeated);
      CHECK(result.canvas.size() < 96);
    }
  }
}

TEST_CASE("denoise: stop ends it before the next step") {
  for (const Way way : {Way::diffusion, Way::causal}) {
    set_script(knows_text(kBody, 0.5f));
    std::stop_source source;
    Trial trial{{}, options(16), way, source.get_token()};
    int steps = 0;
    trial.observer = [&](const StepView&) {
      if (++steps == 3) source.request_stop();
    };
    const Result<Decoded> result = decode(trial);
    REQUIRE(!result.ok());
    CHECK(result.error().code == ErrorCode::stopped);
    CHECK(steps == 3);
  }
}

TEST_CASE("denoise: a failing device is an error, not a text") {
  set_script(knows_text(kBody, 0.5f));
  scripted_state().fail_after = 2;
  const Result<Decoded> result = decode({{}, options(16)});
  REQUIRE(!result.ok());
  CHECK(result.error().code == ErrorCode::internal);
}

TEST_CASE("denoise: the left piece is spelt even by a model that wants something else") {
  for (const Way way : {Way::diffusion, Way::causal}) {
    for (const float confidence : {0.99f, 0.5f}) {
      for (const char* left : {"ret", "x", "caf\xC3\xA9", "returned"}) {
        CAPTURE(left);
        set_script(knows_text("name = other", confidence));
        const Decoded result = decoded({{left, ""}, options(8), way});
        CHECK(text_of(result).starts_with(left));
        CHECK(result.outcome == Outcome::ended);
      }
      set_script(knows_text("return x", confidence));
      CHECK(text_of(decoded({{"ret", ""}, options(8), way})) == "return x");
    }
  }
}

TEST_CASE("denoise: a text that ends does so with the right piece") {
  for (const Way way : {Way::diffusion, Way::causal}) {
    for (const float confidence : {0.99f, 0.5f}) {
      for (const int block : {4, 16}) {
        CAPTURE(confidence);
        CAPTURE(block);
        set_script(knows_text("print(self", confidence));
        CHECK(text_of(decoded({{"pr", "lf"}, options(block), way})) == "print(self");
        // The model forgets the piece: it comes all the same, or no end does.
        set_script(knows_text("print(other", confidence));
        const Decoded forced = decoded({{"pr", "lf"}, options(block, 24), way});
        if (forced.outcome == Outcome::ended) CHECK(text_of(forced).ends_with("lf"));
        CHECK(text_of(forced).starts_with("pr"));
      }
    }
  }
}

TEST_CASE("denoise: the same seed gives the same text, other seeds give others") {
  for (const Way way : {Way::diffusion, Way::causal}) {
    const auto text = [&](std::uint64_t seed) {
      set_script(knows_text("a b c", 0.2f));
      Trial trial{{}, options(8), way};
      trial.options.temperature = 1;
      trial.options.seed = seed;
      return decoded(trial).canvas.tokens;
    };
    CHECK(text(1) == text(1));
    int different = 0;
    for (std::uint64_t seed = 2; seed < 12; ++seed) different += text(seed) != text(1);
    CHECK(different > 0);
  }
}

TEST_CASE("denoise: a shifted model is read one row earlier") {
  auto shifted = std::make_shared<Model>(*model());
  shifted->config.diffusion.shift = true;
  const std::vector<TokenId> answer = encode(kBody);
  // Row i of a block predicts position i + 1; the causal reading is as it always was.
  const Script plain = knows(answer, special::kMiddle, special::kEnd);
  set_script([&](std::span<const TokenId> cached, std::span<const TokenId> block, int index) {
    return plain(cached, block, block.empty() ? 0 : index + 1);
  });
  Result<std::unique_ptr<CachedSequence>> sequence = CachedSequence::open(scripted_backend(), shifted, {});
  REQUIRE(sequence.ok());
  const std::vector<TokenId> context = {special::kMiddle};
  Edges edges(*shifted->tokenizer, {}, special::kEnd, shifted->config.vocab_size);
  const DecodeInput input{*sequence.value(), *shifted->tokenizer, shifted->config, edges, context};
  const Result<Decoded> result = denoise(input, options(8), {});
  REQUIRE(result.ok());
  CHECK(text_of(result.value()) == kBody);
}
