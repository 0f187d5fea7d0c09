// cli/steps_view.h
//
// Shows a canvas after a denoising step as lines for people: masked positions as cells, committed tokens
// coloured by confidence (red, yellow, green), the newly committed ones bold.
//   Keeps the canvas it showed last, to know what is new. One thread. Control characters in what the model
//   wrote are shown, never sent to the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/sampler/decode.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling::cli {

class StepsView {
 public:
  StepsView(const Tokenizer& tokenizer, bool has_color) : tokenizer_(tokenizer), has_color_(has_color) {}

  // The step as one line, its end included; a heading before the first step of each further candidate.
  std::string line_of(const StepView& view);

 private:
  std::string canvas_of(const Canvas& canvas) const;
  std::string styled(std::string_view text, float confidence, bool is_new) const;

  const Tokenizer& tokenizer_;           // constant after construction
  bool has_color_;                       // constant after construction
  std::vector<std::uint8_t> was_there_;  // per position: committed when it was shown last
  int candidate_ = 0;
};

// The completed text between the lines around it, with line numbers; lines that are new are marked.
std::string surroundings_of(std::string_view text, std::size_t cursor, std::string_view completion,
                            bool has_color);

}  // namespace seedling::cli
