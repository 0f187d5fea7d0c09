// tests/fuzz/fuzz_structure.cpp
//
// Arbitrary bytes in any language: no function of engine/structure crashes, and what it returns lies inside
// the text.
//   First byte: language. Next four: two offsets. The rest is the text; its second half serves as completion
//   too.
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seedling;
  constexpr std::size_t kHeader = 5;
  constexpr std::size_t kMaxText = 4096;
  if (size < kHeader || size > kMaxText) return 0;
  const Grammar& grammar = all_grammars()[data[0] % all_grammars().size()];
  const std::uint32_t a = data[1] | (data[2] << 8);
  const std::uint32_t b = data[3] | (data[4] << 8);
  const std::string_view text(reinterpret_cast<const char*>(data) + kHeader, size - kHeader);
  const Snapshot snapshot{"fuzz", std::string(grammar.id), 0, std::string(text)};
  const auto length = static_cast<std::uint32_t>(text.size());
  const ByteRange range{ByteOffset{std::min(a, b) % (length + 2)}, ByteOffset{std::max(a, b) % (length + 2)}};
  const ByteRange ordered{std::min(range.begin, range.end), std::max(range.begin, range.end)};

  const Result<Verdict> verdict = judge(text, grammar.id);
  SEEDLING_ASSERT(verdict.ok() && verdict->error_bytes <= length);
  SEEDLING_ASSERT(verdict->parses_no_worse_than(*verdict) && !verdict->parses_better_than(*verdict));
  SEEDLING_ASSERT(syntax_problems(text, grammar.id).ok());
  SEEDLING_ASSERT(undeclared_uses(snapshot).ok());

  const Result<ByteRange> statement = enclosing_statement(snapshot, ordered);
  SEEDLING_ASSERT(statement.ok() && statement->begin <= statement->end && statement->end.value <= length);
  SEEDLING_ASSERT(names_visible_at(snapshot, ordered.begin).ok());

  for (const ByteRange selection : {ordered, ByteRange{ordered.begin, ordered.begin}}) {
    const auto plan = plan_extract_variable(snapshot, selection);
    SEEDLING_ASSERT(plan.ok());
    if (!plan->has_value()) continue;
    SEEDLING_ASSERT(is_name_free(**plan, snapshot, (*plan)->suggested_fallback_name));
    std::uint32_t edited_to = 0;
    for (const Edit& edit : apply_name(**plan, snapshot, (*plan)->suggested_fallback_name)) {
      SEEDLING_ASSERT(edited_to <= edit.range.begin.value && edit.range.end.value <= length);
      edited_to = edit.range.end.value;
    }
  }

  layout_at(snapshot, ordered.begin);
  const std::string_view completion = text.substr(length / 2);
  SEEDLING_ASSERT(trim_completion(snapshot, ordered.begin, completion, 1 + data[1] % 8) <= completion.size());
  return 0;
}
