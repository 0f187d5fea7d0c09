#include "engine/structure/parser.h"

#include <string>

#include "engine/assert.h"

namespace seedling {
namespace {

const char* read_text(void* payload, std::uint32_t byte, TSPoint, std::uint32_t* bytes_read) {
  const std::string_view text = *static_cast<const std::string_view*>(payload);
  if (byte >= text.size()) {
    *bytes_read = 0;
    return "";
  }
  *bytes_read = static_cast<std::uint32_t>(text.size() - byte);
  return text.data() + byte;
}

bool is_stopped(TSParseState* state) {
  return static_cast<const std::stop_token*>(state->payload)->stop_requested();
}

}  // namespace

Parser::Parser(const Grammar& grammar) : parser_(ts_parser_new()), grammar_(&grammar) {
  const bool is_compatible = ts_parser_set_language(parser_.get(), grammar.language());
  SEEDLING_ASSERT(is_compatible);
}

Result<SyntaxTree> Parser::parse(std::string_view text, std::stop_token stop) {
  if (text.size() > kMaxTextBytes) return unsupported("the text is too large to be parsed");
  if (stop.stop_requested()) return stopped();
  const TSInput input = {&text, read_text, TSInputEncodingUTF8, nullptr};
  const TSParseOptions options = {&stop, is_stopped};
  TSTree* tree = ts_parser_parse_with_options(parser_.get(), nullptr, input, options);
  if (tree == nullptr) {
    // A stopped parse would go on with the next call, whatever its text.
    ts_parser_reset(parser_.get());
    return stopped();
  }
  return SyntaxTree(tree, *grammar_);
}

Result<SyntaxTree> parse(std::string_view text, std::string_view language, std::stop_token stop) {
  const Grammar* grammar = grammar_of(language);
  if (grammar == nullptr)
    return unsupported("language '" + std::string(language) +
                       "' is not parsed: use a language of grammars/registry.cpp");
  return Parser(*grammar).parse(text, stop);
}

}  // namespace seedling
