// Bytes become a document and a script of changes; the incremental result equals that of applying each change
// to the whole text by a decoder that walks it from the start.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/assert.h"
#include "lsp/document.h"

namespace {

using seedling::LineIndex;
using seedling::Position;
using seedling::PositionEncoding;
using seedling::Range;
using seedling::TextChange;

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ == size_; }
  std::uint8_t next() { return empty() ? 0 : data_[at_++]; }

  std::string text() {
    static constexpr std::string_view kPieces[] = {"a",      "\n",     "\r\n",       "\r",
                                                   "\u00e9", "\u4e2d", "\U0001f600", "xy"};
    std::string text;
    for (int count = next() % 16; count > 0; --count) text += kPieces[next() % 8];
    return text;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

// Nothing when the line is past the end.
std::optional<std::size_t> naive_offset(const std::string& text, Position position,
                                        PositionEncoding encoding) {
  std::size_t i = 0;
  for (std::uint32_t line = 0; line < position.line; ++line) {
    while (i < text.size() && text[i] != '\n' && text[i] != '\r') ++i;
    if (i == text.size()) return std::nullopt;
    i += text.compare(i, 2, "\r\n") == 0 ? 2 : 1;
  }
  for (std::uint32_t column = 0; i < text.size() && text[i] != '\n' && text[i] != '\r';) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::uint32_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::uint32_t width = encoding == PositionEncoding::utf8    ? bytes
                                : encoding == PositionEncoding::utf16 ? (bytes == 4 ? 2 : 1)
                                                                      : 1;
    if (column + width > position.character) break;
    column += width;
    i += bytes;
  }
  return i;
}

std::optional<std::string> naive_apply(std::string text, const std::vector<TextChange>& changes,
                                       PositionEncoding encoding) {
  for (const TextChange& change : changes) {
    if (!change.range) {
      text = change.text;
      continue;
    }
    const auto begin = naive_offset(text, change.range->start, encoding);
    const auto end = naive_offset(text, change.range->end, encoding);
    if (!begin || !end || change.range->end < change.range->start) return std::nullopt;
    text = text.substr(0, *begin) + change.text + text.substr(*end);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const auto encoding = static_cast<PositionEncoding>(bytes.next() % 3);
  std::string expected = bytes.text();
  const std::string uri = "file:///a";
  seedling::DocumentStore store;
  store.open(uri, {"a", "c", 0, expected});
  for (int version = 1; !bytes.empty(); ++version) {
    std::vector<TextChange> changes;
    for (int count = 1 + bytes.next() % 3; count > 0; --count) {
      TextChange change;
      const std::uint8_t kind = bytes.next();
      if (kind % 8 != 0) {
        const Position start{bytes.next() % 6u, bytes.next() % 9u};
        change.range = Range{start, {start.line + bytes.next() % 3u, bytes.next() % 9u}};
      }
      change.text = bytes.text();
      changes.push_back(std::move(change));
    }
    const auto naive = naive_apply(expected, changes, encoding);
    const bool is_changed = store.change(uri, version, changes, encoding).ok();
    SEEDLING_ASSERT(is_changed == naive.has_value());
    SEEDLING_ASSERT(is_changed == store.find(uri).ok());
    if (!is_changed) return 0;
    SEEDLING_ASSERT((*store.find(uri))->snapshot->text == *naive);
    SEEDLING_ASSERT((*store.find(uri))->lines.line_count() == LineIndex(*naive).line_count());
    expected = *naive;
  }
  return 0;
}
