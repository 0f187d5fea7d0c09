// textDocument/codeAction and codeAction/resolve.
//
// Listing comes with every rest of the cursor and never runs the model; the edit is computed when an action
// was chosen. An action carries all that resolving needs in its `data`, so nothing is remembered between the
// two requests. isPreferred is never set: what a model writes must not stand before a tool's own fix.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "lsp/fields.h"
#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

constexpr std::array<const char*, 3> kKinds = {"quickfix", "refactor.extract", "refactor.rewrite"};
constexpr int kTagGenerated = 1;  // CodeActionTag.LLMGenerated

// An edit that somebody asked for may take longer and be longer than a completion while typing.
constexpr Limits kResolveLimits = {
    .max_tokens = 256, .max_lines = 64, .candidates = 1, .latency_budget_ms = 0};

const char* kind_of(const Action& action) {
  if (action.kind == Action::Kind::fix) return kKinds[0];
  return action.name.starts_with("extract") ? kKinds[1] : kKinds[2];
}

// Kinds are hierarchical: "refactor" asks for "refactor.extract" too, and the empty kind for everything.
bool is_wanted(const std::optional<std::vector<std::string>>& only, std::string_view kind) {
  if (!only) return true;
  return std::any_of(only->begin(), only->end(), [&](const std::string& wanted) {
    return wanted.empty() || kind == wanted || kind.starts_with(wanted + ".");
  });
}

// --- an action's data, there and back ---

json to_data(const Diagnostic& diagnostic) {
  return {{"begin", diagnostic.range.begin.value},
          {"end", diagnostic.range.end.value},
          {"message", diagnostic.message},
          {"source", diagnostic.source},
          {"code", diagnostic.code}};
}

json to_data(const Document& document, const Action& action) {
  json diagnostics = json::array();
  for (const Diagnostic& diagnostic : action.diagnostics) diagnostics.push_back(to_data(diagnostic));
  return {{"uri", document.uri},           {"version", document.snapshot->version},
          {"revision", document.revision}, {"fix", action.kind == Action::Kind::fix ? 1 : 0},
          {"name", action.name},           {"begin", action.range.begin.value},
          {"end", action.range.end.value}, {"diagnostics", std::move(diagnostics)}};
}

// REQUIRES: nothing; offsets are checked against `limit`, the size of the text.
ByteRange range_of(Fields& data, std::int64_t limit) {
  const std::int64_t begin = data.integer("begin", 0, limit);
  const std::int64_t end = data.integer("end", begin, limit);
  return {{static_cast<std::uint32_t>(begin)}, {static_cast<std::uint32_t>(end)}};
}

struct Chosen {
  DocumentPtr document;
  Action action;
  bool is_stale = false;
};

Result<Chosen> parse_chosen(const Session& session, const json& value) {
  Fields fields(value, "params");
  Fields data = fields.object("data");
  const std::string uri = data.text("uri");
  const std::int64_t revision = data.integer("revision", 0, INT64_MAX);
  Chosen chosen;
  chosen.action.title = fields.text("title");
  fields.adopt(data);
  TRY(fields.status());
  chosen.document = TRY(session.documents.find(uri));
  chosen.is_stale = chosen.document->revision != static_cast<std::uint64_t>(revision);
  if (chosen.is_stale) return chosen;

  const auto limit = static_cast<std::int64_t>(chosen.document->snapshot->text.size());
  chosen.action.kind = data.integer("fix", 0, 1) == 1 ? Action::Kind::fix : Action::Kind::refactor;
  chosen.action.name = data.text("name");
  chosen.action.range = range_of(data, limit);
  for (const json& entry : data.array("diagnostics")) {
    Fields diagnostic(entry, "params.data.diagnostics[]");
    chosen.action.diagnostics.push_back({range_of(diagnostic, limit), diagnostic.text("message"),
                                         diagnostic.text("source"), diagnostic.text("code")});
    data.adopt(diagnostic);
  }
  TRY(data.status());
  return chosen;
}

// --- edits ---

json to_workspace_edit(const Session& session, const Document& document, const std::vector<Edit>& edits) {
  json text_edits = json::array();
  for (const Edit& edit : edits) {
    const Range range =
        to_range(document.snapshot->text, document.lines, edit.range, session.client.encoding);
    text_edits.push_back({{"range", to_json(range)}, {"newText", edit.text}});
  }
  if (!session.client.takes_document_changes) return {{"changes", {{document.uri, std::move(text_edits)}}}};
  json change = {{"textDocument", {{"uri", document.uri}, {"version", document.snapshot->version}}},
                 {"edits", std::move(text_edits)}};
  return {{"documentChanges", json::array({std::move(change)})}};
}

