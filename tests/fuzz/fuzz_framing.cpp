// Any bytes, cut in any way, give the framer the same events; bodies never hold more than was fed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/assert.h"
#include "lsp/framing.h"

namespace {

using seedling::Body;
using seedling::Framed;
using seedling::Framer;

std::vector<Framed> read_all(std::string_view stream, std::size_t chunk_bytes) {
  Framer framer;
  std::vector<Framed> events;
  for (std::size_t at = 0; at < stream.size(); at += chunk_bytes) {
    framer.feed(stream.substr(at, chunk_bytes));
    while (auto event = framer.next()) events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk_bytes = 1 + data[0] % 7;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<Framed> whole = read_all(stream, std::max<std::size_t>(stream.size(), 1));
  // A line beyond the limit is noticed sooner or later with the size of the chunks.
  if (stream.size() <= Framer::kMaxHeaderLineBytes) SEEDLING_ASSERT(read_all(stream, chunk_bytes) == whole);
  std::size_t body_bytes = 0;
  for (const Framed& event : whole) {
    if (const auto* body = std::get_if<Body>(&event)) body_bytes += body->text.size();
  }
  SEEDLING_ASSERT(body_bytes <= stream.size());
  return 0;
}
