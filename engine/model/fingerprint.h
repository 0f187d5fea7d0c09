// engine/model/fingerprint.h
//
// A name for weights by what they are, so that what was measured with them is not taken for that of others.
//   Reads names, shapes and some of the bytes of every tensor: training changes all of them. 32 hex digits,
//   the same on every machine. Pure, any thread.
#pragma once

#include <string>

#include "engine/model/model.h"

namespace seedling {

std::string fingerprint_of(const SafetensorsFile& weights);

// 32 hex digits of a text.
std::string digest_of(std::string_view text);

}  // namespace seedling
