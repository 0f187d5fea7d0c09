#include "lsp/uri.h"

#include <charconv>

namespace seedling {
namespace {

std::string unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2 && byte != 0) {
        plain.push_back(static_cast<char>(byte));
        i += 2;
        continue;
      }
    }
    plain.push_back(text[i]);
  }
  return plain;
}

bool holds(std::string_view folder, std::string_view path) {
  return path.size() > folder.size() && path.starts_with(folder) &&
         (folder.ends_with('/') || path[folder.size()] == '/');
}

}  // namespace

std::string path_of_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos) return unescaped(uri);
  std::string_view rest = uri.substr(colon + 1);
  if (rest.starts_with("//")) {
    const std::size_t path = rest.find('/', 2);
    rest = path == std::string_view::npos ? rest.substr(2) : rest.substr(path);
  }
  return unescaped(rest.substr(0, rest.find_first_of("?#")));
}

std::string workspace_path(std::string_view path, std::span<const std::string> folders) {
  std::string_view innermost;
  for (const std::string& folder : folders) {
    if (holds(folder, path) && folder.size() > innermost.size()) innermost = folder;
  }
  if (innermost.empty()) return std::string(path);
  while (innermost.ends_with('/')) innermost.remove_suffix(1);
  const std::string_view relative = path.substr(innermost.size() + 1);
  if (folders.size() < 2) return std::string(relative);
  const std::string_view name = innermost.substr(innermost.find_last_of('/') + 1);
  return std::string(name) + "/" + std::string(relative);
}

}  // namespace seedling
