// engine/offer_rules.h
//
// What of the model's text may be offered at a cursor: rules, each of which leaves a text as it is, takes
// something off its end or its indentation, or takes all of it away. They are applied in the order in which
// they stand in the table.
//   Pure; any thread; no parse. The checks that need one stand in complete.cpp.
//   tests/golden/offer/ has a folder of examples for each rule.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/types.h"

namespace seedling {

// Where the text is to be inserted.
struct OfferPlace {
  const Snapshot& snapshot;
  ByteOffset cursor;
  int max_lines = 8;
  bool is_one_statement = false;  // more than the first statement is not wanted
};

struct OfferRule {
  const char* name;
  std::string_view (*apply)(const OfferPlace& place, std::string_view text);
};

std::span<const OfferRule> offer_rules();

// What all rules leave of the text; empty: nothing is to be offered.
std::string_view offerable_part(const OfferPlace& place, std::string_view text);

}  // namespace seedling
