#include "engine/structure/document_tree.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/assert.h"
#include "engine/structure/lexical.h"
#include "engine/structure/scope_parts.h"
#include "engine/structure/syntax_errors.h"
#include "engine/structure/undeclared.h"
#include "grammars/words.h"

namespace seedling {
namespace {

struct DeleteTree {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
struct DeleteParser {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
using TreePtr = std::unique_ptr<TSTree, DeleteTree>;
using ParserPtr = std::unique_ptr<TSParser, DeleteParser>;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// A text as the parser reads it, with an edit that nobody has copied it for.
struct Pieces {
  std::string_view before, between, after;
};

const char* read_pieces(void* payload, std::uint32_t byte, TSPoint, std::uint32_t* bytes_read) {
  const Pieces& pieces = *static_cast<const Pieces*>(payload);
  std::size_t at = byte;
  for (const std::string_view piece : {pieces.before, pieces.between, pieces.after}) {
    if (at < piece.size()) {
      *bytes_read = static_cast<std::uint32_t>(piece.size() - at);
      return piece.data() + at;
    }
    at -= piece.size();
  }
  *bytes_read = 0;
  return "";
}

bool is_stopped(TSParseState* state) {
  return static_cast<const std::stop_token*>(state->payload)->stop_requested();
}

// A position moved on by a text; columns are bytes.
TSPoint moved(TSPoint point, std::string_view text) {
  const std::size_t newline = text.rfind('\n');
  if (newline == std::string_view::npos)
    return {point.row, point.column + static_cast<std::uint32_t>(text.size())};
  const auto rows = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  return {point.row + rows, static_cast<std::uint32_t>(text.size() - newline - 1)};
}

TSInputEdit input_edit(std::string_view text, const Edit& edit) {
  TSInputEdit input;
  input.start_byte = edit.range.begin.value;
  input.old_end_byte = edit.range.end.value;
  input.new_end_byte = input.start_byte + static_cast<std::uint32_t>(edit.text.size());
  input.start_point = moved({0, 0}, text.substr(0, input.start_byte));
  input.old_end_point = moved(input.start_point, text.substr(input.start_byte, edit.range.size()));
  input.new_end_point = moved(input.start_point, edit.text);
  return input;
}

Pieces pieces_of(std::string_view text, const Edit& edit) {
  return {text.substr(0, edit.range.begin.value), edit.text, text.substr(edit.range.end.value)};
}

}  // namespace

std::optional<Edit> difference(std::string_view before, std::string_view text) {
  const std::size_t shorter = std::min(before.size(), text.size());
  const auto first =
      std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(shorter), text.begin());
  std::size_t begin = static_cast<std::size_t>(first.first - before.begin());
  if (begin == shorter && before.size() == text.size()) return std::nullopt;
  std::size_t same = 0;
  while (same < shorter - begin && before[before.size() - 1 - same] == text[text.size() - 1 - same]) ++same;
  const auto cuts = [](std::string_view whole, std::size_t at) {
    return at < whole.size() && is_continuation(whole[at]);
  };
  while (begin > 0 && (cuts(before, begin) || cuts(text, begin))) --begin;
  while (same > 0 && cuts(text, text.size() - same)) --same;
  const std::size_t old_end = before.size() - same, new_end = text.size() - same;
  return Edit{
      {ByteOffset{static_cast<std::uint32_t>(begin)}, ByteOffset{static_cast<std::uint32_t>(old_end)}},
      std::string(text.substr(begin, new_end - begin))};
}

struct DocumentTree::Impl {
  const Grammar* grammar;
  ParserPtr parser;
  TreePtr tree;
  std::string text;
  ScopeParts scopes;
  bool follows_scopes = false;
  bool is_settled = false;   // what the tree is does not depend on the edits that led to it
  bool is_included = false;  // by other files: nothing closes the text

  // With `old`, what it shares with the new tree is taken over.
  Result<TreePtr> parse(const Pieces& pieces, const TSTree* old, std::stop_token stop) {
    Pieces payload = pieces;
    const TSInput input = {&payload, read_pieces, TSInputEncodingUTF8, nullptr};
    const TSParseOptions options = {&stop, is_stopped};
    if (stop.stop_requested()) return stopped();
    TreePtr parsed(ts_parser_parse_with_options(parser.get(), old, input, options));
    if (parsed == nullptr) {
      ts_parser_reset(parser.get());
      return stopped();
    }
    return parsed;
  }

  Result<TreePtr> parse_edited(const Edit& edit, std::stop_token stop) {
    TreePtr old(ts_tree_copy(tree.get()));
    const TSInputEdit input = input_edit(text, edit);
    ts_tree_edit(old.get(), &input);
    return parse(pieces_of(text, edit), old.get(), stop);
  }

  Status settle(std::stop_token stop) {
    if (!is_settled && ts_node_has_error(root())) replace(TRY(parse({text, {}, {}}, nullptr, stop)));
    is_settled = true;
    return Done{};
  }

  // The tree before lives until the scopes have followed.
  void replace(TreePtr next) {
    std::swap(tree, next);
    if (follows_scopes) scopes.update(root(), *grammar, text);
  }

