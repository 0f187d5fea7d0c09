#include "engine/cache/recent_completions.h"

#include <algorithm>
#include <iterator>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace seedling {
namespace {

std::uint64_t hash_of(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

std::string_view text_before(const CompleteRequest& request) {
  return std::string_view(request.snapshot->text).substr(0, request.cursor.value);
}

std::string_view text_behind(const CompleteRequest& request) {
  return std::string_view(request.snapshot->text).substr(request.cursor.value);
}

// Except for the candidates: typing on, one stays with those that are shown.
bool are_alike(const Limits& a, const Limits& b) {
  return a.max_tokens == b.max_tokens && a.max_lines == b.max_lines &&
         a.latency_budget_ms == b.latency_budget_ms;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What is left of an offer that takes the place of some brackets behind the cursor, when none of them was
// typed.
std::optional<std::string> rest_over_closers(std::string_view offer, std::string_view typed) {
  if (typed.size() >= offer.size() || !offer.starts_with(typed) || is_blank(offer.substr(typed.size())))
    return std::nullopt;
  return std::string(offer.substr(typed.size()));
}

// What is left of an offer between what was typed of it and what stands behind the cursor already.
std::optional<std::string> rest_of(std::string_view offer, std::string_view typed, std::string_view closed) {
  if (typed.size() + closed.size() > offer.size()) return std::nullopt;
  if (!offer.starts_with(typed) || !offer.ends_with(closed)) return std::nullopt;
  const std::string_view rest = offer.substr(typed.size(), offer.size() - typed.size() - closed.size());
  if (is_blank(rest)) return std::nullopt;
  return std::string(rest);
}

}  // namespace

std::size_t RecentCompletions::Offer::bytes() const {
  std::size_t sum = sizeof(Offer) + document.size() + language.size();
  for (const Completion& completion : completions) sum += sizeof(Completion) + completion.text.size();
  return sum;
}

std::optional<std::vector<Completion>> RecentCompletions::find(const CompleteRequest& request) {
  const std::string_view before = text_before(request), behind = text_behind(request);
  for (auto offer = offers_.begin(); offer != offers_.end(); ++offer) {
    if (offer->prefix_bytes > before.size() || offer->suffix_bytes > behind.size()) continue;
    if (!are_alike(offer->limits, request.limits)) continue;
    if (offer->mode != request.mode || offer->seed != request.seed) continue;
    if (offer->is_constrained != request.is_constrained) continue;
    if (offer->document != document_of(*request.snapshot) || offer->language != request.snapshot->language)
      continue;

    const std::string_view typed = before.substr(offer->prefix_bytes);
    const std::string_view closed = behind.substr(0, behind.size() - offer->suffix_bytes);
    const bool is_same_place = typed.empty() && closed.empty();
    if (is_same_place &&
        (offer->limits.candidates != request.limits.candidates ||
         offer->is_automatic != request.is_automatic || offer->least_confidence != request.least_confidence))
      continue;
    // What typing brought is shorter than what is asked for by hand.
    if (offer->is_automatic && !request.is_automatic) continue;
    if (offer->limits.candidates < request.limits.candidates) continue;
    std::vector<Completion> rests;
    for (const Completion& completion : offer->completions) {
      const std::uint32_t replaced = completion.replaces.size();
      if (replaced > 0 && !closed.empty()) continue;
      std::optional<std::string> rest =
          replaced > 0 ? rest_over_closers(completion.text, typed) : rest_of(completion.text, typed, closed);
      if (!rest || static_cast<int>(rests.size()) >= std::max(1, request.limits.candidates)) continue;
      const ByteOffset end{request.cursor.value + replaced};
      rests.push_back({{request.cursor, end}, std::move(*rest), completion.confidence, {}});
      rests.back().stats.reused_canvas = true;
    }
    if (rests.empty() && !is_same_place) continue;
    // The hashes come last: they read the whole text.
    if (hash_of(before.substr(0, offer->prefix_bytes)) != offer->prefix_hash) continue;
    if (hash_of(behind.substr(closed.size())) != offer->suffix_hash) continue;
    offers_.splice(offers_.begin(), offers_, offer);
    return rests;
  }
  return std::nullopt;
}

void RecentCompletions::remember(const CompleteRequest& request, const std::vector<Completion>& completions) {
  const std::string_view before = text_before(request), behind = text_behind(request);
  offers_.push_front({document_of(*request.snapshot), request.snapshot->language, request.limits,
                      request.mode, request.seed, request.is_constrained, request.is_automatic,
                      request.least_confidence, before.size(), behind.size(), hash_of(before),
                      hash_of(behind), completions});
  bytes_ += offers_.front().bytes();
  while (bytes_ > most_bytes_) {
    bytes_ -= offers_.back().bytes();
    offers_.pop_back();
  }
}

void RecentCompletions::forget(std::string_view document) {
  for (auto offer = offers_.begin(); offer != offers_.end();) {
    const bool is_gone = offer->document == document;
    if (is_gone) bytes_ -= offer->bytes();
    offer = is_gone ? offers_.erase(offer) : std::next(offer);
  }
}

}  // namespace seedling
