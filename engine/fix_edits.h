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
  ByteRange lines;          // whole ones, around all edits
  // The tool names the token at the place: it is what is wrong, even where the text parses.
  bool is_about_token = false;
};

SmallEdits small_edits(const Snapshot& snapshot, const Diagnostic& diagnostic);

}  // namespace seedling
