#include "grammars/registry.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "grammars/queries.h"

// One row a language: the parser of its package, LSP language id, our folder, extensions (lower case).
#define SEEDLING_LANGUAGES(ROW)                                                                          \
  ROW(tree_sitter_python, "python", "python", ".py .pyi .pyw")                                           \
  ROW(tree_sitter_c, "c", "c", ".c")                                                                     \
  ROW(tree_sitter_cpp, "cpp", "cpp", ".cpp .cc .cxx .c++ .hpp .hh .hxx .h++ .h .ipp .tpp .inl .cu .cuh") \
  ROW(tree_sitter_javascript, "javascript", "javascript", ".js .mjs .cjs .jsx")                          \
  ROW(tree_sitter_typescript, "typescript", "typescript", ".ts .mts .cts")                               \
  ROW(tree_sitter_tsx, "typescriptreact", "typescript", ".tsx")                                          \
  ROW(tree_sitter_go, "go", "go", ".go")                                                                 \
  ROW(tree_sitter_rust, "rust", "rust", ".rs")                                                           \
  ROW(tree_sitter_java, "java", "java", ".java")

#define DECLARE_PARSER(parser, ...) extern "C" const TSLanguage* parser();
SEEDLING_LANGUAGES(DECLARE_PARSER)
#undef DECLARE_PARSER

namespace seedling {
namespace {

#define GRAMMAR_ROW(parser, id, folder, extensions) {id, extensions, parser, folder},
constexpr Grammar kGrammars[] = {SEEDLING_LANGUAGES(GRAMMAR_ROW)};
#undef GRAMMAR_ROW

struct Alias {
  std::string_view name;
  std::string_view id;
};
constexpr Alias kAliases[] = {{"javascriptreact", "javascript"}, {"cuda-cpp", "cpp"}, {"c++", "cpp"}};

}  // namespace

std::string_view Grammar::query(std::string_view name) const {
  return query_text(std::string(folder) + "/" + std::string(name) + ".scm");
}

bool Grammar::has_extension(std::string_view extension) const {
  for (std::size_t at = extensions.find(extension); at != std::string_view::npos;
       at = extensions.find(extension, at + 1)) {
    const std::size_t end = at + extension.size();
    if (end == extensions.size() || extensions[end] == ' ') return true;
  }
  return false;
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
    if (grammar.has_extension(extension)) return &grammar;
  return nullptr;
}

std::string_view language_of_path(std::string_view path) {
  const Grammar* grammar = grammar_of_path(path);
  return grammar == nullptr ? std::string_view() : grammar->id;
}

}  // namespace seedling