  TSNode root() const { return ts_tree_root_node(tree.get()); }
};

DocumentTree::DocumentTree(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DocumentTree::DocumentTree(DocumentTree&&) noexcept = default;
DocumentTree& DocumentTree::operator=(DocumentTree&&) noexcept = default;
DocumentTree::~DocumentTree() = default;

Result<DocumentTree> DocumentTree::open(std::string_view text, std::string_view language,
                                        std::string_view path, std::stop_token stop) {
  const Grammar* grammar = grammar_of(language);
  if (grammar == nullptr)
    return unsupported("language '" + std::string(language) +
                       "' is not parsed: use a language of grammars/registry.cpp");
  if (text.size() > kMaxTextBytes) return unsupported("the text is too large to be parsed");
  auto impl = std::make_unique<Impl>();
  impl->grammar = grammar;
  impl->parser.reset(ts_parser_new());
  const bool is_compatible = ts_parser_set_language(impl->parser.get(), grammar->language());
  SEEDLING_ASSERT(is_compatible);
  impl->text = text;
  impl->is_included = is_included(path, *grammar);
  impl->tree = TRY(impl->parse({impl->text, {}, {}}, nullptr, stop));
  impl->is_settled = true;
  return DocumentTree(std::move(impl));
}

Status DocumentTree::update(std::string_view text, std::stop_token stop) {
  if (text.size() > kMaxTextBytes) return unsupported("the text is too large to be parsed");
  const std::optional<Edit> edit = difference(impl_->text, text);
  if (!edit) return Done{};
  TreePtr next = TRY(impl_->parse_edited(*edit, stop));
  impl_->text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  impl_->is_settled = false;
  impl_->replace(std::move(next));
  return Done{};
}

const std::string& DocumentTree::text() const {
  return impl_->text;
}

std::string_view DocumentTree::language() const {
  return impl_->grammar->id;
}

std::size_t DocumentTree::calm_before(ByteOffset offset) const {
  const TSNode root = impl_->root();
  if (ts_node_has_error(root)) return 0;
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  std::size_t calm = 0;
  const auto starts_line = [&] {
    return ts_node_start_point(ts_tree_cursor_current_node(&cursor)).column == 0;
  };
  // The first child that ends behind the offset, or the last one there is.
  bool is_found = ts_tree_cursor_goto_first_child_for_byte(&cursor, offset.value) >= 0 ||
                  ts_tree_cursor_goto_last_child(&cursor);
  while (is_found) {
    const std::uint32_t begin = ts_node_start_byte(ts_tree_cursor_current_node(&cursor));
    if (begin <= offset.value && starts_line()) {
      calm = begin;
      break;
    }
    is_found = ts_tree_cursor_goto_previous_sibling(&cursor);
  }
  ts_tree_cursor_delete(&cursor);
  return calm;
}

Result<LocatedVerdict> DocumentTree::judge(std::stop_token stop) {
  TRY(impl_->settle(stop));
  return verdict_of(impl_->root(), impl_->text, *impl_->grammar);
}

Result<LocatedVerdict> DocumentTree::judge_with(const Edit& edit, std::stop_token stop) {
  SEEDLING_ASSERT(edit.range.begin <= edit.range.end && edit.range.end.value <= impl_->text.size());
  TRY(impl_->settle(stop));
  const TreePtr edited = TRY(impl_->parse_edited(edit, stop));
  std::string text = impl_->text;
  text.replace(edit.range.begin.value, edit.range.size(), edit.text);
  return verdict_of(ts_tree_root_node(edited.get()), text, *impl_->grammar);
}

Result<const ScopeTable*> DocumentTree::scopes(std::stop_token stop) {
  TRY(impl_->settle(stop));
  if (!impl_->follows_scopes) impl_->scopes.update(impl_->root(), *impl_->grammar, impl_->text);
  impl_->follows_scopes = true;
  return &impl_->scopes.table();
}

Result<std::optional<ByteRange>> DocumentTree::undeclared_with(const Edit& edit, std::stop_token stop) {
  if (impl_->is_included) return std::optional<ByteRange>();
  TRY(scopes(stop));
  const TreePtr edited = TRY(impl_->parse_edited(edit, stop));
  std::string text = impl_->text;
  text.replace(edit.range.begin.value, edit.range.size(), edit.text);
  ScopeParts scopes = impl_->scopes;
  scopes.update(ts_tree_root_node(edited.get()), *impl_->grammar, text);
  const std::uint32_t begin = edit.range.begin.value;
  const std::uint32_t end = begin + static_cast<std::uint32_t>(edit.text.size());
  for (const Reference& use : undeclared_references(scopes.table())) {
    const std::uint32_t use_begin = use.name.begin.value, use_end = use.name.end.value;
    if (use_begin < end && begin < use_end) return std::optional(use.name);
    const bool touches = use_end == begin || use_begin == end;
    const char at_seam = edit.text.empty() ? 'a' : use_end == begin ? edit.text.front() : edit.text.back();
    if (touches && is_identifier_byte(at_seam)) return std::optional(use.name);
  }
  return std::optional<ByteRange>();
}

// A word in the hole: without one the text is often broken there, and a broken scope says nothing.
Result<HoleNames> DocumentTree::names_around(ByteOffset at, std::stop_token stop,
                                             std::span<const Neighbour> around) {
  constexpr std::string_view kWord = "x";
  GapNames gap = gap_names(*TRY(scopes(stop)), impl_->text, at);
  const TreePtr edited = TRY(impl_->parse_edited({{at, at}, std::string(kWord)}, stop));
  std::string text = impl_->text;
  text.insert(at.value, kWord);
  ScopeParts parts = impl_->scopes;
  parts.update(ts_tree_root_node(edited.get()), *impl_->grammar, text);
  HoleNames names = hole_names(parts.table(), text, at, around);
  if (impl_->is_included) names.are_all = false;
  names.gap = std::move(gap);
  return names;
}

Result<std::string> DocumentTree::expression(std::stop_token stop) {
  TRY(impl_->settle(stop));
  char* const text = ts_node_string(impl_->root());
  std::string expression(text);
  std::free(text);
  return expression;
}

}  // namespace seedling
