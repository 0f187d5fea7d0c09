// lsp/handlers/handlers.h
//
// One function for each file of handlers: it enters them into the router; and what the files ask of each
// other.
//   Handlers run on the loop thread and return at once; what takes time is given to the engine with a ticket.
#pragma once

#include "lsp/offer.h"
#include "lsp/router.h"
#include "lsp/session.h"

namespace seedling {

void add_lifecycle(Router& router);  // initialize, initialized, shutdown, exit, $/cancelRequest, $/setTrace
void add_text_sync(Router& router);  // didOpen, didChange, didClose
void add_inline_completion(Router& router);  // textDocument/inlineCompletion, textDocument/completion
void add_code_action(Router& router);        // textDocument/codeAction, codeAction/resolve
void add_command(Router& router);            // workspace/executeCommand
void add_diagnostics(Router& router);        // textDocument/diagnostic
void add_settings(Router& router);           // didChangeConfiguration, didChangeWorkspaceFolders
void add_health(Router& router);             // seedling/ping
void add_document_hash(Router& router);      // seedling/documentHash

// What workspace/executeCommand knows.
namespace command {
inline constexpr const char* accepted = "seedling.accepted";  // an offer was taken: [uri, end in bytes]
inline constexpr const char* snooze = "seedling.snooze";      // [minutes], 0 ends it
inline constexpr const char* apply = "seedling.apply";        // a code action: [{title, data}]
}  // namespace command

// Takes the section over; what is wrong with it is told to the user in one message, and what hangs on the
// settings follows them.
void apply_settings(Session& session, const json& section);
// Asks the client for the section, if it answers such questions.
void pull_settings(Session& session);

// Registers and unregisters with the client what the settings turn on and off.
void update_registrations(Session& session);
// What is offered from the start, to clients that cannot be told later.
json server_capabilities(const Session& session);

// The client shows that the model is being loaded, if that takes long enough to be worth it.
void show_loading(Session& session);

// The next answer, before it is asked for: behind what is offered now, or at a place where an offer ended.
void prefetch_soon(Session& session, const QuestionPtr& question, const Edit& offered);
void prefetch_at(Session& session, const std::string& uri, ByteOffset cursor);

// Resolves the action and has the client apply its edit.
void apply_action(Session& session, const json& action, Reply reply);

// Sends what is wrong in the document to clients that do not ask for it; in all open ones.
void push_diagnostics_soon(Session& session, const std::string& uri);
void drop_pushed_diagnostics(Session& session, const std::string& uri);
void refresh_diagnostics(Session& session);

}  // namespace seedling
