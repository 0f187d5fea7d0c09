// engine/structure/exports.h
//
// Exports: what a text declares for the texts that bring it in: its outermost names, and the members of its
// types.
//   A value, made from a scope table; any thread. Errors: none.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/structure/scopes.h"

namespace seedling {

struct ExportedType {
  std::string name;
  std::vector<std::string> members;  // sorted, without repetitions
};

struct Exports {
  std::string module;               // the word an import names it by: of the file, or of its folder
  std::string file;                 // without its folder
  std::vector<std::string> names;   // sorted, without repetitions
  std::vector<ExportedType> types;  // sorted by name
  std::string outline;              // the lines that declare all that, as far as kMostOutline bytes go
};

inline constexpr std::size_t kMostOutline = 4096;

// neighbour: another open document, of the same language.
struct Neighbour {
  std::shared_ptr<const Exports> exports;
  bool is_beside = false;  // in the same folder
};

// `path`: of the text.
Exports exports_of(const ScopeTable& table, std::string_view text, std::string_view path);

// Whether a text names the module, as one that brings something in from it does.
bool mentions(std::string_view text, const Exports& exports);

// Where a word stands in a text as a whole one; npos where it does not.
std::size_t find_word(std::string_view text, std::string_view word);

// The folder of a path, empty for a mere file name.
std::string_view folder_of(std::string_view path);

}  // namespace seedling
