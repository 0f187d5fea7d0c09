// engine/fix_edits.h
//
// Small edits at a diagnostic: one token inserted, deleted or replaced beside it, among them the names that
// stand near. A small model that would not think of the right text can still tell which of these is
// likeliest.
//   Pure; thread-free; offsets are clamped to the text. The number of edits is bounded, whatever the text.
//   Source: the noisy channel of spelling correction (Kernighan, Church, Gale 1990) with tokens for letters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/generator.h"
#include "engine/types.h"

namespace seedling {

struct SmallEdits {
  std::vector<Edit> edits;  // different ones
  ByteRange token;          // at the place, or behind it
  ByteOffset gap;           // where the token before it ends
  ByteRange lines;          // whole ones, around all edits
  // The tool names the token at the place: it is what is wrong, even where the text parses.
  bool is_about_token = false;
  std::string word;            // the token, if it is one
  bool is_undeclared = false;  // which nothing declares as far as can be seen
  bool stands_again = false;   // behind its place too
  bool follows_statement = false;
  std::string suggested;  // what the tool asks whether it was meant; may be empty

  // Whether an edit puts that in the token's place.
  bool is_suggested(const Edit& edit) const;

  // Whether an edit does something about what the tool names: it changes it, declares it, or stands directly
  // before it if it is a mark.
  bool is_due(const Edit& edit) const;
};

SmallEdits small_edits(const Snapshot& snapshot, const Diagnostic& diagnostic);

}  // namespace seedling
