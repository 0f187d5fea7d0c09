// tests/fuzz/structure_exercise.h
//
// Calls every function of engine/structure on arbitrary bytes; aborts if what one returns lies outside the
// text.
//   First byte: language. Next four: two offsets. The rest is the text; its second half serves as completion
//   too.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.h"
#include "engine/structure/extract_variable.h"
#include "engine/structure/layout.h"
#include "engine/structure/scope.h"
#include "engine/structure/statements.h"
#include "engine/structure/undeclared.h"
#include "engine/structure/verdict.h"
#include "grammars/registry.h"

namespace seedling::testing {

inline void exercise_verdict(const Snapshot& snapshot) {
  const Result<Verdict> verdict = judge(snapshot.text, snapshot.language);
  SEEDLING_ASSERT(verdict.ok() && verdict->error_bytes <= snapshot.text.size());
  SEEDLING_ASSERT(verdict->parses_no_worse_than(*verdict) && !verdict->parses_better_than(*verdict));
  const auto problems = syntax_problems(snapshot.text, snapshot.language);
  SEEDLING_ASSERT(problems.ok() && problems->empty() == verdict->is_clean());
  SEEDLING_ASSERT(undeclared_uses(snapshot).ok());
}

inline void exercise_extract_variable(const Snapshot& snapshot, ByteRange selection) {
  const auto plan = plan_extract_variable(snapshot, selection);
  SEEDLING_ASSERT(plan.ok());
  if (!plan->has_value()) return;
  const std::string& name = (*plan)->suggested_fallback_name;
  SEEDLING_ASSERT(is_name_free(**plan, snapshot, name));
  std::uint32_t edited_to = 0;
  for (const Edit& edit : apply_name(**plan, snapshot, name)) {
    SEEDLING_ASSERT(edited_to <= edit.range.begin.value && edit.range.begin <= edit.range.end);
    SEEDLING_ASSERT(edit.range.end.value <= snapshot.text.size());
    edited_to = edit.range.end.value;
  }
}

inline void exercise_structure(std::string_view bytes) {
  constexpr std::size_t kHeader = 5;
  if (bytes.size() < kHeader) return;
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  const Grammar& grammar = all_grammars()[byte(0) % all_grammars().size()];
  const Snapshot snapshot{"fuzz", std::string(grammar.id), 0, std::string(bytes.substr(kHeader))};
  const auto length = static_cast<std::uint32_t>(snapshot.text.size());
  // Offsets just past the end are part of the game.
  const ByteOffset a{(byte(1) | byte(2) << 8) % (length + 2)};
  const ByteOffset b{(byte(3) | byte(4) << 8) % (length + 2)};
  const ByteRange range{std::min(a, b), std::max(a, b)};

  exercise_verdict(snapshot);
  const Result<ByteRange> statement = enclosing_statement(snapshot, range);
  SEEDLING_ASSERT(statement.ok() && statement->begin <= statement->end && statement->end.value <= length);
  SEEDLING_ASSERT(names_visible_at(snapshot, range.begin).ok());
  exercise_extract_variable(snapshot, range);
  exercise_extract_variable(snapshot, {range.begin, range.begin});

  layout_at(snapshot, range.begin);
  const std::string_view completion = std::string_view(snapshot.text).substr(length / 2);
  const int max_lines = 1 + static_cast<int>(byte(1) % 8);
  SEEDLING_ASSERT(trim_completion(snapshot, range.begin, completion, max_lines) <= completion.size());
}

}  // namespace seedling::testing
