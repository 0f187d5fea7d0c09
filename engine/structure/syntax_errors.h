// engine/structure/syntax_errors.h
//
// The syntax errors in a tree that are worth telling: without those that a macro brings about, which the
// parser takes for words. Internal to engine/structure (shows tree-sitter).
//   Only languages with a preprocessor have such (`preprocessor` in [lexical] of words.txt). A macro is a
//   word in capitals, or one that the text defines, that stands beside another word as no word of the
//   language could; an error is its doing where such a one stands in it or next to it, or where lines are
//   chosen by #if. Thread-free; one pass over the broken parts of the tree. Errors: none.
#pragma once

#include <functional>
#include <string_view>

#include "engine/structure/syntax.h"
#include "engine/structure/verdict.h"
#include "grammars/registry.h"

namespace seedling {

// Visits error nodes and missing ones in the order of the text. `visit` returns whether to go into the node.
void each_syntax_error(TSNode root, std::string_view text, const Grammar& grammar,
                       const std::function<bool(TSNode)>& visit);

// Of a tree and its text.
LocatedVerdict verdict_of(TSNode root, std::string_view text, const Grammar& grammar);

}  // namespace seedling
