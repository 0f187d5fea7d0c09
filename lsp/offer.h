// lsp/offer.h
//
// From a position to the engine's question, and from its answer to what an editor can show.
//   Pure; the loop thread's documents and settings go in, plain values come out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/generator.h"
#include "lsp/document.h"
#include "lsp/protocol.h"
#include "lsp/settings.h"

namespace seedling {

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

// Errors: a position or an entry that does not fit the document.
Result<QuestionPtr> make_question(DocumentPtr document, const InlineCompletionParams& params,
                                  PositionEncoding encoding, const Settings& settings,
                                  std::vector<SnapshotPtr> neighbours = {});

// The completions as edits of the document that was asked about; those that no editor could show are left
// out. The range of an edit lies on one line, as the protocol wants it.
std::vector<Edit> edits_of(const Question& question, const std::vector<Completion>& completions);

// What will follow once the edit is accepted; nothing where an entry of a menu was selected, as then nobody
// can say what the document will be.
std::optional<CompleteRequest> question_after(const Question& question, const Edit& accepted);

}  // namespace seedling
