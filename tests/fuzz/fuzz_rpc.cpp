// Any lines of bytes, sent as bodies to a server with a fake engine, end in answers and not in a crash: each
// request gets one. The first byte chooses whether the session is initialized before.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/assert.h"
#include "tests/support/lsp_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  seedling::LspClient client;
  if (data[0] % 4 != 0) {
    client.start(seedling::json::parse(
        R"({"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}})"));
    client.open("file:///w/a.py", "python", "x = y\n");
    client.script.is_holding = data[0] % 4 == 1;
  }
  client.script.on_list = [](const seedling::ListActionsRequest& request) {
    return std::vector<seedling::Action>{
        {seedling::Action::Kind::refactor, "extract-variable", "Extract", request.selection, {}}};
  };
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    client.send_text(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (client.exit_code()) return 0;
  }
  while (client.release()) {
  }
  SEEDLING_ASSERT(client.violations.empty());
  SEEDLING_ASSERT(client.unanswered().empty());
  return 0;
}
