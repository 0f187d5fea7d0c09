#include "engine/train/trajectories.h"

#include <doctest/doctest.h>

#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/train/tiny_corpus.h"

namespace {

using namespace seedling;

// A hole in a Python function whose tokens were committed at these steps, one for each byte of the text.
bool in_order(const std::string& text, const std::string& steps) {
  const auto model = test::load_tiny_model();
  const std::string prefix = "def f(a):\n    ", suffix = "\n    return a\n";
  Snapshot filled;
  filled.language = "python";
  filled.path = "a.py";
  filled.text = prefix + text + suffix;
  Sample sample;
  for (std::size_t i = 0; i < text.size(); ++i) {
    sample.tokens.push_back(kSpecialTokenCount + static_cast<unsigned char>(text[i]));
    sample.steps.push_back(steps[i] - '0');
  }
  REQUIRE(model->tokenizer->decode(sample.tokens) == text);
  const auto at = [](std::size_t offset) { return ByteOffset{static_cast<std::uint32_t>(offset)}; };
  const auto result = declares_before_use(*model->tokenizer, filled,
                                          {at(prefix.size()), at(prefix.size() + text.size())}, sample);
  REQUIRE(result.ok());
  return result.value();
}

TEST_CASE("a name is committed where the hole declares it before it is where the hole uses it") {
  CHECK(in_order("b = 1; a = b", "000000000001"));
  CHECK(in_order("b = 1; a = b", "000000000000"));  // at once
  CHECK(!in_order("b = 1; a = b", "100000000000"));
  CHECK(in_order("b = 1; c = a", "100000000000"));    // `a` is a parameter: declared outside of the hole
  CHECK(in_order("b = 1; bb = 2", "1000000111111"));  // another word
}

TEST_CASE("similarity: what share of the longer text stays") {
  CHECK(similarity("", "") == 1);
  CHECK(similarity("abcd", "abcd") == 1);
  CHECK(similarity("abcd", "") == 0);
  CHECK(similarity("abcd", "abxd") == doctest::Approx(0.75));
  CHECK(similarity("abcd", "bcd") == doctest::Approx(0.75));
}

TEST_CASE("trajectories are drawn with a model folder's weights, the same for the same seed") {
  const test::TinyCorpus corpus;
  const std::string model = (corpus.root / "model").string();
  test::TinyModelOptions shape;
  shape.config.hidden_size = 32;
  shape.config.max_position_embeddings = 1024;
  test::write_tiny_model(model, shape);
  const RowBuilder builder = corpus.builder();
  TrajectoryOptions options;
  options.holes = 4;
  options.threads = 1;
  for (const bool by_reward : {false, true}) {
    options.by_reward = by_reward;
    const auto first = draw_trajectories(model, builder, options),
               again = draw_trajectories(model, builder, options);
    REQUIRE_MESSAGE(first.ok(), (first.ok() ? "" : first.error().message));
    CHECK(first.value().kept == again.value().kept);
    const TrajectoryReport& report = first.value().report;
    CHECK(report.holes == 4);
    CHECK(report.drawn >= report.kept);
    CHECK(report.drawn <= 5 * report.holes);  // of the larger pool
  }
  options.go_on = [](int done) { return done < 2; };
  CHECK(draw_trajectories(model, builder, options).value().report.holes == 2);
  CHECK(draw_trajectories(model + "/none", builder, options).error().code != ErrorCode::internal);
}

}  // namespace
