#include "engine/sampler/constraint.h"

#include <doctest/doctest.h>

#include "engine/tokenizer/special_tokens.h"
#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Model& model() {
  static const std::shared_ptr<const Model> loaded = test::load_tiny_model();
  return *loaded;
}

// A hole in a text: '^' stands where it is.
struct Gap {
  std::string prefix, suffix, language;
  bool is_one_line = false;

  Gap(std::string_view marked, std::string language_id = "python", bool one_line = false)
      : language(std::move(language_id)), is_one_line(one_line) {
    const std::size_t at = marked.find('^');
    prefix = marked.substr(0, at);
    suffix = marked.substr(at + 1);
  }

  Constraint constraint() const {
    const auto lexemes =
        std::make_shared<const LexemeTable>(*model().tokenizer, language, model().config.vocab_size);
    return Constraint(*model().tokenizer, lexemes, {prefix, suffix, language, 0, is_one_line, {}},
                      special::kEnd);
  }
};

Canvas canvas_of(std::string_view written) {
  Canvas canvas;
  canvas.mask = special::kMask;
  canvas.end = special::kEnd;
  const std::vector<TokenId> tokens = model().tokenizer->encode(written);
  open_block(canvas, static_cast<int>(tokens.size()) + 1);
  for (std::size_t i = 0; i < tokens.size(); ++i) commit(canvas, static_cast<int>(i), tokens[i], 1);
  return canvas;
}

TokenSet allowed_behind(const Constraint& constraint, std::string_view written) {
  TokenSet allowed(model().config.vocab_size);
  for (TokenId token = 0; token < model().tokenizer->vocab_size(); ++token)
    if (!model().tokenizer->bytes(token).empty()) allowed.insert(token);
  allowed.insert(special::kEnd);
  constraint.restrict(canvas_of(written), allowed);
  return allowed;
}

// Whether a token that is one byte may follow.
bool may_follow(const Gap& hole, std::string_view written, char next) {
  const std::vector<TokenId> token = model().tokenizer->encode(std::string(1, next));
  REQUIRE(token.size() == 1);
  return allowed_behind(hole.constraint(), written).contains(token[0]);
}

bool may_end(const Gap& hole, std::string_view written) {
  return allowed_behind(hole.constraint(), written).contains(special::kEnd);
}

}  // namespace

TEST_CASE("constraint: a closer closes what is open") {
  for (const char* language : {"python", "javascript", "cpp"}) {
    CAPTURE(language);
    CHECK(!may_follow({"x = ^\n", language}, "a", ')'));
    CHECK(may_follow({"x = f(^\n", language}, "a", ')'));
    CHECK(!may_follow({"x = f(^\n", language}, "a", ']'));
    CHECK(may_follow({"x = f(^\n", language}, "[1", ']'));
    CHECK(may_follow({"x = '^'\n", language}, "a", ')'));    // in a string anything stands
    CHECK(may_follow({"x)\ny = ^\n", language}, "a", ')'));  // where brackets say nothing
  }
  CHECK(may_follow({"x = ^\n", "no such language"}, "a", ')'));
}

TEST_CASE("constraint: a hole ends with what it opened closed") {
  CHECK(may_end({"x = ^\n"}, "f(1)"));
  CHECK(!may_end({"x = ^\n"}, "f(1"));
  CHECK(!may_end({"x = f(^\n"}, "1"));
  CHECK(may_end({"x = f(^)\n"}, "1"));
  CHECK(may_end({"x = f(^,\n  2)\n"}, "1"));
  CHECK(!may_end({"x = f(^)\n"}, "g(1"));
  CHECK(!may_end({"x = ^\n"}, "'a"));
  CHECK(may_end({"x = ^\n"}, "'a'"));
  CHECK(may_end({"x = 'a^'\n"}, "b"));
  CHECK(may_end({"x = ^a'\n"}, "'"));   // the string goes on behind the hole
  CHECK(may_end({"x = ^1)\n"}, "f("));  // so does the call
  CHECK(!may_end({"f(\n  [^\n)\n"}, "1"));
  CHECK(may_end({"void f() {\n  ^\n}\n", "cpp"}, "g();"));
  CHECK(may_end({"#if A\n  f(^\n#else\n  g(\n#endif\n  1);\n", "cpp"}, ""));
}

