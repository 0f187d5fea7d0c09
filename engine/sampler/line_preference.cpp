#include "engine/sampler/line_preference.h"

#include <algorithm>

#include "engine/structure/lexical.h"
#include "grammars/words.h"

namespace seedling {
namespace {

constexpr char kName = '$', kBlank = '~';  // in the forms of words.txt

// A form with names in their places, in this order.
std::string beginning_of(std::string_view form, std::span<const std::string_view> names) {
  std::string line;
  for (const char c : form) {
    if (c == kName) {
      line += names.front();
      names = names.subspan(1);
    } else {
      line += c == kBlank ? ' ' : c;
    }
  }
  return line;
}

}  // namespace

LinePreference::LinePreference(const Tokenizer& tokenizer, const LexemeTable& lexemes,
                               std::string_view language, std::span<const std::string_view> sections,
                               const std::vector<std::string>& names)
    : tokenizer_(tokenizer), lexemes_(lexemes) {
  const Grammar* grammar = grammar_of(language);
  if (grammar == nullptr) return;
  const auto add = [&](std::string_view form, std::span<const std::string_view> in_order) {
    // Behind indentation the first token has the last blank of it.
    for (const char* blank : {"", " "}) {
      std::string text = blank + beginning_of(form, in_order);
      std::vector<TokenId> tokens = tokenizer_.encode(text);
      const bool opens_block = std::ranges::find(python_openers(), word_at(form)) != python_openers().end();
      beginnings_.push_back({std::move(text), std::move(tokens), opens_block});
    }
  };
  const auto add_form = [&](std::string_view form) {
    const auto places = std::ranges::count(form, kName);
    if (places == 0) add(form, {});
    for (const std::string& first : names) {
      for (const std::string& second : names) {
        const std::string_view in_order[] = {first, second};
        if (places > 0 && (places == 2) == (&first != &second))
          add(form, std::span(in_order).first(static_cast<std::size_t>(places)));
      }
    }
  };
  for (const std::string_view section : sections)
    for (const std::string_view form : words_of(*grammar, section)) add_form(form);
}

void LinePreference::add_towards(const Beginning& beginning, std::string_view begun, TokenSet& found) const {
  std::size_t spelt = 0;
  for (const TokenId token : beginning.tokens) {
    if (spelt == begun.size() && beginning.text.starts_with(begun)) {
      found.insert(token);
      return;
    }
    spelt += tokenizer_.bytes(token).size();
  }
  lexemes_.add_towards(beginning.text, begun, found);
}

bool LinePreference::prefer(std::string_view line, bool may_open, float lead, Preference& preference) const {
  const std::size_t indentation = std::min(line.find_first_not_of(" \t"), line.size());
  TokenSet towards(lexemes_.solid().vocab_size());
  for (const Beginning& beginning : beginnings_) {
    if (beginning.opens_block && !may_open) continue;
    const bool has_blank = beginning.text.starts_with(' ');
    if (has_blank && indentation < line.size() && (indentation == 0 || line[indentation - 1] != ' '))
      continue;
    const bool is_begun = indentation < line.size();
    add_towards(beginning, line.substr(is_begun && has_blank ? indentation - 1 : indentation), towards);
  }
  if (towards.empty()) return false;
  preference = {std::move(towards), lexemes_.solid(), lead};
  return true;
}

}  // namespace seedling
