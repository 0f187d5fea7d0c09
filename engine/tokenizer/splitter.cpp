#include "engine/tokenizer/splitter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <cstring>

namespace seedling {
namespace {

// A pattern from a stranger's file may backtrack without end; past this it has not matched.
constexpr std::uint32_t kMatchLimit = 100'000;
constexpr std::uint32_t kHeapLimitKib = 1024;
constexpr std::size_t kMaxPatternBytes = 16 * 1024;

// Length of the valid UTF-8 character at the start of `text`, 0 if there is none. REQUIRES: text not empty.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return continues(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (lead > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
  return 4;
}

std::size_t valid_prefix_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t word = 0;
    while (at + sizeof(word) <= text.size()) {
      std::memcpy(&word, text.data() + at, sizeof(word));
      if (word & 0x8080808080808080ull) break;
      at += sizeof(word);
    }
    if (at == text.size()) break;
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_letter_or_digit(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}
bool continues_character(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80;
}

// Places where every splitting pattern in use (ours, GPT-2, GPT-4, Qwen) cuts: a word against a newline.
bool surely_a_cut(std::string_view text, std::size_t at) {
  return (text[at] == '\n' && is_letter_or_digit(text[at - 1])) ||
         (text[at - 1] == '\n' && is_letter(text[at]));
}

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

}  // namespace

struct Splitter::Pattern {
  std::unique_ptr<pcre2_code, FreeCode> code;
};

// What one call needs; PCRE2's compiled code is shared, its match data is not.
struct Splitter::Scratch {
  std::unique_ptr<pcre2_match_data, FreeMatchData> data{pcre2_match_data_create(1, nullptr)};
  std::unique_ptr<pcre2_match_context, FreeMatchContext> context{pcre2_match_context_create(nullptr)};

  Scratch() {
    if (context == nullptr) return;
    pcre2_set_match_limit(context.get(), kMatchLimit);
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
  }
};

Splitter::Splitter() = default;
Splitter::Splitter(Splitter&&) noexcept = default;
Splitter& Splitter::operator=(Splitter&&) noexcept = default;
Splitter::~Splitter() = default;

Result<Splitter> Splitter::compile(std::span<const std::string> patterns) {
  Splitter splitter;
  for (const std::string& text : patterns) {
    if (text.size() > kMaxPatternBytes) return invalid_input("the splitting pattern is longer than 16 KiB");
    int problem = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &problem, &offset, nullptr);
    if (code == nullptr) {
      char message[160] = {};
      pcre2_get_error_message(problem, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof(message));
      return invalid_input("bad pattern at offset " + std::to_string(offset) + ": " + message);
    }
    auto pattern = std::make_unique<Pattern>();
    pattern->code.reset(code);
    // Where PCRE2 has no JIT for this machine the interpreter gives the same pieces, several times slower.
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    splitter.patterns_.push_back(std::move(pattern));
  }
  return splitter;
}

// Appends the ends of the pieces of `text`, which is valid UTF-8 and starts `base` bytes into the whole.
void Splitter::cut(std::size_t stage, std::string_view text, std::size_t base, Scratch& scratch,
                   std::vector<std::size_t>& ends) const {
  if (stage == patterns_.size()) {
    ends.push_back(base + text.size());
    return;
  }
  const auto emit = [&](std::size_t begin, std::size_t end) {
    if (stage + 1 == patterns_.size()) {
      ends.push_back(base + end);
    } else {
      cut(stage + 1, text.substr(begin, end - begin), base + begin, scratch, ends);
    }
  };
  const PCRE2_SIZE* const found = pcre2_get_ovector_pointer(scratch.data.get());
  std::size_t at = 0;
  while (at < text.size()) {
    const int outcome =
        pcre2_match(patterns_[stage]->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                    PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, scratch.data.get(), scratch.context.get());
    // No further match, a pattern that gave up, or a \K that moved the match backwards: the rest is one
    // piece.
    if (outcome < 0 || found[0] < at || found[1] <= found[0]) break;
    const std::size_t begin = found[0];
    const std::size_t end = found[1];
    if (begin > at) emit(at, begin);
    emit(begin, end);
    at = end;
  }
  if (at < text.size()) emit(at, text.size());
}

std::vector<std::size_t> Splitter::piece_ends(std::string_view text) const {
  std::vector<std::size_t> ends;
  ends.reserve(text.size() / 3 + 1);
  Scratch scratch;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t valid = valid_prefix_length(text.substr(at));
    if (valid > 0) cut(0, text.substr(at, valid), at, scratch, ends);
    at += valid;
    const std::size_t invalid_begin = at;
    while (at < text.size() && character_length(text.substr(at)) == 0) ++at;
    if (at > invalid_begin) ends.push_back(at);
  }
  return ends;
}

std::size_t Splitter::first_piece_length(std::string_view text) const {
  if (text.empty()) return 0;
  std::size_t end = std::min(text.size(), kWindowBytes);
  while (end < text.size() && end > 1 && continues_character(text[end])) --end;
  return piece_ends(text.substr(0, end)).front();
}

std::size_t Splitter::last_piece_length(std::string_view text) const {
  if (text.empty()) return 0;
  const std::size_t limit = text.size() > kWindowBytes ? text.size() - kWindowBytes : 0;
  std::size_t begin = text.size() - 1;
  while (begin > limit && !surely_a_cut(text, begin)) --begin;
  while (begin > 0 && begin + 1 < text.size() && continues_character(text[begin])) ++begin;
  const std::vector<std::size_t> ends = piece_ends(text.substr(begin));
  return ends.size() == 1 ? ends[0] : ends.back() - ends[ends.size() - 2];
}

}  // namespace seedling