TEST_CASE("constraint: a string stays on its line") {
  CHECK(!may_follow({"x = ^\n"}, "'a", '\n'));
  CHECK(may_follow({"x = ^\n"}, "'''a", '\n'));
  CHECK(may_follow({"x = ^\n"}, "a", '\n'));
}

TEST_CASE("constraint: Python's lines are indented as they may be") {
  const Gap body("if x:\n^\ny = 1\n");
  CHECK(!may_follow(body, "", 'z'));
  CHECK(may_follow(body, "", ' '));
  CHECK(may_follow(body, "    ", 'z'));
  const Gap behind("if x:\n    a = 1\n^\nb = 2\n");
  CHECK(may_follow(behind, "", 'z'));
  CHECK(may_follow(behind, "    ", 'z'));
  CHECK(!may_follow(behind, "   ", 'z'));
  CHECK(!may_follow(behind, "    ", ' '));
  CHECK(may_follow(behind, "  ", '#'));  // a comment stands anywhere
  CHECK(may_follow({"x = [\n^\n]\n"}, "   ", 'z'));
}

TEST_CASE("constraint: before a deeper line stands a line that opens a block, and before no other") {
  const Gap deeper("x = 1\n^\n    y = 1\n", "python", true);
  CHECK(!may_end(deeper, "if x"));
  CHECK(may_end(deeper, "if x:"));
  CHECK(!may_follow(deeper, "", 'z'));
  CHECK(may_follow(deeper, "", 'i'));
  CHECK(may_follow(deeper, "i", 'f'));
  CHECK(!may_follow(deeper, "i", 'x'));
  CHECK(may_follow(deeper, "if", ' '));
  const Gap equal("x = 1\n^\ny = 1\n", "python", true);
  CHECK(may_end(equal, "if x: z"));
  CHECK(!may_end(equal, "if x:"));
  CHECK(may_end({"x = 1\n^\n"}, "if x:"));  // nothing follows yet
  CHECK(!may_end({"x = 1\n^\n", "python", true}, "if x:"));
  const Gap followed("def f():\n^    y = 1\n", "python", true);  // the line's own end is missing too
  CHECK(!may_end(followed, "    if x:"));
  CHECK(may_end(followed, "    x = 1"));
}

TEST_CASE("constraint: a missing line lets those behind it be indented as they are") {
  const Gap between("if x:\n    y = 1\n^\n            z = 1\n        w = 1\n", "python", true);
  CHECK(!may_follow(between, "    ", 'i'));  // nothing would be as deep as the last line
  CHECK(!may_follow(between, "", 'i'));
  CHECK(may_follow({"if x:\n    y = 1\n^\n        z = 1\n", "python", true}, "    ", 'i'));
  const Gap chain("if x:\n^\n            y = 1\n        elif z:\n            w = 1\n", "python", true);
  CHECK(may_follow(chain, "        ", 'i'));
  CHECK(!may_follow(chain, "            ", 'y'));
}

TEST_CASE("constraint: where a block is missing no comment takes its place") {
  CHECK(!may_follow({"if x:\n^\ny = 1\n", "python", true}, "    ", '#'));
  CHECK(!may_follow({"x = 1\n^\n    y = 1\n", "python", true}, "", '#'));
  CHECK(!may_follow({"if x:\n^\n", "python", true}, "    ", '#'));
  CHECK(may_follow({"if x:\n^\n    y = 1\n", "python", true}, "    ", '#'));
  CHECK(may_follow({"if x:\n^\ny = 1\n"}, "    ", '#'));  // more lines may follow
  const Gap chain("if x:\n^\n            y = 1\n        elif z:\n            w = 1\n", "python", true);
  CHECK(!may_follow(chain, "        ", '#'));  // the first line behind it would do, the second would not
  CHECK(!may_follow({"x = 1\n^\n", "python", true}, "if x:", '#'));
  CHECK(may_follow({"x = 1\n^\n", "python", true}, "x = 2  ", '#'));
}

