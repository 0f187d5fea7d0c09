// engine/model/row_answer.h
//
// From a row of logits to what backend.h promises of a RowQuery: for backends that write logits out anyway,
// and for rows that are put together from several.
//   Pure; thread-free; deterministic. V vocabulary; every row is [V] f32.
#pragma once

#include <span>

#include "engine/model/backend.h"

namespace seedling {

// query.row and query.logits are not looked at.
RowAnswer answer_row(std::span<const float> logits, const RowQuery& query);

// ln of the softmax of the whole row; minus infinity where it says nothing. out: [V] f32, may be the row
// itself.
void log_softmax(std::span<const float> logits, std::span<float> out);

}  // namespace seedling
