#include "engine/sampler/revise.h"

#include <doctest/doctest.h>

#include "engine/fill.h"
#include "engine/sampler/rng.h"
#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

constexpr EditTokens kEdit = {special::kMask, special::kEnd, special::kDelete, special::kInsert};

// The tiny model as if it had been trained to edit.
const std::shared_ptr<const Model>& model() {
  static const std::shared_ptr<const Model> editing = [] {
    auto copy = std::make_shared<Model>(*load_tiny_model());
    copy->config.diffusion.edits = true;
    copy->config.diffusion.delete_ = special::kDelete;
    copy->config.diffusion.insert = special::kInsert;
    return copy;
  }();
  return editing;
}

std::vector<TokenId> encode(std::string_view text) {
  return model()->tokenizer->encode(text);
}

// A model that knows what the draft should say: it labels what a block shows.
Script edits_to(std::string_view target, float confidence = 0.99f) {
  return [=, answer = encode(target)](std::span<const TokenId> cached, std::span<const TokenId> block,
                                      int index) -> Scripted {
    std::size_t start = cached.size();
    while (start > 0 && cached[start - 1] != special::kMiddle) --start;
    const std::size_t done = std::min(cached.size() - start, answer.size());
    std::vector<TokenId> shown(block.begin(), std::find(block.begin(), block.end(), special::kEnd));
    const std::vector<TokenId> labels = edit_labels(shown, std::span(answer).subspan(done), kEdit);
    const auto at = static_cast<std::size_t>(index);
    return {at < labels.size() ? labels[at] : special::kEnd, confidence};
  };
}

Result<Decoded> run(std::string_view draft, const DecodeOptions& options, std::stop_token stop = {},
                    const StepObserver& observer = {}) {
  Result<std::unique_ptr<CachedSequence>> sequence = CachedSequence::open(scripted_backend(), model(), {});
  REQUIRE(sequence.ok());
  const std::vector<TokenId> context = {special::kFirstLanguage, special::kMiddle};
  Edges edges(*model()->tokenizer, {}, special::kEnd, model()->config.vocab_size);
  const DecodeInput input{*sequence.value(), *model()->tokenizer, model()->config, edges, context};
  return revise(input, encode(draft), options, stop, observer);
}

Decoded revised(std::string_view draft, const DecodeOptions& options) {
  Result<Decoded> result = run(draft, options);
  REQUIRE(result.ok());
  return std::move(result.value());
}

std::string text_of(const Decoded& decoded) {
  return model()->tokenizer->decode(decoded.canvas.tokens);
}

DecodeOptions options(int block) {
  DecodeOptions result;
  result.block = block;
  return result;
}

}  // namespace

TEST_CASE("revise: a draft becomes what the model would write, at every block size") {
  const std::pair<const char*, const char*> cases[] = {
      {"return value", "return value"},   // nothing to do
      {"retrn value", "return value"},    // insert
      {"return vvalue", "return value"},  // delete
      {"return xalue", "return value"},   // substitute
      {"if x\n    y = (1", "if x:\n    y = (1)\n"},
      {"", "pass"},
      {"print(a, b, c, d)", ""},
      {"f(a,, b)) + 1 ++ 2", "g(a, b) + 1 + 2"},
  };
  for (const auto& [draft, target] : cases) {
    for (const int block : {3, 8, 16, 64}) {
      CAPTURE(draft);
      CAPTURE(block);
      set_script(edits_to(target));
      const Decoded result = revised(draft, options(block));
      CHECK(text_of(result) == target);
      CHECK(result.outcome == Outcome::ended);
      CHECK(result.canvas.ended());
      CHECK(first_masked(result.canvas) == result.canvas.size());
      CHECK(result.steps == scripted_state().steps);
    }
  }
}

TEST_CASE("revise: a draft that stays costs one step a block and is believed as much as the model says") {
  set_script(edits_to("return value", 0.97f));
  const Decoded result = revised("return value", options(64));
  CHECK(result.steps == 1);
  for (const float confidence : result.canvas.confidence) CHECK(confidence == doctest::Approx(0.97));
}

