// didOpen, didChange and didClose. A change also ends what the engine does for the text that is no more.

#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "lsp/handlers/handlers.h"
#include "lsp/uri.h"

namespace seedling {
namespace {

// The answers would be about a text that is gone. Inline completions get RequestCancelled: Neovim drops that
// silently, but logs an error for ContentModified and hides the ghost text for an empty list, which makes it
// flicker with every key. Code actions were asked for by a person, who is told why nothing comes.
void cancel_stale(Session& session, const std::string& uri, std::string_view why) {
  session.inflight.cancel_document(uri, Purpose::inline_completion, rpc_error::request_cancelled, why);
  session.inflight.cancel_document(uri, Purpose::completion, rpc_error::request_cancelled, why);
  session.inflight.cancel_document(uri, Purpose::code_action, rpc_error::content_modified, why);
  // The client asks again by itself when the text has changed; it is not to do so twice.
  session.inflight.cancel_document(uri, Purpose::diagnostics, rpc_error::server_cancelled, why,
                                   {{"retriggerRequest", false}});
}

// Sessions of one process share an engine, and the paths of their documents may be the same.
std::string new_document() {
  static std::atomic<std::uint64_t> last = 0;
  return "#" + std::to_string(++last);
}

// What the engine keeps of a document that is closed, or of which the text is not known any more.
void forget(Session& session, const Result<DocumentPtr>& document) {
  Generator* generator = session.generator.loaded();
  if (generator && document.ok()) generator->forget(document_of(*(*document)->snapshot));
}

void on_open(Session& session, DidOpenParams params) {
  cancel_stale(session, params.uri, "the document was opened again");
  forget(session, session.documents.find(params.uri));
  std::string path = workspace_path(path_of_uri(params.uri), session.folders);
  session.documents.open(params.uri, {std::move(path), std::move(params.language), params.version,
                                      std::move(params.text), new_document()});
  push_diagnostics_soon(session, params.uri);
}

void on_change(Session& session, DidChangeParams params) {
  cancel_stale(session, params.uri, "the document was changed");
  const Result<DocumentPtr> before = session.documents.find(params.uri);
  if (!before.ok()) return spdlog::debug("didChange was ignored: {}", before.error().message);
  if (!params.problem.empty()) {
    forget(session, before);
    session.documents.drop(params.uri);
    return spdlog::error("didChange cannot be read: {}; dropped {}", params.problem, params.uri);
  }
  const Status changed =
      session.documents.change(params.uri, params.version, params.changes, session.client.encoding);
  if (!changed.ok()) {
    forget(session, before);
    return spdlog::error("didChange does not fit: {}; dropped {}", changed.error().message, params.uri);
  }
  push_diagnostics_soon(session, params.uri);
}

void on_close(Session& session, DidCloseParams params) {
  cancel_stale(session, params.uri, "the document was closed");
  forget(session, session.documents.find(params.uri));
  session.documents.close(params.uri);
  drop_pushed_diagnostics(session, params.uri);
}

}  // namespace

void add_text_sync(Router& router) {
  router.on_notification("textDocument/didOpen", on_open);
  router.on_notification("textDocument/didChange", on_change);
  router.on_notification("textDocument/didClose", on_close);
}

}  // namespace seedling
