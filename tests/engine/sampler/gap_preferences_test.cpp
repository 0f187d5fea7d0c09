// What a gap asks for: lines that declare or return names, and values that nothing reads yet.
#include <doctest/doctest.h>

#include "engine/sampler/line_preference.h"
#include "engine/sampler/unread_preference.h"
#include "tests/support/tiny_model.h"

using namespace seedling;

namespace {

const Model& model() {
  static const std::shared_ptr<const Model> loaded = test::load_tiny_model();
  return *loaded;
}

const LexemeTable& lexemes(std::string_view language) {
  static const LexemeTable python(*model().tokenizer, "python", model().config.vocab_size);
  static const LexemeTable script(*model().tokenizer, "javascript", model().config.vocab_size);
  return language == "python" ? python : script;
}

bool holds(const Preference& preference, char next) {
  return !preference.is_empty() &&
         preference.tokens.contains(model().tokenizer->encode(std::string(1, next))[0]);
}

// Which bytes are preferred behind a line, `total` and `n` being missing.
std::string preferred(std::string_view line, std::string_view language = "python", bool may_open = true,
                      std::vector<std::string_view> sections = {"declaring"}) {
  const LinePreference lines(*model().tokenizer, lexemes(language), language, sections, {"total", "n"});
  Preference preference;
  if (!lines.prefer(line, may_open, 1, preference)) return {};
  std::string all;
  for (char c = ' '; c <= '~'; ++c)
    if (holds(preference, c)) all += c;
  return all;
}

}  // namespace

TEST_CASE("line preference: a line that declares what is missing") {
  CHECK(preferred("") == " nt");  // or a blank, the last one of the indentation
  CHECK(preferred("    ") == " nt");
  CHECK(preferred("    t") == "o");
  CHECK(preferred("    total") == ",");  // or " =", which is one token
  CHECK(preferred("    total ") == "=");
  CHECK(preferred("    total =").empty());
  CHECK(preferred("total, ") == "n");
  CHECK(preferred("for ") == "nt");
  CHECK(preferred("for n") == ",");
  CHECK(preferred("for n in").empty());
  CHECK(preferred("return ").empty());
  CHECK(preferred("x = ").empty());
}

TEST_CASE("line preference: no loop where a line may open no block") {
  CHECK(preferred("    ", "python", false) == " nt");
  CHECK(preferred("for ", "python", false).empty());
}

TEST_CASE("line preference: other languages and sections") {
  CHECK(preferred("const ", "javascript") == "[nt{");
  CHECK(preferred("  const [", "javascript") == "nt");
  CHECK(preferred("} catch (", "javascript") == "nt");
  CHECK(preferred("import ", "javascript").empty());
  CHECK(preferred("import ", "javascript", true, {"declaring", "importing"}) == "*nt{");
  CHECK(preferred("return ", "python", true, {"returning"}) == "nt");
  CHECK(preferred("ret", "python", true, {"ending"}) == "u");
  CHECK(preferred("", "c").empty());
  CHECK(preferred("n = ", "python", true, {"counting"}) == "0");
  CHECK(preferred("n = ", "python", true, {"collecting"}) == "[");
}

TEST_CASE("unread preference: where a value may stand") {
  const UnreadPreference unread(*model().tokenizer, lexemes("python"), {"xs", "ys"});
  const auto is_preferred = [&](std::string_view line, char next) {
    Preference preference;
    return unread.prefer(line, 2, preference) && holds(preference, next);
  };
  for (const char* line : {"return ", "for x in ", "y = ", "y = f(", "y = f(a, ", "if not ", "y = x + "}) {
    CAPTURE(line);
    CHECK(is_preferred(line, 'x'));
    CHECK(is_preferred(line, 'y'));
    CHECK(!is_preferred(line, 'z'));
  }
  for (const char* line : {"", "    ", "y", "y = x", "import ", "def ", "for "}) {
    CAPTURE(line);
    CHECK(!is_preferred(line, 'x'));
  }
  CHECK(!is_preferred("return xs, ", 'x'));  // it is read there
  CHECK(is_preferred("return xs, ", 'y'));
}
