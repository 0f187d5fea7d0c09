#include "engine/join.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/hole_check.h"
#include "engine/sampler/finish.h"
#include "engine/structure/lexical.h"
#include "engine/structure/lines.h"

namespace seedling {
namespace {

// Of each kind so many cuts that look likeliest are scored whole.
constexpr std::size_t kMostScored = 4;

// A rest of a line that is longer, in bytes, is code of its own.
constexpr std::size_t kMostBehind = 160;

// How often the right text is among those that were thought of, about: with it a calibrated model says of 400
// pieces of lines, out of packages that it had not seen, how often it is right to a tenth.
constexpr double kThoughtOf = 0.7, kLeastConfidence = 1e-6;

// So many words are tried, found so near to the hole, in bytes.
constexpr std::size_t kMostWords = 6, kNear = 16384;

bool is_on_character(std::string_view text, std::size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

std::size_t common_length(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// The nearest words around a hole that are longer and end so, those before it first.
std::vector<std::string_view> words_ending_with(std::string_view prefix, std::string_view suffix,
                                                std::string_view end) {
  std::vector<std::string_view> words;
  if (end.empty()) return words;
  const auto add = [&](std::string_view word) {
    const bool is_new = std::ranges::find(words, word) == words.end();
    if (word.size() > end.size() && word.ends_with(end) && is_new) words.push_back(word);
  };
  prefix = prefix.substr(prefix.size() - std::min(prefix.size(), kNear));
  suffix = suffix.substr(0, kNear);
  while (!prefix.empty() && words.size() < kMostWords) {
    const std::string_view word = last_word(prefix);
    add(word);
    prefix.remove_suffix(std::min(prefix.size(), word.size() + 1));
  }
  while (!suffix.empty() && words.size() < kMostWords) {
    const std::string_view word = word_at(suffix);
    add(word);
    suffix.remove_prefix(std::min(suffix.size(), word.size() + 1));
  }
  return words;
}

// A text that may lead into the rest of the line.
struct Cut {
  std::string text;
  double likelihood = 0;  // ln; until it is scored a guess that compares with those of its kind
  int tokens = 0;         // that spell the text, and <end>
  float confidence = 0;
  Fit fit = Fit::sound;
};

class Joiner {
 public:
  // `open`: the request without the rest of the line.
  Joiner(ModelSession& session, const FillRequest& open, std::string_view behind, std::string_view text,
         std::stop_token stop)
      : session_(session),
        open_(open),
        behind_(behind),
        text_(text),
        stop_(stop),
        words_(partial_words(*session.model->tokenizer, open.prefix, open.suffix)) {}

  // Adds what is likely of them, and says how many passes that took.
  Result<int> add_cuts(std::vector<Cut>& cuts) {
    std::vector<Cut> likely = TRY(likely_cuts());
    for (Cut& cut : likely) {
      const auto is_same = [&](const Cut& other) { return other.text == cut.text; };
      if (std::ranges::any_of(cuts, is_same)) continue;
      TRY(score(cut));
      cuts.push_back(std::move(cut));
    }
    return passes_;
  }

 private:
  // Where the rest of the line could begin: everywhere between two tokens, as likely as its first token is
  // there; inside of them where the text goes on as the rest does; and behind the beginning of a word that it
  // ends.
  Result<std::vector<Cut>> likely_cuts() {
    const Tokenizer& tokenizer = *session_.model->tokenizer;
    std::string whole = words_.left;
    whole += text_;
    const std::vector<TokenId> tokens = tokenizer.encode(whole);
    const std::vector<TokenId> next(tokens.size() + 1, tokenizer.encode(behind_).front());
    const std::vector<float> own = TRY(probabilities(tokens, tokens));
    const std::vector<float> cut_here = TRY(probabilities(tokens, next));

    std::vector<Cut> between, inside;
    const std::size_t left = words_.left.size();
    std::size_t spelt = 0;
    double before = 0;
    for (std::size_t i = 0; i <= tokens.size(); ++i) {
      if (spelt > left && is_on_character(text_, spelt - left))
        between.push_back({beginning(spelt - left), before + cut_here[i]});
      if (i == tokens.size()) break;
      const std::size_t size = tokenizer.bytes(tokens[i]).size();
      for (std::size_t at = spelt; at < spelt + size; ++at) {
        if (at <= left) continue;
        const std::size_t common = common_length(text_.substr(at - left), behind_);
        if (common > 0 && is_on_character(text_, at - left))
          inside.push_back({beginning(at - left), static_cast<double>(common)});
      }
      before += own[i];
      spelt += size;
    }
    std::vector<Cut> likely = best(std::move(inside));
    for (Cut& cut : best(std::move(between))) likely.push_back(std::move(cut));
    for (Cut& cut : best(TRY(with_words(tokens, own)))) likely.push_back(std::move(cut));
    return likely;
  }

  // Where a word of the text around the hole could begin that ends as the rest of the line begins.
  Result<std::vector<Cut>> with_words(std::span<const TokenId> tokens, std::span<const float> own) {
    const Tokenizer& tokenizer = *session_.model->tokenizer;
    const std::string_view end = word_at(behind_);
    std::vector<Cut> found;
    for (const std::string_view word : words_ending_with(open_.prefix, open_.suffix, end)) {
      const std::vector<TokenId> next(tokens.size() + 1, tokenizer.encode(word).front());
      const std::vector<float> here = TRY(probabilities(tokens, next));
      std::string spelt;
      double before = 0;
      for (std::size_t i = 0; i <= tokens.size(); ++i) {
        const bool is_between_words = last_word(spelt).empty();
        std::string text = spelt;
        text += word.substr(0, word.size() - end.size());
        if (is_between_words && text.size() > words_.left.size() && text.starts_with(words_.left))
          found.push_back({text.substr(words_.left.size()), before + here[i]});
        if (i == tokens.size()) break;
        before += own[i];
        spelt += tokenizer.bytes(tokens[i]);
      }
    }
    return found;
  }

  Result<std::vector<float>> probabilities(std::span<const TokenId> tokens, std::span<const TokenId> wanted) {
    ++passes_;
    return causal_log_probabilities(session_, open_, tokens, wanted, stop_);
  }

  std::string beginning(std::size_t size) const { return std::string(text_.substr(0, size)); }

  static std::vector<Cut> best(std::vector<Cut> cuts) {
    std::ranges::stable_sort(cuts, std::ranges::greater(), &Cut::likelihood);
    cuts.resize(std::min(cuts.size(), kMostScored));
    return cuts;
  }

  Status score(Cut& cut) {
    const Tokenizer& tokenizer = *session_.model->tokenizer;
    std::string text = cut.text;
    text += behind_;
    const std::vector<TokenId> wanted = tokens_of(session_, open_, text);
    const auto tokens = std::span(wanted).first(wanted.size() - 1);
    const std::vector<float> found = TRY(probabilities(tokens, wanted));
    cut.likelihood = std::accumulate(found.begin(), found.end(), 0.0);
    std::size_t spelt = 0;
    while (spelt < words_.left.size() + cut.text.size())
      spelt += tokenizer.bytes(tokens[static_cast<std::size_t>(cut.tokens++)]).size();
    ++cut.tokens;
    return Done{};
  }

  ModelSession& session_;
  const FillRequest& open_;
  std::string_view behind_, text_;
  std::stop_token stop_;
  const PartialWords words_;
  int passes_ = 0;
};

// The rest of the line is certain, so that what is believed is how likely a text is among those that lead
// there.
void share_belief(std::vector<Cut>& cuts) {
  if (cuts.empty()) return;
  const double most = std::ranges::max_element(cuts, {}, &Cut::likelihood)->likelihood;
  double sum = 0;
  for (const Cut& cut : cuts) sum += std::exp(cut.likelihood - most);
  for (Cut& cut : cuts) {
    const double share = kThoughtOf * std::exp(cut.likelihood - most) / sum;
    cut.confidence = static_cast<float>(std::max(kLeastConfidence, share));
  }
}

// Those that fit best, the likeliest first, at most `count`; none that makes the code around the hole worse.
// Of a language without a grammar nothing can be said.
Result<std::vector<Cut>> fitting(ModelSession& session, const FillRequest& request, std::vector<Cut> cuts,
                                 std::size_t count, std::stop_token stop) {
  std::ranges::stable_sort(cuts, std::ranges::greater(), &Cut::likelihood);
  std::string document(request.prefix);
  document += request.judged_suffix.value_or(request.suffix);
  const Result<DocumentTree*> tree =
      session.trees.at(request.cached_by(), request.path, request.language, document, stop);
  const bool is_judged = tree.ok() || tree.error().code != ErrorCode::unsupported;
  if (is_judged && !tree.ok()) return tree.error();
  std::optional<HoleCheck> check;
  if (is_judged) check.emplace(*tree.value(), request.prefix.size());
  std::vector<Cut> sound, others;
  for (Cut& cut : cuts) {
    if (sound.size() == count) break;
    if (check) cut.fit = TRY(check->judge(cut.text, stop)).fit;
    if (cut.fit == Fit::worse) continue;
    (cut.fit == Fit::sound ? sound : others).push_back(std::move(cut));
  }
  return sound.empty() && !others.empty() ? std::vector<Cut>(others.begin(), others.begin() + 1) : sound;
}

}  // namespace

std::string_view line_behind(std::string_view suffix) {
  const std::string_view line = without_blanks_behind(suffix.substr(0, suffix.find_first_of("\r\n")));
  if (line.size() > kMostBehind || std::ranges::none_of(line, is_identifier_byte)) return {};
  return line;
}

Result<std::vector<FilledText>> join(ModelSession& session, const FillRequest& request,
                                     std::span<const Variation> variations, std::stop_token stop,
                                     const StepObserver& observer) {
  const std::string_view behind = line_behind(request.suffix);
  if (!request.is_constrained || request.draft.has_value() || behind.empty())
    return std::vector<FilledText>();
  FillRequest open = request;
  open.suffix = request.suffix.substr(behind.size());
  open.kept_bytes = {};
  open.judged_suffix = {};
  const std::vector<FilledText> written = TRY(fill_several(session, open, variations, stop, observer));
  std::vector<Cut> cuts;
  int passes = 0;
  for (const FilledText& one : written) {
    if (one.text.empty() || !is_valid_utf8(one.text)) continue;
    Joiner joiner(session, open, behind, one.text, stop);
    passes += TRY(joiner.add_cuts(cuts));
  }
  share_belief(cuts);
  cuts = TRY(fitting(session, request, std::move(cuts), variations.size(), stop));
  std::vector<FilledText> joined;
  for (const Cut& cut : cuts) {
    FilledText& one = joined.emplace_back(written.front());
    one.stats.steps += passes;
    one.stats.tokens = cut.tokens;
    one.text = cut.text;
    one.fit = cut.fit;
    one.outcome = Outcome::ended;
    one.confidence = one.stats.mean_confidence = cut.confidence;
    one.stats.log_confidence = std::log(cut.confidence);
  }
  return joined;
}

Result<FilledText> fill_or_join(ModelSession& session, const FillRequest& request, std::stop_token stop,
                                const StepObserver& observer) {
  const Variation alone{request.temperature, 0};
  std::vector<FilledText> joined = TRY(join(session, request, std::span(&alone, 1), stop, observer));
  if (!joined.empty()) return std::move(joined.front());
  return fill(session, request, stop, observer);
}

}  // namespace seedling
