#include "lsp/offer.h"

#include <utility>

namespace seedling {
namespace {

// With a selected entry the engine is asked about the text as it would be with that entry accepted.
SnapshotPtr with_selected(const Snapshot& snapshot, const Selected& selected) {
  Snapshot accepted = snapshot;
  accepted.text.replace(selected.range.begin.value, selected.range.size(), selected.text);
  return std::make_shared<const Snapshot>(std::move(accepted));
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

}  // namespace

Result<QuestionPtr> make_question(DocumentPtr document, const InlineCompletionParams& params,
                                  PositionEncoding encoding, const Settings& settings,
                                  std::vector<SnapshotPtr> neighbours) {
  auto question = std::make_shared<Question>();
  question->document = std::move(document);
  const Snapshot& snapshot = *question->document->snapshot;
  const LineIndex& lines = question->document->lines;

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
  question->request.limits = {.max_tokens = settings.max_tokens,
                              .max_lines = settings.max_lines,
                              .candidates = params.is_invoked ? settings.candidates : 1,
                              .latency_budget_ms = settings.latency_budget_ms};
  question->request.is_automatic = !params.is_invoked;
  question->request.neighbours = std::move(neighbours);
  if (!params.is_invoked) question->request.least_confidence = settings.min_confidence;
  return QuestionPtr(std::move(question));
}

std::vector<Edit> edits_of(const Question& question, const std::vector<Completion>& completions) {
  const Document& document = *question.document;
  std::vector<Edit> edits;
  for (const Completion& completion : completions) {
    std::optional<Edit> edit = edit_of(question, completion);
    if (!edit) continue;
    const bool is_one_line =
        document.lines.line_of(edit->range.begin) == document.lines.line_of(edit->range.end);
    if (is_one_line) edits.push_back(std::move(*edit));
  }
  return edits;
}

std::optional<CompleteRequest> question_after(const Question& question, const Edit& accepted) {
  if (question.selected) return std::nullopt;
  CompleteRequest next = question.request;
  Snapshot after = *question.document->snapshot;
  after.text.replace(accepted.range.begin.value, accepted.range.size(), accepted.text);
  next.cursor = {accepted.range.begin.value + static_cast<std::uint32_t>(accepted.text.size())};
  next.snapshot = std::make_shared<const Snapshot>(std::move(after));
  return next;
}

}  // namespace seedling
