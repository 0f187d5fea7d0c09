// lsp/capabilities.h
//
// What the client can do, of that only what we act upon; not LSP's shape.
//   Pure and total: what is missing or wrong counts as not supported.
#pragma once

#include "lsp/position.h"
#include "lsp/rpc.h"

namespace seedling {

struct ClientCapabilities {
  PositionEncoding encoding = PositionEncoding::utf16;
  bool resolves_edits = false;           // codeAction.resolveSupport has "edit"
  bool marks_generated_actions = false;  // codeAction.tagSupport has LLMGenerated
  bool takes_document_changes = false;   // workspace.workspaceEdit.documentChanges
  bool applies_edits = false;            // workspace.applyEdit
  bool completes_inline = false;         // textDocument.inlineCompletion
  bool pulls_diagnostics = false;        // textDocument.diagnostic
  bool refreshes_diagnostics = false;    // workspace.diagnostics.refreshSupport
  bool answers_configuration = false;    // workspace.configuration
  bool shows_progress = false;           // window.workDoneProgress

  // dynamicRegistration of ...
  bool registers_inline_completion = false;
  bool registers_completion = false;
  bool registers_diagnostics = false;
  bool registers_configuration = false;
};

// `params` of initialize.
ClientCapabilities parse_capabilities(const json& params);

}  // namespace seedling
