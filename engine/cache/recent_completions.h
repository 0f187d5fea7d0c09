// engine/cache/recent_completions.h
//
// RecentCompletions: what was offered lately, so that the model is not asked again for what is on the screen.
//   An offer stands as long as accepting it gives the very document that it gave when it was made: at the
//   same text and cursor, and where the text typed since is how the offer begins (an editor may have put the
//   offer's last bytes behind the cursor: a bracket that it closed by itself). Then its rest is the answer.
//   Any other edit, another place or other limits find nothing. Of texts only lengths and hashes are kept.
//   One thread. Memory: at most `most_bytes`; the longest unused offers go first.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/generator.h"

namespace seedling {

class RecentCompletions {
 public:
  explicit RecentCompletions(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // The newest offer that stands, as it reads at the request's cursor; an empty one where the same request
  // found nothing. REQUIRES: the cursor lies inside the text.
  std::optional<std::vector<Completion>> find(const CompleteRequest& request);
  void remember(const CompleteRequest& request, const std::vector<Completion>& completions);
  void forget(std::string_view document);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Offer {
    std::string document, language;
    Limits limits;
    Mode mode;
    std::uint64_t seed;
    bool is_constrained;
    bool is_automatic;
    std::optional<float> least_confidence;
    std::size_t prefix_bytes, suffix_bytes;  // of the text around the cursor
    std::uint64_t prefix_hash, suffix_hash;
    std::vector<Completion> completions;
    std::size_t bytes() const;
  };

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Offer> offers_;  // the last used first
};

}  // namespace seedling
