#include "cli/steps_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "cli/characters.h"

namespace seedling::cli {
namespace {

constexpr int kLinesAround = 3;

// 256-colour codes from unsure to sure.
constexpr std::array kColors = {196, 202, 208, 214, 220, 226, 190, 154, 118, 46};

constexpr std::string_view kReset = "\033[0m";
constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kInserted = "\033[1;32m";
constexpr std::string_view kMaskedCell = "░";
constexpr std::string_view kUnknown = "\uFFFD";

// One line, printable: what would move the cursor is shown as a symbol.
std::string printable(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = character_length(bytes, at);
    const unsigned char byte = bytes[at];
    if (byte == '\n')
      text += "⏎";
    else if (byte == '\t')
      text += "→   ";
    else if (length == 0 || byte < 0x20 || byte == 0x7F)
      text += kUnknown;
    else
      text += bytes.substr(at, length);
    at += std::max<std::size_t>(1, length);
  }
  return text;
}

// Bytes at the end that begin a character whose rest the next token may bring.
std::size_t unfinished_length(std::string_view bytes) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
    const unsigned char byte = bytes[bytes.size() - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xC0) return character_length(bytes, bytes.size() - back) == 0 ? back : 0;
  }
  return 0;
}

}  // namespace

std::string StepsView::styled(std::string_view text, float confidence, bool is_new) const {
  if (!has_color_) return std::string(text);
  const int last = static_cast<int>(kColors.size()) - 1;
  const int color =
      kColors[std::clamp(static_cast<int>(confidence * static_cast<float>(kColors.size())), 0, last)];
  return (is_new ? "\033[1;38;5;" : "\033[38;5;") + std::to_string(color) + "m" + std::string(text) +
         std::string(kReset);
}

std::string StepsView::canvas_of(const Canvas& canvas) const {
  std::string line;
  std::string carried;  // the beginning of a character that the next token ends
  for (int i = 0; i < canvas.size(); ++i) {
    if (canvas.is_masked(i)) {
      if (!carried.empty()) line += kUnknown;
      carried.clear();
      line += has_color_ ? std::string(kDim) + std::string(kMaskedCell) + std::string(kReset)
                         : std::string(kMaskedCell);
      continue;
    }
    const bool is_new = static_cast<std::size_t>(i) >= was_there_.size() || was_there_[i] == 0;
    if (canvas.tokens[i] == canvas.end) {
      line += styled("■", canvas.confidence[i], is_new);
      continue;
    }
    std::string bytes = carried + std::string(tokenizer_.bytes(canvas.tokens[i]));
    const std::size_t unfinished = unfinished_length(bytes);
    carried = bytes.substr(bytes.size() - unfinished);
    bytes.resize(bytes.size() - unfinished);
    line += styled(printable(bytes), canvas.confidence[i], is_new);
  }
  return line + (carried.empty() ? std::string() : std::string(kUnknown));
}

std::string StepsView::line_of(const StepView& view) {
  std::string line;
  if (view.step == 0) {
    was_there_.clear();
    if (++candidate_ > 1) line += "candidate " + std::to_string(candidate_) + "\n";
  }
  const Canvas& canvas = view.canvas;
  const int masked = static_cast<int>(std::count(canvas.masked.begin(), canvas.masked.end(), 1));
  const int committed = canvas.size() - masked;
  const float sum = std::accumulate(canvas.confidence.begin(), canvas.confidence.end(), 0.0f);
  char head[80];
  std::snprintf(head, sizeof head, "step %3d  block %2d  %3d/%-3d  %.2f  ", view.step + 1, view.block + 1,
                committed, canvas.size(), static_cast<double>(committed > 0 ? sum / committed : 0.0f));
  line += head + canvas_of(canvas) + "\n";
  was_there_.assign(canvas.masked.size(), 0);
  std::transform(canvas.masked.begin(), canvas.masked.end(), was_there_.begin(),
                 [](std::uint8_t is_masked) -> std::uint8_t { return is_masked ? 0 : 1; });
  return line;
}

std::string surroundings_of(std::string_view text, std::size_t cursor, std::string_view completion,
                            bool has_color) {
  // From a few lines before the cursor to a few behind it.
  std::size_t begin = text.substr(0, cursor).rfind('\n');
  for (int i = 0; i < kLinesAround && begin != std::string_view::npos && begin > 0; ++i) {
    begin = text.rfind('\n', begin - 1);
  }
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  std::size_t end = text.find('\n', cursor);
  for (int i = 0; i < kLinesAround && end != std::string_view::npos; ++i) end = text.find('\n', end + 1);
  end = std::min(end, text.size());

  int number =
      static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')) + 1;
  const std::string whole = std::string(text.substr(begin, cursor - begin)) + std::string(completion) +
                            std::string(text.substr(cursor, end - cursor));
  const std::size_t inserted = cursor - begin, inserted_end = inserted + completion.size();
  std::string result;
  for (std::size_t at = 0; at <= whole.size();) {
    const std::size_t line_end = std::min(whole.find('\n', at), whole.size());
    const auto piece = [&](std::size_t from, std::size_t to) {
      from = std::clamp(from, at, line_end);
      return std::string_view(whole).substr(from, std::max(from, std::clamp(to, at, line_end)) - from);
    };
    const std::string_view middle = piece(inserted, inserted_end);
    char head[24];
    std::snprintf(head, sizeof head, "%5d %c ", number++, middle.empty() ? ' ' : '+');
    result += head;
    result += piece(at, inserted);
    if (has_color && !middle.empty()) result += kInserted;
    result += middle;
    if (has_color && !middle.empty()) result += kReset;
    result += piece(inserted_end, line_end);
    result += "\n";
    at = line_end + 1;
  }
  return result;
}

}  // namespace seedling::cli
