// engine/sampler/finish.h
//
// From the text of a decoded canvas to the text that goes into the hole.
//   Pure; thread-free; total on any bytes.
#pragma once

#include <string>
#include <string_view>

#include "engine/sampler/layout.h"

namespace seedling {

// Drops an unfinished UTF-8 character at the end.
std::string_view complete_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

// Takes the partial words off again. A text that does not begin with `left` says nothing about the hole and
// becomes empty; one that does not end with `right` (it was cut off) keeps its end.
std::string_view strip_partial_words(std::string_view text, const PartialWords& words);

// The first `max_lines` lines, without the newline that ends the last of them; everything if max_lines is 0.
std::string_view first_lines(std::string_view text, int max_lines);

// Where a text that goes round in circles has to be cut; npos if it does not: at the second of three equal
// groups of one to four lines in a row (blank ones count, the last one only with its newline), or where the
// text's end began to repeat a piece of a line five times and more, twelve times if it has digits, but no
// letter.
std::size_t repetition_start(std::string_view text);

}  // namespace seedling
