// grammars/registry.h
//
// The languages Seedling parses: one table row each, with the parser, file extensions and our queries.
//   Rows are immutable and live for the whole program; any thread.
//   Errors: an unknown language or extension gives nullptr or an empty name; the caller decides what that
//   means. A language is one row here, one folder of queries and words beside this file and one package in
//   package.json.
#pragma once

#include <span>
#include <string_view>

struct TSLanguage;

namespace seedling {

struct Grammar {
  std::string_view id;          // LSP language id
  std::string_view extensions;  // with the dot, lower case, a blank between them: ".js .mjs"
  const TSLanguage* (*language)();
  std::string_view folder;  // grammars/<folder>/: *.scm and words.txt

  bool has_extension(std::string_view extension) const;

  // Text of grammars/<folder>/<name>.scm, empty if there is none.
  std::string_view query(std::string_view name) const;
};

// Every language, in the order of the table.
std::span<const Grammar> all_grammars();

// By LSP language id; aliases such as "javascriptreact" are known. nullptr if the language is not parsed.
const Grammar* grammar_of(std::string_view language_id);

// By the extension of the path's last part; ".h" is C++ (a superset for our purposes). nullptr if unknown.
const Grammar* grammar_of_path(std::string_view path);

// The LSP language id for a path, empty if unknown.
std::string_view language_of_path(std::string_view path);

}  // namespace seedling
