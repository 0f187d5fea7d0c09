#include "grammars/registry.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "grammars/queries.h"

extern "C" {
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_c();
const TSLanguage* tree_sitter_cpp();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_typescript();
const TSLanguage* tree_sitter_tsx();
}

namespace seedling {
namespace {

constexpr std::string_view kPython[] = {".py", ".pyi", ".pyw"};
constexpr std::string_view kC[] = {".c"};
constexpr std::string_view kCpp[] = {".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx",
                                     ".h++", ".h",  ".ipp", ".tpp", ".inl", ".cu", ".cuh"};
constexpr std::string_view kJavascript[] = {".js", ".mjs", ".cjs", ".jsx"};
constexpr std::string_view kTypescript[] = {".ts", ".mts", ".cts"};
constexpr std::string_view kTsx[] = {".tsx"};

constexpr Grammar kGrammars[] = {
    {"python", kPython, "#", tree_sitter_python, "python"},
    {"c", kC, "//", tree_sitter_c, "c"},
    {"cpp", kCpp, "//", tree_sitter_cpp, "cpp"},
    {"javascript", kJavascript, "//", tree_sitter_javascript, "javascript"},
    {"typescript", kTypescript, "//", tree_sitter_typescript, "typescript"},
    {"typescriptreact", kTsx, "//", tree_sitter_tsx, "typescript"},
};

struct Alias {
  std::string_view name;
  std::string_view id;
};
constexpr Alias kAliases[] = {{"javascriptreact", "javascript"}, {"cuda-cpp", "cpp"}, {"c++", "cpp"}};

}  // namespace

std::string_view Grammar::query(std::string_view name) const {
  return query_text(std::string(query_folder) + "/" + std::string(name) + ".scm");
}

std::span<const Grammar> all_grammars() {
  return kGrammars;
}

const Grammar* grammar_of(std::string_view language_id) {
  for (const Alias& alias : kAliases)
    if (alias.name == language_id) language_id = alias.id;
  for (const Grammar& grammar : kGrammars)
    if (grammar.id == language_id) return &grammar;
  return nullptr;
}

const Grammar* grammar_of_path(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  std::string extension(name.substr(dot));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Grammar& grammar : kGrammars)
    if (std::ranges::find(grammar.extensions, extension) != grammar.extensions.end()) return &grammar;
  return nullptr;
}

std::string_view language_of_path(std::string_view path) {
  const Grammar* grammar = grammar_of_path(path);
  return grammar == nullptr ? std::string_view() : grammar->id;
}

}  // namespace seedling
