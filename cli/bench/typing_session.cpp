#include "cli/bench/typing_session.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "cli/bench/sample.h"

namespace seedling::cli {
namespace {

constexpr std::string_view kFrom = "    def rows(self, limit):";
constexpr std::size_t kCharacters = 320;

// Milliseconds. A practised hand: 170 ms a key at the median, spread as log-normal times are.
struct Rhythm {
  double key_ms = 170, spread = 0.35;
  int line_ms = 900;     // looking up at the end of a line
  int word_ms = 120;     // between words
  int mistake_ms = 350;  // until it is seen
  int least_ms = 45, most_ms = 2500;
  int keys_per_mistake = 40;
};
constexpr Rhythm kRhythm;

// splitmix64: the same on every machine and library.
class Dice {
 public:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // About normal: twelve of them.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }

 private:
  std::uint64_t state_ = 20261125;
};

int wait_before(Dice& dice, char key, char before) {
  double ms = kRhythm.key_ms * std::exp(kRhythm.spread * dice.normal());
  if (before == '\n') ms += kRhythm.line_ms * dice.unit();
  if (before == ' ' && key != ' ') ms += kRhythm.word_ms * dice.unit();
  return std::clamp(static_cast<int>(ms), kRhythm.least_ms, kRhythm.most_ms);
}

char closing(char open) {
  return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : '\0';
}

}  // namespace

TypingSession typing_session() {
  const std::string_view text = sample_text();
  const std::size_t begin = text.find(kFrom);
  const std::string_view typed = text.substr(begin, kCharacters);
  TypingSession session{
      std::string(text.substr(0, begin)), std::string(text.substr(begin + typed.size())), {}};
  Dice dice;
  std::string open;  // brackets that closed by themselves and stand behind the cursor
  char last = '\n';
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const char key = typed[i];
    Keystroke stroke{wait_before(dice, key, last), 0, std::string(1, key), "", 0};
    // An editor indents by itself: the spaces after a line end come with it.
    while (key == '\n' && i + 1 < typed.size() && typed[i + 1] == ' ') stroke.typed += typed[++i];
    if (const char close = closing(key)) {
      stroke.closed = close;
      open.push_back(close);
    } else if (!open.empty() && key == open.back()) {
      stroke.skipped = 1;
      open.pop_back();
    }
    const bool is_letter = key >= 'a' && key <= 'z';
    if (is_letter && dice.next() % kRhythm.keys_per_mistake == 0) {
      const char wrong = key == 'z' ? 'a' : static_cast<char>(key + 1);
      session.keys.push_back({stroke.wait_ms, 0, std::string(1, wrong), "", 0});
      session.keys.push_back({kRhythm.mistake_ms, 1, "", "", 0});
    }
    session.keys.push_back(std::move(stroke));
    last = key;
  }
  return session;
}

}  // namespace seedling::cli