TEST_CASE("constraint: no operator ends a line of Python") {
  CHECK(!may_end({"^\ny = 1\n"}, "x ="));
  CHECK(!may_end({"^\n"}, "x = 1 +"));
  CHECK(may_end({"^ 1\n"}, "x ="));
  CHECK(may_end({"f(^\n  1)\n"}, "x ="));
  CHECK(may_end({"^\n"}, "from x import *"));
  CHECK(may_end({"^\ny = 1;\n", "javascript"}, "x ="));
}

TEST_CASE("constraint: a missing line closes or opens what the lines around it need") {
  const Gap closes("for (;;) {\n  a();\n^\nreturn 1;\n", "javascript", true);
  CHECK(!may_end(closes, "b();"));
  CHECK(may_end(closes, "}"));
  CHECK(may_end(closes, "b(); }"));
  CHECK(!may_follow(closes, "b();", '\n'));
  const Gap opens("a();\n^\n  b();\n}\n", "javascript", true);
  CHECK(!may_end(opens, "if (x)"));
  CHECK(may_end(opens, "if (x) {"));
  CHECK(may_end({"for (;;) {\n  a();\n^\nreturn 1;\n", "javascript"}, "b();"));  // more lines may follow
  CHECK(may_end({"for (;;) {\n  a(^\nreturn 1;\n", "javascript", true}, ");"));  // no line of its own
}

TEST_CASE("constraint: the bracket that a missing line has to close goes first") {
  const Gap closes("for (;;) {\n  a();\n^\nreturn 1;\n", "javascript", true);
  const Constraint constraint = closes.constraint();
  const auto preferred = [&](std::string_view written) {
    TokenSet allowed(model().config.vocab_size);
    for (TokenId token = 0; token < model().tokenizer->vocab_size(); ++token) allowed.insert(token);
    Preference preference;
    constraint.restrict(canvas_of(written), allowed, &preference);
    return preference;
  };
  CHECK(!preferred("").is_empty());
  CHECK(preferred("").tokens.contains(model().tokenizer->encode("}")[0]));
  CHECK(!preferred("").tokens.contains(model().tokenizer->encode("b")[0]));
  CHECK(preferred("b").is_empty());
}

TEST_CASE("constraint: what is banned does not come back behind the same tokens") {
  const Gap hole("x = ^\n");
  Constraint constraint = hole.constraint();
  const TokenId token = model().tokenizer->encode("a")[0];
  CHECK(allowed_behind(constraint, "1").contains(token));
  constraint.ban(canvas_of("1"), static_cast<int>(model().tokenizer->encode("1").size()), token);
  CHECK(!allowed_behind(constraint, "1").contains(token));
  CHECK(allowed_behind(constraint, "2").contains(token));
}

TEST_CASE("constraint: lines that declare what a gap misses go first, as loops only before deeper lines") {
  const auto begins = [&](std::string_view marked, std::string_view line) {
    const Gap hole(marked);
    const auto lexemes =
        std::make_shared<const LexemeTable>(*model().tokenizer, "python", model().config.vocab_size);
    HoleText text{hole.prefix, hole.suffix, "python", 0, false, {}};
    text.names.gap.missing = {"total"};
    const Constraint constraint(*model().tokenizer, lexemes, std::move(text), special::kEnd);
    Preference preference;
    TokenSet allowed = allowed_behind(constraint, "");
    constraint.restrict(canvas_of(""), allowed, &preference);
    return !preference.is_empty() && preference.tokens.contains(model().tokenizer->encode(line)[0]);
  };
  CHECK(begins("def f(xs):\n    ^\n    return total\n", "total = "));
  CHECK(!begins("def f(xs):\n    ^\n    return total\n", "for total in "));
  CHECK(begins("def f(xs):\n    ^\n        g(total)\n", "for total in "));
  CHECK(!begins("def f(xs):\n    g(^\n    total)\n", "total = "));  // no statement
}
