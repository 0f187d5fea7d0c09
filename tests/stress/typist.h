// tests/stress/typist.h
//
// Typist: somebody at work in one window: opens, types, undoes, asks, cancels, closes.
//   Everything it does follows from its seed and the answers. It keeps the text of every document as it
//   should be, and compares it with the server's after every few steps. One thread. Errors: `lost`, in words,
//   when the two differ.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "lsp/position.h"
#include "tests/stress/window.h"

namespace seedling::stress {

class Typist {
 public:
  Typist(Window& window, std::uint64_t seed, std::size_t document_count, PositionEncoding encoding);

  void start();
  bool is_started() const { return is_started_; }
  // One keystroke, or something rarer.
  void step();
  // Compares all documents once more.
  void compare_all();
  // What could not be compared before.
  void compare_again();
  void end();

  std::size_t edits = 0, comparisons = 0, asked_again = 0;
  std::vector<std::string> lost;

 private:
  struct File {
    std::string uri;
    std::string text;
    bool is_open = false;
    bool is_to_compare = false;  // the engine died over it last time
    int version = 0;
    std::size_t cursor = 0;
    // What would take back the last edits: begin, length, text.
    std::vector<std::pair<ByteRange, std::string>> undo;
  };

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }
  void open(File& file);
  void close(File& file);
  void edit(File& file, std::size_t begin, std::size_t length, const std::string& typed, bool can_undo);
  void type(File& file);
  void erase(File& file);
  void undo(File& file);
  void ask(File& file);
  void ask_actions(File& file);
  void compare(File& file);
  json position(const File& file, std::size_t at) const;

  Window& window_;
  std::mt19937_64 random_;
  const PositionEncoding encoding_;
  std::vector<File> files_;
  std::size_t current_ = 0;
  std::optional<int> asked_;
  bool is_started_ = false;
};

}  // namespace seedling::stress
