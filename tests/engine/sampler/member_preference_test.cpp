#include "engine/sampler/member_preference.h"

#include <doctest/doctest.h>

#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Model& model() {
  static const std::shared_ptr<const Model> loaded = test::load_tiny_model();
  return *loaded;
}

// What is preferred behind a line, the members of `self` being `count` and `size`.
Preference preferred(std::string_view line) {
  const LexemeTable lexemes(*model().tokenizer, "python", model().config.vocab_size);
  const MemberPreference members(lexemes, {{"known", {"size"}, true}, {"self", {"count", "size"}, false}});
  Preference preference;
  if (!members.prefer(line, 1, 3, preference)) preference.lead = 0;
  return preference;
}

bool is_preferred(std::string_view line, char next) {
  const Preference preference = preferred(line);
  return !preference.is_empty() &&
         preference.tokens.contains(model().tokenizer->encode(std::string(1, next))[0]);
}

}  // namespace

TEST_CASE("member preference: behind an object its members go first") {
  CHECK(is_preferred("x = self.", 'c'));
  CHECK(is_preferred("x = self.", 's'));
  CHECK(!is_preferred("x = self.", 'q'));
  CHECK(is_preferred("x = self->", 'c'));
  CHECK(is_preferred("x = self?.", 'c'));
  CHECK(is_preferred("x = self.co", 'u'));
  CHECK(!is_preferred("x = self.co", 'p'));
}

TEST_CASE("member preference: nothing is preferred where nothing is known") {
  for (const char* line : {"", "x = ", "other.", "a.self.", "self.count", "self.zz", "self.count."}) {
    CAPTURE(line);
    CHECK(preferred(line).is_empty());
  }
}

TEST_CASE("member preference: those of a class that is known go before others by more") {
  CHECK(preferred("x = self.").lead == 1);
  CHECK(preferred("x = known.").lead == 3);
  CHECK(preferred("x = known.si").lead == 3);
}

TEST_CASE("preference: takes the place of a rival that is not much more probable") {
  TokenSet tokens(4), rivals(4);
  tokens.insert(1);
  rivals.insert(2);
  const Preference preference{tokens, rivals, 1};
  const auto applied = [&](TokenId token, float confidence, float preferred_confidence) {
    RowAnswer answer;
    answer.token = token;
    answer.confidence = confidence;
    answer.preferred = 1;
    answer.preferred_confidence = preferred_confidence;
    preference.apply(answer);
    return answer;
  };
  CHECK(applied(2, 0.5f, 0.3f).token == 1);
  CHECK(applied(2, 0.5f, 0.3f).confidence == 0.3f);
  CHECK(applied(2, 0.5f, 0.1f).token == 2);  // e times as probable
  CHECK(applied(3, 0.5f, 0.3f).token == 3);  // no rival
  Preference none = preference;
  none.lead = 0;
  RowAnswer answer;
  answer.token = 2;
  answer.preferred = 1;
  none.apply(answer);
  CHECK(answer.token == 2);
  CHECK(none.words() == nullptr);
}
