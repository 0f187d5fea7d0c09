#include "engine/join.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/engine.h"
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

// What is filled into a constrained hole by the script that was set.
FilledText filled(std::string_view prefix, std::string_view suffix, Mode mode, bool is_constrained = true) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), scripted_backend(), {});
  REQUIRE(engine.ok());
  FillRequest request;
  request.prefix = prefix;
  request.suffix = suffix;
  request.language = "python";
  request.path = "a/b.py";
  request.mode = mode;
  request.is_constrained = is_constrained;
  Result<FilledText> result = engine.value()->fill(request, {});
  REQUIRE(result.ok());
  return std::move(result.value());
}

// What comes out where the model would write `line` if nothing stood behind the hole.
FilledText joined(std::string_view line, std::string_view prefix, std::string_view suffix,
                  Mode mode = Mode::causal, bool is_constrained = true) {
  set_script(knows(model()->tokenizer->encode(line), special::kMiddle, special::kEnd));
  return filled(prefix, suffix, mode, is_constrained);
}

}  // namespace

TEST_CASE("join: a line goes on behind a hole where words stand, not brackets alone") {
  CHECK(line_behind(" + y\n") == " + y");
  CHECK(line_behind("ber) \r\nx") == "ber)");
  CHECK(line_behind("):\n    x") == "");
  CHECK(line_behind("") == "");
  CHECK(line_behind("\nx") == "");
  CHECK(line_behind(std::string(200, 'x')) == "");
}

TEST_CASE("join: the line is cut where its rest begins") {
  for (const Mode mode : {Mode::causal, Mode::diffusion, Mode::hybrid}) {
    const FilledText text =
        joined(" return [n for n in nums]", "def f(nums):\n    ret", "r n in nums]\n", mode);
    CHECK(text.text == "urn [n fo");
    CHECK(text.fit == Fit::sound);
    CHECK(text.outcome == Outcome::ended);
    // Nothing else leads into the line, and what nobody thought of is always possible.
    CHECK(text.confidence > 0.6f);
    CHECK(text.confidence < 0.75f);
  }
}

TEST_CASE("join: the cut that leaves sound code goes before a likelier one") {
  // The line that was written has another end than the one that stands there, and every end is as unlikely.
  CHECK(joined("f(n)", "def g(f, n):\n    ", ", 1)\n").text == "f(n");
}

TEST_CASE("join: a word of the file ends as the hole's right edge leaves it") {
  // The model would write x, and thinks of the other name next.
  const std::string likely = "return number + 1", own = "return x";
  const auto first_token = [](std::string_view text) { return model()->tokenizer->encode(text).front(); };
  set_script([=](std::span<const TokenId> cached, std::span<const TokenId>, int) -> Scripted {
    const auto middle = std::find(cached.rbegin(), cached.rend(), special::kMiddle).base();
    const std::string text = model()->tokenizer->decode(std::span(middle, cached.end()));
    if (text == "return ") return {first_token("x"), 0.6f, first_token("number + 1")};
    const std::string& line = own.starts_with(text) ? own : likely;
    if (!line.starts_with(text) || line == text) return {special::kEnd, 0.99f};
    return {first_token(line.substr(text.size())), 0.99f};
  });
  CHECK(filled("def f(number, x):\n    ", "ber + 1\n", Mode::causal).text == "return num");
}

TEST_CASE("join: without constraints nothing is cut") {
  CHECK(joined("x = 1", "y = 2\n", " = y\n").text == "x");
  CHECK(joined("x = 1", "y = 2\n", " = y\n", Mode::causal, false).text == "x = 1");
}
