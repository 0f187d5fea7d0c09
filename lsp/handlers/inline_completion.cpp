// textDocument/inlineCompletion: the request that matters.
//
// Neovim sends no cancellation while the user types and shows whatever arrives, so a newer request for a
// document answers the older one itself; which code it gets and why stands in text_sync.cpp.

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

// The entry of the editor's menu that the completion has to extend, and what it replaces.
struct Selected {
  ByteRange range;
  std::string text;
};

struct Question {
  DocumentPtr document;
  ByteOffset cursor;
  std::optional<Selected> selected;
  CompleteRequest request;
};
using QuestionPtr = std::shared_ptr<const Question>;

// With a selected entry the engine is asked about the text as it would be with that entry accepted.
SnapshotPtr with_selected(const Snapshot& snapshot, const Selected& selected) {
  Snapshot accepted = snapshot;
  accepted.text.replace(selected.range.begin.value, selected.range.size(), selected.text);
  return std::make_shared<const Snapshot>(std::move(accepted));
}

Result<QuestionPtr> make_question(const Session& session, const InlineCompletionParams& params) {
  auto question = std::make_shared<Question>();
  question->document = TRY(session.documents.find(params.uri));
  const Snapshot& snapshot = *question->document->snapshot;
  const LineIndex& lines = question->document->lines;
  const PositionEncoding encoding = session.client.encoding;

  question->cursor = TRY(to_offset(snapshot.text, lines, params.position, encoding));
  question->request.snapshot = question->document->snapshot;
  question->request.cursor = question->cursor;
  if (params.selected) {
    const ByteRange range = TRY(to_byte_range(snapshot.text, lines, params.selected->range, encoding));
    if (!range.contains(question->cursor))
      return invalid_input("selectedCompletionInfo.range is not at the position");
    question->selected = Selected{range, params.selected->text};
    question->request.snapshot = with_selected(snapshot, *question->selected);
    question->request.cursor = {range.begin.value + static_cast<std::uint32_t>(params.selected->text.size())};
  }

  const Settings& settings = session.settings;
  question->request.limits = {.max_tokens = settings.max_tokens,
                              .max_lines = settings.max_lines,
                              .candidates = params.is_invoked ? settings.candidates : 1,
                              .latency_budget_ms = settings.latency_budget_ms};
  question->request.is_automatic = !params.is_invoked;
  return QuestionPtr(std::move(question));
}

// The same replacement seen from the document, where the selected entry is not yet accepted; nothing if it
// would not extend that entry in place, as the editor would not show it.
std::optional<Edit> extend_selected(const Question& question, const Completion& completion) {
  const Selected& selected = *question.selected;
  const bool is_in_place =
      completion.replaces.begin >= selected.range.begin && completion.replaces.end == question.request.cursor;
  if (!is_in_place) return std::nullopt;
  const std::uint32_t begin = selected.range.begin.value;
  std::string text = question.request.snapshot->text.substr(begin, completion.replaces.begin.value - begin);
  text += completion.text;
  if (text.size() <= selected.text.size() || !text.starts_with(selected.text)) return std::nullopt;
  return Edit{selected.range, std::move(text)};
}

std::optional<Edit> edit_of(const Question& question, const Completion& completion) {
  const std::string& asked = question.request.snapshot->text;
  const ByteRange replaces = completion.replaces;
  if (replaces.begin > replaces.end || replaces.end.value > asked.size()) return std::nullopt;
  if (question.selected) return extend_selected(question, completion);
  if (!replaces.contains(question.cursor)) return std::nullopt;
  if (asked.compare(replaces.begin.value, replaces.size(), completion.text) == 0) return std::nullopt;
  return Edit{replaces, completion.text};
}

// Optional members are left out where they do not apply: Neovim takes null for a value.
json to_items(const Session& session, const Question& question, const std::vector<Completion>& completions) {
  json items = json::array();
  for (const Completion& completion : completions) {
    const std::optional<Edit> edit = edit_of(question, completion);
    if (!edit) continue;
    const Document& document = *question.document;
    const Range range =
        to_range(document.snapshot->text, document.lines, edit->range, session.client.encoding);
    if (range.start.line != range.end.line) continue;  // the protocol has no such item
    items.push_back({{"insertText", edit->text}, {"range", to_json(range)}});
  }
  return {{"items", std::move(items)}};
}

json no_items() {
  return {{"items", json::array()}};
}

void log_cost(const std::vector<Completion>& completions) {
  for (const Completion& completion : completions) {
    const FillStats& stats = completion.stats;
    if (stats.reused_canvas) {
      spdlog::debug("  the rest of what was offered before");
      continue;
    }
    spdlog::debug(
        "  {} tokens in {} steps (blocks of {} from {:.2f} on, expected {:.2f} a step), prefill {:.1f} ms ({} "
        "of {} tokens reused), denoise {:.1f} ms, confidence {:.2f}",
        stats.tokens, stats.steps, stats.block, stats.threshold, stats.expected_tokens_per_step,
        stats.prefill_ms, stats.reused_tokens, stats.context_tokens,
        stats.denoise_ms, completion.confidence);
  }
}

void finish(Session& session, const Question& question, Ticket ticket,
            const Result<std::vector<Completion>>& result) {
  auto reply = session.inflight.take(ticket);
  if (!reply) return;
  const auto now = session.documents.find(question.document->uri);
  if (!now.ok() || (*now)->revision != question.document->revision) {
    return reply->error(rpc_error::request_cancelled, "the document was changed");
  }
  if (result.ok()) {
    log_cost(*result);
    return reply->result(to_items(session, question, *result));
  }
  // A language we do not have is no failure: there is nothing to show, key after key.
  if (result.error().code == ErrorCode::unsupported) {
    spdlog::debug("no completion: {}", result.error().message);
    return reply->result(no_items());
  }
  if (result.error().code == ErrorCode::stopped) return reply->error(result.error());
  reply->error(rpc_error::request_failed, result.error().message);
}

void on_inline_completion(Session& session, InlineCompletionParams params, Reply reply) {
  session.inflight.cancel_document(params.uri, Purpose::inline_completion, rpc_error::request_cancelled,
                                   "a newer request took its place");
  auto made = make_question(session, params);
  if (!made.ok()) return reply.error(made.error());
  const QuestionPtr question = std::move(*made);
  const bool is_wanted = params.is_invoked || session.settings.trigger == Trigger::automatic;
  if (!is_wanted || !may_use(session, *question->document)) return reply.result(no_items());

  const auto [ticket, stop] =
      session.inflight.start(std::move(reply), params.uri, Purpose::inline_completion);
  session.generator.when_ready([&session, question, ticket = ticket, stop = stop](Generator* generator) {
    if (!session.inflight.contains(ticket)) return;
    if (!generator) return finish(session, *question, ticket, std::vector<Completion>{});
    generator->complete(question->request, stop,
                        [&session, question, ticket](Result<std::vector<Completion>> result) {
                          session.post([&session, question, ticket, result = std::move(result)] {
                            finish(session, *question, ticket, result);
                          });
                        });
  });
}

}  // namespace

void add_inline_completion(Router& router) {
  router.on_request("textDocument/inlineCompletion", on_inline_completion);
}

}  // namespace seedling
