#include "engine/candidate_check.h"

#include "engine/structure/undeclared.h"

namespace seedling {
namespace {

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string with_edit(std::string_view text, const Edit& edit) {
  std::string result(text.substr(0, edit.range.begin.value));
  result += edit.text;
  result += text.substr(edit.range.end.value);
  return result;
}

Result<bool> uses_declared_names(const Snapshot& snapshot, const Edit& edit, std::stop_token stop) {
  Snapshot after = snapshot;
  after.text = with_edit(snapshot.text, edit);
  const Result<std::vector<SyntaxProblem>> uses = undeclared_uses(after, stop);
  if (!uses.ok()) {
    if (uses.error().code == ErrorCode::unsupported) return true;
    return uses.error();
  }
  const std::uint32_t begin = edit.range.begin.value;
  const std::uint32_t end = begin + static_cast<std::uint32_t>(edit.text.size());
  for (const SyntaxProblem& use : uses.value()) {
    const std::uint32_t use_begin = use.range.begin.value, use_end = use.range.end.value;
    if (use_begin < end && begin < use_end) return false;
    // A word that the edit goes on with, or takes a piece from, was changed by it too.
    const bool touches = use_end == begin || use_begin == end;
    const char at_seam = edit.text.empty() ? 'a' : use_end == begin ? edit.text.front() : edit.text.back();
    if (touches && is_word_byte(at_seam)) return false;
  }
  return true;
}

Result<int> undeclared_count(const Snapshot& snapshot, std::stop_token stop) {
  const Result<std::vector<SyntaxProblem>> uses = undeclared_uses(snapshot, stop);
  if (uses.ok()) return static_cast<int>(uses.value().size());
  if (uses.error().code == ErrorCode::unsupported) return 0;
  return uses.error();
}

}  // namespace seedling
