#include "engine/train/corpus/parses.h"

#include "engine/structure/verdict.h"

namespace seedling {

bool parses(std::string_view text, std::string_view language) {
  const Result<Verdict> verdict = judge(text, language);
  return !verdict.ok() || std::size_t{verdict->error_bytes} * 100 <= text.size();
}

}  // namespace seedling
