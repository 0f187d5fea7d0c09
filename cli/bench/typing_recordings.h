// cli/bench/typing_recordings.h
//
// The files that were written while typing was recorded, as they were at the beginning, and the recordings:
// cli/bench/typing/, which travels inside the binary.
//   Pure. typing_session.h reads them.
#pragma once

#include <string_view>

namespace seedling::cli {

std::string_view typing_orders_text();
std::string_view typing_orders_recording();
std::string_view typing_basket_text();
std::string_view typing_basket_recording();

}  // namespace seedling::cli
