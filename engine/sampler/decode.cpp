#include "engine/sampler/decode.h"

#include <algorithm>

#include "engine/sampler/decoder.h"
#include "engine/sampler/finish.h"

namespace seedling {

std::optional<Outcome> reached_limit(const Canvas& canvas, const Tokenizer& tokenizer, int max_lines) {
  const std::string text = spell(tokenizer, canvas, 0, first_masked(canvas));
  if (max_lines > 0 && std::count(text.begin(), text.end(), '\n') >= max_lines) return Outcome::max_lines;
  if (repetition_start(text) != std::string::npos) return Outcome::repeated;
  return std::nullopt;
}

Result<Decoded> run(Decoder& decoder, std::stop_token stop) {
  while (const SequencePass* pass = TRY(decoder.next(stop))) {
    TRY(pass->sequence->forward(pass->pass, pass->queries, pass->answers));
    TRY(decoder.take());
  }
  return decoder.result();
}

}  // namespace seedling
