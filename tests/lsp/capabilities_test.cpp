#include "lsp/capabilities.h"

#include <doctest/doctest.h>

namespace seedling {
namespace {

ClientCapabilities parse(const char* capabilities) {
  return parse_capabilities({{"capabilities", json::parse(capabilities)}});
}

TEST_CASE("capabilities: what is said counts") {
  const ClientCapabilities client = parse(R"({
      "general": {"positionEncodings": ["utf-8"]},
      "workspace": {"applyEdit": true, "configuration": true, "workspaceEdit": {"documentChanges": true},
                    "diagnostics": {"refreshSupport": true}, "didChangeConfiguration": {"dynamicRegistration": true}},
      "textDocument": {"inlineCompletion": {"dynamicRegistration": true}, "completion": {"dynamicRegistration": true},
                       "diagnostic": {"dynamicRegistration": true},
                       "codeAction": {"resolveSupport": {"properties": ["edit"]}, "tagSupport": {"valueSet": [1]}}},
      "window": {"workDoneProgress": true}})");
  CHECK(client.encoding == PositionEncoding::utf8);
  CHECK(client.resolves_edits);
  CHECK(client.marks_generated_actions);
  CHECK(client.takes_document_changes);
  CHECK(client.applies_edits);
  CHECK(client.completes_inline);
  CHECK(client.pulls_diagnostics);
  CHECK(client.refreshes_diagnostics);
  CHECK(client.answers_configuration);
  CHECK(client.shows_progress);
  CHECK(client.registers_inline_completion);
  CHECK(client.registers_completion);
  CHECK(client.registers_diagnostics);
  CHECK(client.registers_configuration);
}

TEST_CASE("capabilities: what is not said, or said in words that are none, does not") {
  for (const char* given :
       {"{}", "null", "7", "[]", R"({"textDocument": null, "workspace": 1, "window": []})",
        R"({"textDocument": {"inlineCompletion": null, "codeAction": {"resolveSupport": []}}})",
        R"({"workspace": {"applyEdit": "yes", "configuration": 1}})"}) {
    CAPTURE(given);
    const ClientCapabilities client = parse(given);
    CHECK(client.encoding == PositionEncoding::utf16);
    CHECK(!client.resolves_edits);
    CHECK(!client.applies_edits);
    CHECK(!client.completes_inline);
    CHECK(!client.answers_configuration);
    CHECK(!client.registers_inline_completion);
  }
  CHECK(parse(R"({"textDocument": {"inlineCompletion": {}}})").completes_inline);
  CHECK(!parse(R"({"textDocument": {"inlineCompletion": {}}})").registers_inline_completion);
}

}  // namespace
}  // namespace seedling
