// textDocument/inlineCompletion, the request that matters, and textDocument/completion for clients without
// it.
//
// Neovim sends no cancellation while the user types and shows whatever arrives, so a newer request for a
// document answers the older one itself; which code it gets and why stands in text_sync.cpp.

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "lsp/handlers/handlers.h"
#include "lsp/trigger.h"

namespace seedling {
namespace {

constexpr int kKindSnippet = 15;  // CompletionItemKind
constexpr int kPlainText = 1;     // InsertTextFormat
constexpr int kAsIs = 1;          // InsertTextMode

// Behind everything that a tool knows for sure.
constexpr const char* kSortedLast = "\xEF\xBF\xBD";

// The client runs it once the item was accepted, which is all the protocol has to tell us so.
json accepted_command(const Document& document, const Edit& edit) {
  const auto end = edit.range.begin.value + edit.text.size();
  return {{"title", "Accepted"}, {"command", command::accepted}, {"arguments", {document.uri, end}}};
}

json range_of(const Session& session, const Document& document, ByteRange range) {
  return to_json(to_range(document.snapshot->text, document.lines, range, session.client.encoding));
}

// Optional members are left out where they do not apply: Neovim takes null for a value.
json to_inline_items(const Session& session, const Question& question, const std::vector<Edit>& edits) {
  json items = json::array();
  for (const Edit& edit : edits) {
    items.push_back({{"insertText", edit.text},
                     {"range", range_of(session, *question.document, edit.range)},
                     {"command", accepted_command(*question.document, edit)}});
  }
  return {{"items", std::move(items)}};
}

// Menus filter by the word at the cursor, so that word belongs to the item.
json to_menu_items(const Session& session, const Question& question, const std::vector<Edit>& edits) {
  const std::string& text = question.document->snapshot->text;
  json items = json::array();
  for (const Edit& edit : edits) {
    const ByteOffset start = word_start(text, edit.range.begin);
    const std::string whole = text.substr(start.value, edit.range.begin.value - start.value) + edit.text;
    const std::string first_line = whole.substr(0, whole.find('\n'));
    json item = {
        {"label", first_line == whole ? whole : first_line + " \u2026"},
        {"kind", kKindSnippet},
        {"detail", "Seedling"},
        {"sortText", kSortedLast},
        {"filterText", first_line},
        {"insertTextFormat", kPlainText},
        {"insertTextMode", kAsIs},
        {"textEdit",
         {{"range", range_of(session, *question.document, {start, edit.range.end})}, {"newText", whole}}},
        {"command", accepted_command(*question.document, edit)}};
    if (first_line != whole) item["documentation"] = whole;
    items.push_back(std::move(item));
  }
  return {{"isIncomplete", true}, {"items", std::move(items)}};
}

json to_items(const Session& session, const Question& question, Purpose purpose,
              const std::vector<Edit>& edits) {
  return purpose == Purpose::completion ? to_menu_items(session, question, edits)
                                        : to_inline_items(session, question, edits);
}

void log_cost(const std::vector<Completion>& completions) {
  for (const Completion& completion : completions) {
    const FillStats& stats = completion.stats;
    if (stats.reused_canvas) {
      spdlog::debug("  the rest of what was offered before");
      continue;
    }
    spdlog::debug(
        "  {} tokens in {} steps (blocks of {} from {:.2f} on, expected {:.2f} a step), prefill {:.1f} ms "
        "({} "
        "of {} tokens reused), denoise {:.1f} ms, confidence {:.2f}",
        stats.tokens, stats.steps, stats.block, stats.threshold, stats.expected_tokens_per_step,
        stats.prefill_ms, stats.reused_tokens, stats.context_tokens, stats.denoise_ms, completion.confidence);
  }
}

struct Asked {
  QuestionPtr question;
  Purpose purpose;
  Ticket ticket = 0;
};

void finish(Session& session, const Asked& asked, const Result<std::vector<Completion>>& result) {
  auto reply = session.inflight.take(asked.ticket);
  if (!reply) return;
  const Question& question = *asked.question;
  const auto now = session.documents.find(question.document->uri);
  if (!now.ok() || (*now)->revision != question.document->revision) {
    return reply->error(rpc_error::request_cancelled, "the document was changed");
  }
  if (result.ok()) {
    log_cost(*result);
    const std::vector<Edit> edits = edits_of(question, *result);
    reply->result(to_items(session, question, asked.purpose, edits));
    if (!edits.empty() && question.request.is_automatic)
      prefetch_soon(session, asked.question, edits.front());
    return;
  }
  // A language we do not have is no failure: there is nothing to show, key after key.
  if (result.error().code == ErrorCode::unsupported) {
    spdlog::debug("no completion: {}", result.error().message);
    return reply->result(to_items(session, question, asked.purpose, {}));
  }
  if (result.error().code == ErrorCode::stopped) return reply->error(result.error());
  reply->error(rpc_error::request_failed, result.error().message);
}

bool is_wanted(const Session& session, const Question& question) {
  if (!may_use(session, *question.document)) return false;
  if (!question.request.is_automatic) return true;
  if (session.settings.trigger == Trigger::manual || is_snoozed(session)) return false;
  return question.selected || is_place_to_offer(question.document->snapshot->text, question.cursor);
}

void ask(Session& session, const InlineCompletionParams& params, Purpose purpose, Reply reply) {
  session.inflight.cancel_document(params.uri, purpose, rpc_error::request_cancelled,
                                   "a newer request took its place");
  auto document = session.documents.find(params.uri);
  if (!document.ok()) return reply.error(document.error());
  auto made = make_question(*document, params, session.client.encoding, session.settings,
                            snapshots_of(neighbours_of(session, **document)));
  if (!made.ok()) return reply.error(made.error());
  const QuestionPtr question = std::move(*made);
  if (!is_wanted(session, *question)) return reply.result(to_items(session, *question, purpose, {}));

  const auto [ticket, stop] = session.inflight.start(std::move(reply), params.uri, purpose);
  const Asked asked{question, purpose, ticket};
  const auto on_result = [&session, asked](const Result<std::vector<Completion>>& result) {
    finish(session, asked, result);
  };
  if (session.prefetch.adopt(question->request, stop, on_result)) return;
  session.generator.when_ready([&session, asked, on_result, stop = stop](Generator* generator) {
    if (!session.inflight.contains(asked.ticket)) return;
    if (!generator) return on_result(std::vector<Completion>{});
    generator->complete(asked.question->request, stop,
                        [&session, on_result](Result<std::vector<Completion>> result) {
                          session.post([on_result, result = std::move(result)] { on_result(result); });
                        });
  });
}

void on_inline_completion(Session& session, InlineCompletionParams params, Reply reply) {
  ask(session, params, Purpose::inline_completion, std::move(reply));
}

void on_completion(Session& session, CompletionParams params, Reply reply) {
  ask(session, {std::move(params.uri), params.position, false, std::nullopt}, Purpose::completion,
      std::move(reply));
}

}  // namespace

void add_inline_completion(Router& router) {
  router.on_request("textDocument/inlineCompletion", on_inline_completion);
  router.on_request("textDocument/completion", on_completion);
}

}  // namespace seedling