// Runs resolve_action for a request that waits under `ticket`; `finish` runs on the loop, if it waits still.
void resolve(Session& session, Ticket ticket, std::stop_token stop, const DocumentPtr& document,
             const Action& action, std::function<void(const Result<ResolvedAction>&)> finish) {
  ResolveActionRequest request{.snapshot = document->snapshot, .action = action, .limits = kResolveLimits};
  session.generator.when_ready([&session, ticket, stop = std::move(stop), request = std::move(request),
                                finish = std::move(finish)](Generator* generator) {
    if (!session.inflight.contains(ticket)) return;
    if (!generator) return finish(unsupported("there is no model to write the change with"));
    generator->resolve_action(request, stop, [&session, ticket, finish](Result<ResolvedAction> result) {
      session.post([&session, ticket, finish, result = std::move(result)] {
        if (session.inflight.contains(ticket)) finish(result);
      });
    });
  });
}

// The edit is computed when the action was chosen: it is resolved, or its command run.
bool is_edit_later(const Session& session) {
  return session.client.resolves_edits || session.client.applies_edits;
}

// --- codeAction ---

struct Listing {
  DocumentPtr document;
  CodeActionParams params;
  std::vector<Diagnostic> diagnostics;  // in bytes
  std::vector<json> originals;          // the same ones as the client sent them
  ByteRange selection;
  Ticket ticket = 0;
  std::stop_token stop;
};
using ListingPtr = std::shared_ptr<Listing>;

json to_code_action(const Session& session, const Listing& listing, const Action& action) {
  json result = {{"title", action.title}, {"kind", kind_of(action)}};
  json answered = json::array();
  for (const Diagnostic& diagnostic : action.diagnostics) {
    for (std::size_t i = 0; i < listing.diagnostics.size(); ++i) {
      const Diagnostic& given = listing.diagnostics[i];
      if (given.range != diagnostic.range || given.message != diagnostic.message) continue;
      answered.push_back(listing.originals[i]);
      break;
    }
  }
  if (!answered.empty()) result["diagnostics"] = std::move(answered);
  if (session.client.marks_generated_actions) result["tags"] = {kTagGenerated};
  return result;
}

void answer(Session& session, const Listing& listing, json actions) {
  if (auto reply = session.inflight.take(listing.ticket)) reply->result(std::move(actions));
}

// For clients that can neither resolve nor be asked to apply an edit: one action after the other gets its
// edit before the list is answered; an action that has no edit to offer is left out.
void resolve_in_list(Session& session, ListingPtr listing, std::vector<Action> actions, std::size_t next,
                     json done) {
  if (next == actions.size()) return answer(session, *listing, std::move(done));
  const Action& action = actions[next];
  resolve(session, listing->ticket, listing->stop, listing->document, action,
          [&session, listing, actions, next, done](const Result<ResolvedAction>& result) {
            json grown = done;
            if (result.ok() && !result->edits.empty()) {
              json with_edit = to_code_action(session, *listing, actions[next]);
              with_edit["edit"] = to_workspace_edit(session, *listing->document, result->edits);
              grown.push_back(std::move(with_edit));
            }
            resolve_in_list(session, listing, actions, next + 1, std::move(grown));
          });
}

void finish_list(Session& session, const ListingPtr& listing, const Result<std::vector<Action>>& result) {
  if (!session.inflight.contains(listing->ticket)) return;
  if (!result.ok()) {
    spdlog::debug("no code actions: {}", result.error().message);
    return answer(session, *listing, json::array());
  }
  std::vector<Action> actions;
  for (const Action& action : *result) {
    if (is_wanted(listing->params.only, kind_of(action))) actions.push_back(action);
  }
  if (!is_edit_later(session)) return resolve_in_list(session, listing, std::move(actions), 0, json::array());
  json list = json::array();
  for (const Action& action : actions) {
    json entry = to_code_action(session, *listing, action);
    json data = to_data(*listing->document, action);
    if (session.client.resolves_edits) {
      entry["data"] = std::move(data);
    } else {
      json argument = {{"title", action.title}, {"data", std::move(data)}};
      entry["command"] = {
          {"title", action.title}, {"command", command::apply}, {"arguments", {std::move(argument)}}};
    }
    list.push_back(std::move(entry));
  }
  answer(session, *listing, std::move(list));
}

// Diagnostics may be older than the text: those that no longer fit it are left out.
void take_diagnostics(Listing& listing, PositionEncoding encoding) {
  for (LspDiagnostic& given : listing.params.diagnostics) {
    const Document& document = *listing.document;
    const auto range = to_byte_range(document.snapshot->text, document.lines, given.range, encoding);
    if (!range.ok()) continue;
    listing.diagnostics.push_back(
        {*range, std::move(given.message), std::move(given.source), std::move(given.code)});
    listing.originals.push_back(std::move(given.original));
  }
}

