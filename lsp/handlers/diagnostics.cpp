// What our own parser finds wrong: textDocument/diagnostic for clients that ask,
// textDocument/publishDiagnostics for those that do not. Off unless the settings say otherwise, as every
// language has tools that know more.

#include <utility>

#include "lsp/handlers/handlers.h"
#include "lsp/uri.h"

namespace seedling {
namespace {

constexpr int kError = 1;  // DiagnosticSeverity
constexpr int kWarning = 2;

// Pushed diagnostics wait until the typing pauses.
constexpr std::chrono::milliseconds kPause{300};

// With the whole path: names may be declared in the files beside it, or in what is open of them.
CheckRequest request_for(const Session& session, const Document& document) {
  Snapshot snapshot = *document.snapshot;
  snapshot.path = path_of_uri(document.uri);
  CheckRequest request{std::make_shared<const Snapshot>(std::move(snapshot)), {}};
  for (const DocumentPtr& other : neighbours_of(session, document))
    request.open.push_back({path_of_uri(other->uri), other->snapshot});
  return request;
}

bool is_on(const Session& session, const Document& document) {
  return session.settings.diagnostics && may_use(session, document);
}

json to_items(const Session& session, const Document& document, const std::vector<Diagnostic>& diagnostics) {
  json items = json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    const Range range =
        to_range(document.snapshot->text, document.lines, diagnostic.range, session.client.encoding);
    json item = {{"range", to_json(range)},
                 {"severity", diagnostic.code == "syntax" ? kError : kWarning},
                 {"source", "seedling"},
                 {"message", diagnostic.message}};
    if (!diagnostic.code.empty()) item["code"] = diagnostic.code;
    items.push_back(std::move(item));
  }
  return items;
}

// --- asked for ---

json full_report(json items, const std::string& result_id) {
  json report = {{"kind", "full"}, {"items", std::move(items)}};
  if (!result_id.empty()) report["resultId"] = result_id;
  return report;
}

// What is found is decided by the text, and by those of its neighbours.
std::string result_id_of(const Session& session, const Document& document) {
  std::string id = std::to_string(document.revision);
  for (const DocumentPtr& other : neighbours_of(session, document))
    id += "," + std::to_string(other->revision);
  return id;
}

void finish(Session& session, const DocumentPtr& document, Ticket ticket, const std::string& result_id,
            const Result<std::vector<Diagnostic>>& result) {
  auto reply = session.inflight.take(ticket);
  if (!reply) return;
  if (result.ok()) return reply->result(full_report(to_items(session, *document, *result), result_id));
  // A language we do not have has no problems we could know of.
  if (result.error().code == ErrorCode::unsupported)
    return reply->result(full_report(json::array(), result_id));
  reply->error(result.error());
}

void on_diagnostic(Session& session, DocumentDiagnosticParams params, Reply reply) {
  auto found = session.documents.find(params.uri);
  if (!found.ok()) return reply.error(found.error());
  const DocumentPtr document = *found;
  if (!is_on(session, *document)) return reply.result(full_report(json::array(), ""));
  const std::string result_id = result_id_of(session, *document);
  if (params.previous == result_id) return reply.result({{"kind", "unchanged"}, {"resultId", result_id}});

  const auto [ticket, stop] = session.inflight.start(std::move(reply), params.uri, Purpose::diagnostics);
  session.generator.when_ready(
      [&session, document, result_id, ticket = ticket, stop = stop](Generator* generator) {
        if (!session.inflight.contains(ticket)) return;
        if (!generator) return finish(session, document, ticket, result_id, std::vector<Diagnostic>{});
        generator->check(request_for(session, *document), stop,
                         [&session, document, result_id, ticket](Result<std::vector<Diagnostic>> result) {
                           session.post([&session, document, result_id, ticket, result = std::move(result)] {
                             finish(session, document, ticket, result_id, result);
                           });
                         });
      });
}

// --- pushed ---

void publish(Session& session, const Document& document, json items) {
  session.notify(
      "textDocument/publishDiagnostics",
      {{"uri", document.uri}, {"version", document.snapshot->version}, {"diagnostics", std::move(items)}});
}

bool is_current(const Session& session, const Document& document) {
  const auto now = session.documents.find(document.uri);
  return now.ok() && (*now)->revision == document.revision;
}

void check_and_publish(Session& session, const DocumentPtr& document) {
  session.generator.when_ready([&session, document](Generator* generator) {
    if (!generator || !is_current(session, *document)) return;
    generator->check(request_for(session, *document), {},
                     [&session, document](Result<std::vector<Diagnostic>> result) {
                       session.post([&session, document, result = std::move(result)] {
                         if (!result.ok() || !is_current(session, *document) || !is_on(session, *document))
                           return;
                         publish(session, *document, to_items(session, *document, *result));
                         session.pushed_revision[document->uri] = document->revision;
                       });
                     });
  });
}

}  // namespace

void add_diagnostics(Router& router) {
  router.on_request("textDocument/diagnostic", on_diagnostic);
}

void push_diagnostics_soon(Session& session, const std::string& uri) {
  if (session.client.pulls_diagnostics) return;
  const auto found = session.documents.find(uri);
  if (!found.ok() || !is_on(session, **found)) return;
  session.later(kPause, [&session, document = *found] {
    if (session.lifecycle != Lifecycle::running) return;
    if (is_current(session, *document) && is_on(session, *document)) check_and_publish(session, document);
  });
}

void drop_pushed_diagnostics(Session& session, const std::string& uri) {
  if (session.pushed_revision.erase(uri) == 0) return;
  session.notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", json::array()}});
}

void refresh_diagnostics(Session& session) {
  if (!session.is_initialized) return;
  if (session.client.pulls_diagnostics) {
    // Where they are registered, registering has the client ask.
    if (session.client.refreshes_diagnostics && !session.client.registers_diagnostics)
      session.request("workspace/diagnostic/refresh", nullptr);
    return;
  }
  for (const std::string& uri : session.documents.uris()) {
    const auto document = session.documents.find(uri);
    if (!document.ok() || !is_on(session, **document)) drop_pushed_diagnostics(session, uri);
    push_diagnostics_soon(session, uri);
  }
}

}  // namespace seedling
