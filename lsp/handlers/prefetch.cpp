// What would follow an offer once it is accepted, computed while the offer is being read: the next answer is
// then there at once. Nobody has asked for it, so it waits until the person has stopped typing, gives way to
// whatever is asked for in the same document, and is not computed where offers come by hand only.

#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

// Longer than between two keys of somebody who types, shorter than it takes to read an offer.
constexpr std::chrono::milliseconds kStillness{150};

bool may_prefetch(const Session& session, const std::string& uri) {
  return session.settings.prefetch && session.settings.trigger == Trigger::automatic &&
         !is_snoozed(session) && session.generator.loaded() && !session.inflight.contains_document(uri);
}

}  // namespace

void prefetch(Session& session, const CompleteRequest& request) {
  const auto started = session.prefetch.start(request);
  if (!started) return;
  session.generator.loaded()->complete(
      request, started->stop, [&session, number = started->number](Result<std::vector<Completion>> result) {
        session.post(
            [&session, number, result = std::move(result)] { session.prefetch.finish(number, result); });
      });
}

void prefetch_soon(Session& session, const QuestionPtr& question, const Edit& offered) {
  if (!session.settings.prefetch) return;
  session.later(kStillness, [&session, question, offered] {
    const Document& document = *question->document;
    const auto now = session.documents.find(document.uri);
    if (!now.ok() || (*now)->revision != document.revision || !may_prefetch(session, document.uri)) return;
    if (const auto next = question_after(*question, offered)) prefetch(session, *next);
  });
}

void prefetch_at(Session& session, const std::string& uri, ByteOffset cursor) {
  const auto document = session.documents.find(uri);
  if (!document.ok() || !may_use(session, **document) || !may_prefetch(session, uri)) return;
  InlineCompletionParams params;
  params.uri = uri;
  params.position =
      to_position((*document)->snapshot->text, (*document)->lines, cursor, session.client.encoding);
  const auto question = make_question(*document, params, session.client.encoding, session.settings,
                                      snapshots_of(neighbours_of(session, **document)));
  if (question.ok()) prefetch(session, (*question)->request);
}

}  // namespace seedling
