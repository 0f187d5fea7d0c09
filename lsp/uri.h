// lsp/uri.h
//
// Document URIs and the paths in them.
//   Pure and total: a bad escape stands for itself.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seedling {

// "file:///a/b%20c.py" -> "/a/b c.py"; of any other scheme, what follows the colon: "untitled:Untitled-1" ->
// "Untitled-1".
std::string path_of_uri(std::string_view uri);

// The path as the model sees it: relative to the innermost of `folders` that holds it, behind that folder's
// own name if there are several folders; as it is when none holds it.
std::string workspace_path(std::string_view path, std::span<const std::string> folders);

}  // namespace seedling
