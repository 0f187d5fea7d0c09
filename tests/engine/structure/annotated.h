// tests/engine/structure/annotated.h
//
// Source text with marks, so that tests need not count columns: « and » around a range, ‸ at a cursor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/types.h"

namespace seedling::testing {

struct Annotated {
  Snapshot snapshot;
  ByteRange range;  // between « and », or empty at ‸
  std::string_view marked() const {
    return std::string_view(snapshot.text).substr(range.begin.value, range.size());
  }
};

inline Annotated annotated(std::string_view language, std::string_view source) {
  Annotated result;
  result.snapshot.language = language;
  std::string& text = result.snapshot.text;
  constexpr std::string_view kOpen = "«", kClose = "»", kCursor = "‸";
  while (!source.empty()) {
    const ByteOffset here{static_cast<std::uint32_t>(text.size())};
    const auto take = [&](std::string_view mark) {
      if (!source.starts_with(mark)) return false;
      source.remove_prefix(mark.size());
      return true;
    };
    if (take(kOpen)) {
      result.range.begin = here;
    } else if (take(kClose)) {
      result.range.end = here;
    } else if (take(kCursor)) {
      result.range = {here, here};
    } else {
      text += source.front();
      source.remove_prefix(1);
    }
  }
  return result;
}

// The text with marks around a range, to show what a function returned.
inline std::string with_marks(std::string_view text, ByteRange range) {
  std::string marked(text.substr(0, range.begin.value));
  marked.append("«").append(text.substr(range.begin.value, range.size())).append("»");
  return marked.append(text.substr(range.end.value));
}

inline std::string with_edits(std::string text, const std::vector<Edit>& edits) {
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
    text.replace(edit->range.begin.value, edit->range.size(), edit->text);
  return text;
}

}  // namespace seedling::testing
