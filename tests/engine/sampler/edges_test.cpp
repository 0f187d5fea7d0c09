#include "engine/sampler/edges.h"

#include <doctest/doctest.h>

#include "engine/tokenizer/special_tokens.h"
#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Model& model() {
  static const std::shared_ptr<const Model> loaded = test::load_tiny_model();
  return *loaded;
}

TokenId token(std::string_view bytes) {
  for (TokenId id = 0; id < model().tokenizer->vocab_size(); ++id) {
    if (model().tokenizer->bytes(id) == bytes) return id;
  }
  FAIL("no token spells ", std::string(bytes));
  return -1;
}

Edges edges(std::string left, std::string right) {
  return Edges(*model().tokenizer, {std::move(left), std::move(right)}, special::kEnd,
               model().config.vocab_size);
}

constexpr const char* kMasked = "?";
constexpr const char* kEndMark = "$";

// "?" is a mask, "$" is <end>, anything else the token with these bytes.
Canvas canvas(std::vector<std::string> places) {
  Canvas result{.mask = special::kMask, .end = special::kEnd};
  open_block(result, static_cast<int>(places.size()));
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] == kMasked) continue;
    commit(result, static_cast<int>(i), places[i] == kEndMark ? special::kEnd : token(places[i]), 1);
  }
  return result;
}

bool permits(Edges& rules, const Canvas& on, int position, std::string_view bytes) {
  return rules.permits(on, position, bytes == kEndMark ? special::kEnd : token(bytes));
}

}  // namespace

TEST_CASE("edges: without partial words every ordinary token and <end> may stand, and nothing special") {
  Edges rules = edges("", "");
  const Canvas on = canvas({"?", "?"});
  const TokenSet& allowed = rules.allowed(on, 1);
  CHECK(allowed.contains(token("return")));
  CHECK(allowed.contains(special::kEnd));
  for (const TokenId id : {special::kMask, special::kPad, special::kSuffix, special::kDelete, TokenId{31}}) {
    CHECK(!allowed.contains(id));
    CHECK(!rules.permits(on, 1, id));
  }
  CHECK(rules.urgent_position(on) == -1);
}

TEST_CASE("edges: what is kept apart from others does not spell them in another way") {
  Edges rules = edges("", "");
  const std::vector<TokenId> others = {token("return"), token("name")};
  rules.keep_apart(canvas({"?", "?"}), 0, others);
  CHECK(!permits(rules, canvas({"?", "?"}), 0, "return"));
  CHECK(!rules.allowed(canvas({"?", "?"}), 0).contains(token("name")));
  CHECK(permits(rules, canvas({"?", "?"}), 0, "re"));
  CHECK(permits(rules, canvas({"?", "?"}), 1, "return"));
  CHECK(!permits(rules, canvas({"re", "tu", "?"}), 2, "rn"));
  CHECK(permits(rules, canvas({"re", "tu", "?"}), 2, "r"));
  CHECK(permits(rules, canvas({"self", "?"}), 1, "return"));

  // Behind other tokens than those nothing is kept apart.
  rules.keep_apart(canvas({"self", "?"}), 1, others);
  CHECK(permits(rules, canvas({"?", "?"}), 0, "return"));
  CHECK(permits(rules, canvas({"re", "?"}), 1, "return"));
  CHECK(!permits(rules, canvas({"self", "?"}), 1, "return"));
}

TEST_CASE("edges: the left piece is spelt by the leftmost position, in one token or in several") {
  Edges rules = edges("ret", "");
  struct Row {
    std::vector<std::string> places;
    int position;
    const char* token;
    bool expected;
  };
  for (const Row& row : {
           Row{{"?", "?", "?"}, 0, "return", true},  // spells it and goes on
           Row{{"?", "?", "?"}, 0, "re", true},      // spells a part of it
           Row{{"?", "?", "?"}, 0, "r", true},
           Row{{"?", "?", "?"}, 0, "rn", false},
           Row{{"?", "?", "?"}, 0, "$", false},  // the piece is not spelt yet
           Row{{"?", "?", "?"}, 1, "a", false},  // not before position 0
           Row{{"re", "?", "?"}, 1, "tu", true},
           Row{{"re", "?", "?"}, 1, "t", true},
           Row{{"re", "?", "?"}, 1, "a", false},
           Row{{"re", "?", "?"}, 2, "a", false},
           Row{{"re", "t", "?"}, 2, "a", true},  // complete: anything goes
           Row{{"return", "?", "?"}, 2, "a", true},
           Row{{"return", "?", "?"}, 1, "$", true},
       }) {
    CAPTURE(row.places[0]);
    CAPTURE(row.position);
    CAPTURE(row.token);
    CHECK(permits(rules, canvas(row.places), row.position, row.token) == row.expected);
  }
  CHECK(rules.urgent_position(canvas({"?", "?"})) == 0);
  CHECK(rules.urgent_position(canvas({"re", "?"})) == 1);
  CHECK(rules.urgent_position(canvas({"return", "?"})) == -1);
  CHECK(rules.left_rest(canvas({"re", "?"})) == "t");
}

