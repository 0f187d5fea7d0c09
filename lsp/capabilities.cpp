#include "lsp/capabilities.h"

#include <algorithm>

#include "lsp/fields.h"

namespace seedling {
namespace {

bool has_entry(const json* list, const json& entry) {
  return list && list->is_array() && std::find(list->begin(), list->end(), entry) != list->end();
}

bool is_true(const json* value) {
  return value && value->is_boolean() && value->get<bool>();
}

PositionEncoding choose_encoding(const json* offered) {
  if (has_entry(offered, "utf-8")) return PositionEncoding::utf8;
  if (has_entry(offered, "utf-16") || !has_entry(offered, "utf-32")) return PositionEncoding::utf16;
  return PositionEncoding::utf32;
}

}  // namespace

ClientCapabilities parse_capabilities(const json& params) {
  ClientCapabilities client;
  const json* given = find_path(params, "capabilities");
  if (!given) return client;
  const auto registers = [&](const char* area, const char* feature) {
    return is_true(find_path(*given, area, feature, "dynamicRegistration"));
  };
  client.encoding = choose_encoding(find_path(*given, "general", "positionEncodings"));
  client.resolves_edits =
      has_entry(find_path(*given, "textDocument", "codeAction", "resolveSupport", "properties"), "edit");
  client.marks_generated_actions =
      has_entry(find_path(*given, "textDocument", "codeAction", "tagSupport", "valueSet"), 1) ||
      has_entry(find_path(*given, "textDocument", "codeAction", "tagSupport"), 1);
  client.takes_document_changes = is_true(find_path(*given, "workspace", "workspaceEdit", "documentChanges"));
  client.applies_edits = is_true(find_path(*given, "workspace", "applyEdit"));
  client.completes_inline = find_path(*given, "textDocument", "inlineCompletion") != nullptr;
  client.pulls_diagnostics = find_path(*given, "textDocument", "diagnostic") != nullptr;
  client.refreshes_diagnostics = is_true(find_path(*given, "workspace", "diagnostics", "refreshSupport"));
  client.answers_configuration = is_true(find_path(*given, "workspace", "configuration"));
  client.shows_progress = is_true(find_path(*given, "window", "workDoneProgress"));
  client.registers_inline_completion = registers("textDocument", "inlineCompletion");
  client.registers_completion = registers("textDocument", "completion");
  client.registers_diagnostics = registers("textDocument", "diagnostic");
  client.registers_configuration = registers("workspace", "didChangeConfiguration");
  return client;
}

}  // namespace seedling
