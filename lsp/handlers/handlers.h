// lsp/handlers/handlers.h
//
// One function for each file of handlers: it enters them into the router.
//   Handlers run on the loop thread and return at once; what takes time is given to the engine with a ticket.
#pragma once

#include "lsp/router.h"
#include "lsp/session.h"

namespace seedling {

void add_lifecycle(Router& router);          // initialize, initialized, shutdown, exit, $/cancelRequest
void add_text_sync(Router& router);          // didOpen, didChange, didClose
void add_inline_completion(Router& router);  // textDocument/inlineCompletion
void add_code_action(Router& router);        // textDocument/codeAction, codeAction/resolve
void add_settings(Router& router);           // workspace/didChangeConfiguration

// Takes the section over; what is wrong with it is told to the user in one message.
void apply_settings(Session& session, const json& section);

}  // namespace seedling