void on_code_action(Session& session, CodeActionParams params, Reply reply) {
  auto found = session.documents.find(params.uri);
  if (!found.ok()) return reply.error(found.error());
  auto listing = std::make_shared<Listing>();
  listing->document = *found;
  listing->params = std::move(params);
  const Document& document = *listing->document;
  const auto selection =
      to_byte_range(document.snapshot->text, document.lines, listing->params.range, session.client.encoding);
  if (!selection.ok()) return reply.error(selection.error());
  listing->selection = *selection;
  take_diagnostics(*listing, session.client.encoding);

  const bool has_kind = std::any_of(kKinds.begin(), kKinds.end(),
                                    [&](const char* kind) { return is_wanted(listing->params.only, kind); });
  // Else each rest of the cursor would run the model.
  const bool is_cheap = is_edit_later(session) || !listing->params.is_automatic;
  if (!has_kind || !is_cheap || !may_use(session, document)) return reply.result(json::array());

  const auto started = session.inflight.start(std::move(reply), document.uri, Purpose::code_action);
  listing->ticket = started.ticket;
  listing->stop = started.stop;
  session.generator.when_ready([&session, listing](Generator* generator) {
    if (!session.inflight.contains(listing->ticket)) return;
    if (!generator) return answer(session, *listing, json::array());
    ListActionsRequest request{listing->document->snapshot, listing->selection, listing->diagnostics};
    generator->list_actions(
        std::move(request), listing->stop, [&session, listing](Result<std::vector<Action>> result) {
          session.post(
              [&session, listing, result = std::move(result)] { finish_list(session, listing, result); });
        });
  });
}

// --- a chosen action: codeAction/resolve, or its command ---

using OnEdit = std::function<void(Reply, std::optional<json> edit)>;

// `on_edit` gets the edit; nothing where there is none, which was told to the user by then.
void finish_chosen(Session& session, Ticket ticket, const Document& document,
                   const Result<ResolvedAction>& result, const OnEdit& on_edit) {
  auto reply = session.inflight.take(ticket);
  if (!reply) return;
  if (!result.ok()) {
    if (result.error().code == ErrorCode::stopped) return reply->error(result.error());
    return reply->error(rpc_error::request_failed, result.error().message);
  }
  if (!result->edits.empty())
    return on_edit(std::move(*reply), to_workspace_edit(session, document, result->edits));
  const std::string reason = result->reason.empty() ? "nothing better was found." : result->reason;
  session.show_message(MessageType::info, "Seedling changes nothing: " + reason);
  on_edit(std::move(*reply), std::nullopt);
}

void resolve_chosen(Session& session, const json& action, Reply reply, OnEdit on_edit) {
  auto parsed = parse_chosen(session, action);
  if (!parsed.ok()) return reply.error(parsed.error());
  const Chosen chosen = std::move(*parsed);
  if (chosen.is_stale) {
    return reply.error(rpc_error::content_modified,
                       "the document was changed since the action was offered: ask again");
  }
  if (!may_use(session, *chosen.document)) {
    return reply.error(rpc_error::request_failed, "seedling's settings turn it off for this document");
  }
  const auto started = session.inflight.start(std::move(reply), chosen.document->uri, Purpose::code_action);
  resolve(session, started.ticket, started.stop, chosen.document, chosen.action,
          [&session, ticket = started.ticket, document = chosen.document,
           on_edit = std::move(on_edit)](const Result<ResolvedAction>& result) {
            finish_chosen(session, ticket, *document, result, on_edit);
          });
}

void on_resolve(Session& session, ResolveParams params, Reply reply) {
  resolve_chosen(session, params.action, std::move(reply),
                 [action = params.action](Reply answer, std::optional<json> edit) {
                   json resolved = action;
                   if (edit) resolved["edit"] = std::move(*edit);
                   answer.result(std::move(resolved));
                 });
}

}  // namespace

// Answered before the client applies the edit: a client that waits for the one before it does the other must
// not wait for ever.
void apply_action(Session& session, const json& action, Reply reply) {
  resolve_chosen(session, action, std::move(reply), [&session](Reply answer, std::optional<json> edit) {
    answer.result(nullptr);
    if (edit) session.request("workspace/applyEdit", {{"label", "Seedling"}, {"edit", std::move(*edit)}});
  });
}

void add_code_action(Router& router) {
  router.on_request("textDocument/codeAction", on_code_action);
  router.on_request("codeAction/resolve", on_resolve);
}

}  // namespace seedling
