#include "engine/sampler/name_rule.h"

#include <doctest/doctest.h>

#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Model& model() {
  static const std::shared_ptr<const Model> loaded = test::load_tiny_model();
  return *loaded;
}

// Whether a byte may follow a line, the names being `value`, `other` and `None`.
bool may_follow(std::string_view line, char next, std::string_view language = "python") {
  const LexemeTable lexemes(*model().tokenizer, language, model().config.vocab_size);
  const NameRule rule(lexemes, language, {"None", "other", "value"});
  Scanner scanner(language);
  for (std::size_t at = 0; at < line.size();) at = scanner.step(line, at);
  TokenSet allowed(model().config.vocab_size);
  for (TokenId token = 0; token < model().tokenizer->vocab_size(); ++token)
    if (!model().tokenizer->bytes(token).empty()) allowed.insert(token);
  rule.restrict(line, scanner, allowed);
  const std::vector<TokenId> token = model().tokenizer->encode(std::string(1, next));
  REQUIRE(token.size() == 1);
  return allowed.contains(token[0]);
}

}  // namespace

TEST_CASE("name rule: behind an operator a word can only become a name that is there") {
  CHECK(may_follow("x = a + ", 'v'));
  CHECK(!may_follow("x = a + ", 'w'));
  CHECK(may_follow("x = a + ", '('));
  CHECK(may_follow("x = a + va", 'l'));
  CHECK(!may_follow("x = a + va", 'r'));
  CHECK(!may_follow("x = a + va", '('));  // `va` is no name
  CHECK(may_follow("x = a + value", '('));
  CHECK(!may_follow("x = a + value", 's'));
  CHECK(may_follow("return ", 'N'));
  CHECK(!may_follow("return ", 'q'));
  CHECK(may_follow("x = a + ", '1'));
  CHECK(may_follow("x = a + 1", '0'));
  CHECK(may_follow("x = a == ", 'o'));
  CHECK(!may_follow("x = a == ", 'q'));
  CHECK(!may_follow("return a && ", 'q', "javascript"));
  CHECK(may_follow("return a && ", 'v', "javascript"));
}

TEST_CASE("name rule: what may turn out to be a declaration is let be") {
  for (const char* line :
       {"", "x = ", "f(", "f(a + ", "for ", "lambda y: 1 + ", "def f() -> ", "x := ", "f = x, *"}) {
    CAPTURE(line);
    CHECK(may_follow(line, 'q'));
  }
  for (const char* line : {"return ", "x = ", "x += ", "x => ", "f(", "<p>a</p> + "}) {
    CAPTURE(line);
    CHECK(may_follow(line, 'q', "javascript"));
  }
  CHECK(may_follow("x = a + ", 'q', "cpp"));
}

TEST_CASE("name rule: what the line names itself is there, and strings have prefixes") {
  CHECK(may_follow("quantity = quantity + ", 'q'));
  CHECK(may_follow("quantity = quantity + qu", 'a'));
  CHECK(may_follow("x = a + f", '\''));
  CHECK(may_follow("x = a + rb", '"'));
}

TEST_CASE("name rule: where not all names are known, the known ones are preferred and none is ruled out") {
  const LexemeTable lexemes(*model().tokenizer, "python", model().config.vocab_size);
  const NameRule rule(lexemes, "python", {"None", "other", "value"}, /*are_all=*/false);
  const auto token = [](std::string_view text) { return model().tokenizer->encode(text).front(); };
  const auto behind = [&](std::string_view line) {
    Scanner scanner("python");
    for (std::size_t at = 0; at < line.size();) at = scanner.step(line, at);
    TokenSet allowed(model().config.vocab_size);
    allowed.insert(token("q"));
    rule.restrict(line, scanner, allowed);
    CHECK(allowed.contains(token("q")));
    Preference preference;
    rule.prefer(line, scanner, 1, preference);
    return preference;
  };
  CHECK(behind("return ").tokens.contains(token("v")));
  CHECK(!behind("return ").tokens.contains(token("q")));
  CHECK(behind("return ").rivals.contains(token("q")));
  CHECK(behind("return va").tokens.contains(token("l")));
  CHECK(behind("return value").is_empty());
  CHECK(behind("x = ").is_empty());
  CHECK(!rule.begins_unknown(token("q")));
}

TEST_CASE("name rule: a word that nothing declares waits for what stands before it") {
  const LexemeTable lexemes(*model().tokenizer, "python", model().config.vocab_size);
  const NameRule rule(lexemes, "python", {"None", "other", "value"});
  const auto token = [](std::string_view text) { return model().tokenizer->encode(text).front(); };
  CHECK(rule.begins_unknown(token("q")));
  CHECK(!rule.begins_unknown(token("v")));
  CHECK(!rule.begins_unknown(token("(")));
}
