#include "tests/stress/typist.h"

#include <algorithm>
#include <string_view>

namespace seedling::stress {
namespace {

constexpr std::size_t kMostBytes = 6000;
constexpr std::size_t kFirstBytes = 4500;  // between what a document is cut to and the most it may have
constexpr std::string_view kBegin =
    "import math\n\n\nclass Shape:\n    def __init__(self, width, height):\n        self.width = width\n"
    "        self.height = height\n\n    def area(self):\n        return self.width * self.height\n\n\n";
constexpr std::string_view kPieces[] = {
    "a",    "e",    "_",    "(",      ")",      " ",    "self.", "return ", "\n", "=",          "width", "0",
    "\n\n", "    ", "def ", "\u00e9", "\u4e2d", "\r\n", "\"",    "# ",      ":",  "\U0001f600", ", ",    "x"};

// As the server does it; see lsp/handlers/health.cpp.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return std::to_string(hash);
}

bool is_inside_character(const std::string& text, std::size_t at) {
  const bool is_inside_pair = at > 0 && at < text.size() && text[at - 1] == '\r' && text[at] == '\n';
  return is_inside_pair || (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
}

// As long as documents are later on, so that what is kept of them does not grow with them.
std::string first_text() {
  std::string text;
  while (text.size() < kFirstBytes) text += kBegin;
  return text;
}

}  // namespace

Typist::Typist(Window& window, std::uint64_t seed, std::size_t document_count, PositionEncoding encoding)
    : window_(window), random_(seed), encoding_(encoding), files_(document_count) {
  // The same names in every window: they must not meet.
  for (std::size_t i = 0; i < document_count; ++i)
    files_[i].uri = "file:///project/file" + std::to_string(i) + ".py";
}

void Typist::start() {
  const char* encoding = encoding_ == PositionEncoding::utf8 ? "utf-8" : "utf-16";
  window_.request("initialize",
                  {{"processId", nullptr},
                   {"rootUri", "file:///project"},
                   {"capabilities", {{"general", {{"positionEncodings", {encoding}}}}}}},
                  [this](const json& answer) {
                    is_started_ = answer.contains("result");
                    window_.notify("initialized", json::object());
                    for (File& file : files_) open(file);
                  });
}

void Typist::step() {
  if (below(10) == 0) compare_again();
  File& file = files_[current_];
  const std::size_t what = below(100);
  if (!file.is_open) {
    open(file);
  } else if (what < 60) {
    type(file);
    if (below(3) > 0) ask(file);
  } else if (what < 72) {
    erase(file);
  } else if (what < 80) {
    undo(file);
  } else if (what < 84) {
    ask_actions(file);
  } else if (what < 88) {
    if (asked_) window_.notify("$/cancelRequest", {{"id", *asked_}});
  } else if (what < 94) {
    compare(file);
  } else if (what < 98) {
    current_ = below(files_.size());
  } else {
    close(file);
  }
}

void Typist::open(File& file) {
  if (file.text.empty() || below(4) == 0) file.text = first_text();
  file.is_open = true;
  file.cursor = file.text.size();
  file.undo.clear();
  window_.notify(
      "textDocument/didOpen",
      {{"textDocument",
        {{"uri", file.uri}, {"languageId", "python"}, {"version", ++file.version}, {"text", file.text}}}});
  compare(file);
}

void Typist::close(File& file) {
  file.is_open = false;
  window_.notify("textDocument/didClose", {{"textDocument", {{"uri", file.uri}}}});
}

json Typist::position(const File& file, std::size_t at) const {
  const ByteOffset offset{static_cast<std::uint32_t>(at)};
  const Position found = to_position(file.text, LineIndex(file.text), offset, encoding_);
  return {{"line", found.line}, {"character", found.character}};
}

void Typist::edit(File& file, std::size_t begin, std::size_t length, const std::string& typed,
                  bool can_undo) {
  const json range = {{"start", position(file, begin)}, {"end", position(file, begin + length)}};
  const auto at = static_cast<std::uint32_t>(begin);
  const ByteRange back{{at}, {at + static_cast<std::uint32_t>(typed.size())}};
  if (can_undo) file.undo.emplace_back(back, file.text.substr(begin, length));
  file.text.replace(begin, length, typed);
  file.cursor = begin + typed.size();
  ++edits;
  window_.notify("textDocument/didChange",
                 {{"textDocument", {{"uri", file.uri}, {"version", ++file.version}}},
                  {"contentChanges", {{{"range", range}, {"text", typed}}}}});
}

void Typist::type(File& file) {
  if (below(30) == 0) file.cursor = below(file.text.size() + 1);
  while (is_inside_character(file.text, file.cursor)) ++file.cursor;
  if (file.text.size() > kMostBytes) {
    const std::size_t line = file.text.find('\n', file.text.size() / 2);
    return edit(file, line + 1, file.text.size() - line - 1, "", true);
  }
  // Between "\r" and "\n", or before a "\n" behind a "\r", positions cannot point.
  std::string piece(kPieces[below(std::size(kPieces))]);
  const bool makes_pair = file.cursor > 0 && file.text[file.cursor - 1] == '\r' && piece[0] == '\n';
  edit(file, file.cursor, 0, makes_pair ? "z" : piece, true);
}

void Typist::erase(File& file) {
  std::size_t begin = file.cursor - std::min(file.cursor, 1 + below(12));
  std::size_t end = file.cursor;
  while (is_inside_character(file.text, begin)) --begin;
  while (is_inside_character(file.text, end)) ++end;
  edit(file, begin, end - begin, "", true);
}

void Typist::undo(File& file) {
  if (file.undo.empty()) return;
  const auto [range, text] = file.undo.back();
  file.undo.pop_back();
  // A half of "\r\n" that an edit has made since cannot be pointed at.
  if (is_inside_character(file.text, range.begin.value) || is_inside_character(file.text, range.end.value)) {
    return file.undo.clear();
  }
  edit(file, range.begin.value, range.size(), text, false);
}

void Typist::ask(File& file) {
  if (asked_ && below(2) == 0) window_.notify("$/cancelRequest", {{"id", *asked_}});
  asked_ = window_.request("textDocument/inlineCompletion",
                           {{"textDocument", {{"uri", file.uri}}},
                            {"position", position(file, file.cursor)},
                            {"context", {{"triggerKind", 1 + (below(10) != 0 ? 1 : 0)}}}});
}

void Typist::ask_actions(File& file) {
  const json at = position(file, file.cursor);
  window_.request("textDocument/codeAction",
                  {{"textDocument", {{"uri", file.uri}}},
                   {"range", {{"start", at}, {"end", at}}},
                   {"context", {{"diagnostics", json::array()}}}},
                  [this](const json& answer) {
                    const json actions = answer.value("result", json::array());
                    if (actions.is_array() && !actions.empty() && actions[0].contains("data"))
                      window_.request("codeAction/resolve", actions[0]);
                  });
}

void Typist::compare(File& file) {
  file.is_to_compare = false;
  const std::string expected = hash_of(file.text);
  const int version = file.version;
  window_.request("seedling/documentHash", {{"textDocument", {{"uri", file.uri}}}},
                  [this, &file, expected, version](const json& answer) {
                    if (answer.contains("result")) {
                      ++comparisons;
                      if (answer["result"]["hash"] == expected) return;
                      return lost.push_back(file.uri + " at version " + std::to_string(version) +
                                            " is another text for the server");
                    }
                    if (answer["error"].value("code", 0) != rpc_error::request_failed)
                      return lost.push_back(file.uri + ": " + dump(answer));
                    ++asked_again;
                    file.is_to_compare = true;
                  });
}

void Typist::compare_again() {
  for (File& file : files_) {
    if (file.is_open && file.is_to_compare) compare(file);
  }
}

void Typist::compare_all() {
  for (File& file : files_) {
    if (file.is_open) compare(file);
  }
}

void Typist::end() {
  window_.request("shutdown", nullptr, [this](const json&) { window_.notify("exit", nullptr); });
}

}  // namespace seedling::stress