TEST_CASE("edges: a piece may be bytes of a character") {
  Edges rules = edges("\xC3\xA9", "");
  CHECK(permits(rules, canvas({"?", "?"}), 0, "\xC3"));
  CHECK(!permits(rules, canvas({"?", "?"}), 0, "\xA9"));
  CHECK(permits(rules, canvas({"\xC3", "?"}), 1, "\xA9"));
  CHECK(!permits(rules, canvas({"\xC3", "?"}), 1, "a"));
}

TEST_CASE("edges: what is allowed at the left edge is what is permitted there") {
  Edges rules = edges("ret", "");
  const Canvas on = canvas({"?", "?"});
  for (TokenId id = 0; id < model().config.vocab_size; ++id) {
    CAPTURE(id);
    CHECK(rules.allowed(on, 0).contains(id) == rules.permits(on, 0, id));
  }
}

TEST_CASE("edges: <end> stands only where the text can end with the right piece") {
  Edges rules = edges("", "self");
  struct Row {
    std::vector<std::string> places;
    int position;
    bool expected;
  };
  for (const Row& row : {
           Row{{"?", "?", "?"}, 0, false},  // an empty text does not end with it
           Row{{"?", "?", "?"}, 1, true},   // the masked one may spell it
           Row{{"?", "self", "?"}, 2, true},
           Row{{"self", "?", "?"}, 1, true},
           Row{{"?", "lf", "?"}, 2, true},
           Row{{"se", "lf", "?"}, 2, true},
           Row{{"?", "a", "?"}, 2, false},
           Row{{"lf", "?", "?"}, 1, false},  // nothing stands before it that could add "se"
           Row{{"name", "?", "?"}, 1, false},
       }) {
    CAPTURE(row.places[0]);
    CAPTURE(row.places[1]);
    CAPTURE(row.position);
    const Canvas on = canvas(row.places);
    CHECK(permits(rules, on, row.position, "$") == row.expected);
    CHECK(rules.allowed(on, row.position).contains(special::kEnd) == row.expected);
  }
}

TEST_CASE("edges: once <end> stands the right piece is spelt backwards from it") {
  Edges rules = edges("", "self");
  struct Row {
    std::vector<std::string> places;
    int position;
    const char* token;
    bool expected;
  };
  for (const Row& row : {
           Row{{"?", "?", "?", "$"}, 2, "self", true},
           Row{{"?", "?", "?", "$"}, 2, "lf", true},
           Row{{"?", "?", "?", "$"}, 2, "se", false},
           Row{{"?", "?", "?", "$"}, 2, "$", true},   // the hole may be shorter still
           Row{{"?", "?", "?", "$"}, 1, "a", false},  // one byte would have to spell four
           Row{{"?", "?", "lf", "$"}, 1, "se", true},
           Row{{"?", "?", "lf", "$"}, 1, "e", true},
           Row{{"?", "?", "lf", "$"}, 1, "a", false},
           Row{{"?", "lf", "$"}, 0, "se", true},
           Row{{"?", "lf", "$"}, 0, "e", false},  // nothing is left to spell the s
           Row{{"a", "?", "lf", "$"}, 1, "se", true},
           Row{{"s", "?", "lf", "$"}, 1, "e", true},  // together with what stands before
           Row{{"a", "?", "lf", "$"}, 1, "e", false},
           Row{{"?", "self", "$"}, 0, "a", true},              // complete: anything goes
           Row{{"?", "?", "?", "?", "?", "$"}, 0, "a", true},  // four places are left for four bytes
           Row{{"?", "?", "?", "?", "?", "$"}, 1, "a", false},
       }) {
    CAPTURE(row.places.size());
    CAPTURE(row.position);
    CAPTURE(row.token);
    CHECK(permits(rules, canvas(row.places), row.position, row.token) == row.expected);
  }
  CHECK(rules.urgent_position(canvas({"?", "?", "$"})) == 1);
  CHECK(rules.urgent_position(canvas({"?", "lf", "$"})) == 0);
  CHECK(rules.urgent_position(canvas({"?", "self", "$"})) == -1);
  CHECK(rules.urgent_position(canvas({"?", "?"})) == -1);
}

TEST_CASE("edges: one position may have to serve both pieces") {
  Edges rules = edges("se", "lf");
  const Canvas on = canvas({"?", "$"});
  CHECK(permits(rules, on, 0, "self"));
  CHECK(!permits(rules, on, 0, "se"));
  CHECK(!permits(rules, on, 0, "lf"));
  CHECK(rules.allowed(on, 0).contains(token("self")));
}

TEST_CASE("edges: a right piece that is given up asks for nothing") {
  Edges rules = edges("", "self");
  rules.give_up_right();
  CHECK(permits(rules, canvas({"?", "?"}), 0, "$"));
  CHECK(rules.urgent_position(canvas({"?", "?", "$"})) == -1);
}
