// engine/structure/extractable.h
//
// Whether an expression may be lifted out of its statement. Internal to engine/structure (shows tree-sitter).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/structure/scopes.h"
#include "engine/structure/syntax.h"

namespace seedling {

struct Place {
  std::vector<TSNode> path;   // root first, the expression last
  std::size_t statement = 0;  // index in path: the statement before which a declaration can stand
  TSNode expression() const { return path.back(); }
  TSNode owner() const { return path[statement]; }
};

// `path` leads from the root to the expression. nullopt where lifting could change meaning or would not
// parse.
std::optional<Place> place_to_extract(std::vector<TSNode> path, const Roles& roles, const ScopeTable& scopes,
                                      std::string_view text);

// Whether a node in the subtree has the role.
bool any_has(TSNode top, const Roles& roles, Role role);

// Other expressions of the same statement with the same text and the same value as the one of `place`.
std::vector<ByteRange> equal_uses(const Place& place, const Roles& roles, const ScopeTable& scopes,
                                  std::string_view text);

// The declared type of the expression in C, as text that ends where the name begins; nullopt if it is not
// evident.
std::optional<std::string> evident_c_type(TSNode expression, std::string_view text);

}  // namespace seedling
