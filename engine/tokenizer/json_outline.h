// engine/tokenizer/json_outline.h
//
// JsonOutline: a tokenizer.json read once from front to back. Its two long tables, model.vocab and
// model.merges, become flat rows instead of JSON values, because tens of thousands of small nodes take longer
// than all the rest of a start; everything else is the document.
//   Plain data after read_outline; thread-free.
//   Guarantees: rows stand in file order and their texts lie one after the other in `texts`, the two sides of
//   a merge directly, so that its result is one piece of it. What a table should not hold is a row that says
//   so: the caller knows which message fits. Of two tables of one name the last counts, as of all members.
//   Errors: invalid_input with the byte at which `json` stops being JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace seedling {

struct JsonOutline {
  // Where a text stands in `texts`.
  struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct VocabularyRow {
    static constexpr std::int64_t kNoInteger = INT64_MIN;  // another kind of value
    Piece spelling;
    std::int64_t id = kNoInteger;  // INT64_MAX: larger than that
  };
  struct MergeRow {
    Piece both;                   // left and right, one behind the other
    std::uint32_t left_size = 0;  // 0: not two sides
  };

  nlohmann::json document;  // without the two tables
  std::string texts;
  std::vector<VocabularyRow> vocabulary;
  std::vector<MergeRow> merges;
  bool has_vocabulary = false;  // model.vocab is an object
  bool has_merges = false;      // model.merges is an array

  std::string_view text(Piece piece) const { return std::string_view(texts).substr(piece.begin, piece.size); }
  std::string_view left(const MergeRow& row) const { return text(row.both).substr(0, row.left_size); }
  std::string_view right(const MergeRow& row) const { return text(row.both).substr(row.left_size); }
};

// REQUIRES: json is shorter than 4 GiB.
Result<JsonOutline> read_outline(std::string_view json, const std::string& origin);

}  // namespace seedling