TEST_CASE("revise: only edits that are sure enough are made") {
  DecodeOptions some = options(32);
  set_script(edits_to("return value", 0.6f));
  CHECK(text_of(revised("return valve", some)) == "return valve");
  some.edit_threshold = 0.5f;
  CHECK(text_of(revised("return valve", some)) == "return value");
}

TEST_CASE("revise: a token that is hardly believed is reopened and thought over") {
  DecodeOptions some = options(32);
  const std::size_t at = encode("return ").size();
  // Unsure of everything it sees, until the token after "return " is a mask.
  set_script([&](std::span<const TokenId>, std::span<const TokenId> block, int index) -> Scripted {
    const std::vector<TokenId> answer = encode("return y");
    const auto i = static_cast<std::size_t>(index);
    if (i >= answer.size()) return {special::kEnd, 0.99f};
    return {answer[i], i == at && block[i] != special::kMask ? 0.5f : 0.99f};
  });
  CHECK(text_of(revised("return x", some)) == "return x");
  some.reopen_threshold = 0.01f;
  CHECK(text_of(revised("return x", some)) == "return y");
}

TEST_CASE("revise: a model that takes its edits back comes to an end") {
  const TokenId a = encode("a").front(), b = encode("b").front();
  set_script([&](std::span<const TokenId>, std::span<const TokenId> block, int index) -> Scripted {
    if (block[index] == special::kEnd) return {special::kEnd, 0.99f};
    return {block[index] == a ? b : a, 0.99f};
  });
  const Decoded result = revised("abab", options(16));
  CHECK(result.canvas.size() == 5);
  CHECK(result.steps < 6);
}

TEST_CASE("revise: whatever a model says, the result is bounded, settled and has no special tokens") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    CAPTURE(seed);
    set_script([&, step = 0](std::span<const TokenId>, std::span<const TokenId> block, int index) mutable {
      const float u = uniform(seed, step++, block.size(), index);
      const TokenId edits[] = {special::kInsert, special::kDelete, special::kMask, special::kEnd};
      const TokenId token = u < 0.5f ? edits[static_cast<int>(u * 8)] : static_cast<TokenId>(u * 320);
      return Scripted{token, 0.3f + 0.69f * uniform(seed, step, 1, index)};
    });
    DecodeOptions some = options(8);
    some.max_tokens = 40;
    some.edit_threshold = 0.5f;
    some.reopen_threshold = 0.2f;
    const Decoded result = revised("for item in items:\n    print(item)\n", some);
    CHECK(result.canvas.size() <= 40);
    CHECK(result.steps < 40 * 20);
    for (int i = 0; i < result.canvas.size(); ++i) {
      const TokenId token = result.canvas.tokens[i];
      CHECK((token == special::kEnd || !model()->tokenizer->is_special(token)));
    }
  }
}

TEST_CASE("revise: stop ends it before the next step, a late deadline keeps what is finished") {
  set_script(edits_to("f(a, b, c, d, e)"));
  std::stop_source source;
  int steps = 0;
  const StepObserver observer = [&](const StepView&) {
    if (++steps == 2) source.request_stop();
  };
  const Result<Decoded> result = run("f(", options(4), source.get_token(), observer);
  REQUIRE(!result.ok());
  CHECK(result.error().code == ErrorCode::stopped);
  CHECK(steps == 2);
  DecodeOptions late = options(4);
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  CHECK(revised("f(a)", late).outcome == Outcome::out_of_time);
}

TEST_CASE("fill: a draft in the hole is revised; a model that never learnt to is not asked to") {
  set_script(edits_to("return value"));
  FillRequest request;
  request.prefix = "def f(value):\n    ";
  request.suffix = "\n";
  request.language = "python";
  request.draft = "retrun value";
  for (const bool is_trained : {true, false}) {
    const std::shared_ptr<const Model> used = is_trained ? model() : load_tiny_model();
    Result<SequenceStore> sequences = SequenceStore::open(scripted_backend(), used, {}, 0);
    REQUIRE(sequences.ok());
    ModelSession session{used, &scripted_backend(), std::move(sequences.value())};
    const Result<FilledText> filled = fill(session, request, {});
    REQUIRE(filled.ok() == is_trained);
    if (!is_trained) CHECK(filled.error().code == ErrorCode::unsupported);
    if (is_trained) CHECK(filled.value().text == "return value");
  }
}
