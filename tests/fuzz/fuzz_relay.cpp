// Any lines of bytes between an editor and its engine, which dies and comes back in between: each request
// gets one answer. The first byte of a line says what happens: "-" it dies, "+" it returns, "?" a sign of
// life is asked for, anything else: the editor says it.

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.h"
#include "tests/support/lsp_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seedling::LspClient client(std::nullopt, /*is_relayed=*/true);
  bool is_alive = true;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty() && !client.exit_code()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('-')) {
      if (is_alive) client.engine_dies();
      is_alive = false;
    } else if (line.starts_with('+')) {
      if (!is_alive) client.engine_returns();
      is_alive = true;
    } else if (line.starts_with('?')) {
      client.relay().ping();
    } else {
      client.send_text(line);
    }
  }
  client.end_input();
  SEEDLING_ASSERT(client.violations.empty());
  SEEDLING_ASSERT(client.unanswered().empty());
  return 0;
}
