#include "lsp/document.h"

#include <algorithm>
#include <utility>

namespace seedling {

Result<std::string> apply_changes(std::string text, const LineIndex& lines,
                                  std::span<const TextChange> changes, PositionEncoding encoding) {
  const LineIndex* index = &lines;
  std::optional<LineIndex> changed;
  for (const TextChange& change : changes) {
    if (change.range) {
      const ByteRange range = TRY(to_byte_range(text, *index, *change.range, encoding));
      text.replace(range.begin.value, range.size(), change.text);
    } else {
      text = change.text;
    }
    if (&change != &changes.back()) index = &changed.emplace(text);
  }
  return text;
}

void DocumentStore::open(std::string uri, Snapshot snapshot) {
  dropped_.erase(uri);
  auto shared = std::make_shared<const Snapshot>(std::move(snapshot));
  LineIndex lines(shared->text);
  open_[uri] =
      std::make_shared<const Document>(Document{uri, std::move(shared), std::move(lines), ++last_revision_});
}

Status DocumentStore::change(const std::string& uri, std::optional<std::int64_t> version,
                             std::span<const TextChange> changes, PositionEncoding encoding) {
  const DocumentPtr before = TRY(find(uri));
  const Snapshot& snapshot = *before->snapshot;
  auto text = apply_changes(snapshot.text, before->lines, changes, encoding);
  if (!text.ok()) {
    drop(uri);
    return std::move(text.error());
  }
  open(uri, {snapshot.path, snapshot.language, version.value_or(snapshot.version + 1), std::move(*text),
             snapshot.document});
  return Done{};
}

void DocumentStore::drop(const std::string& uri) {
  if (open_.erase(uri) > 0) dropped_.insert(uri);
}

void DocumentStore::close(const std::string& uri) {
  open_.erase(uri);
  dropped_.erase(uri);
}

std::vector<std::string> DocumentStore::uris() const {
  std::vector<std::string> uris;
  for (const auto& [uri, document] : open_) uris.push_back(uri);
  return uris;
}

std::vector<DocumentPtr> DocumentStore::neighbours_of(const Document& document) const {
  const auto folder_of = [](const Document& one) {
    return std::string_view(one.uri).substr(0, one.uri.rfind('/'));
  };
  const std::string_view folder = folder_of(document);
  std::vector<DocumentPtr> others;
  for (const auto& [uri, other] : open_)
    if (uri != document.uri && other->snapshot->language == document.snapshot->language)
      others.push_back(other);
  std::ranges::sort(others, [&](const DocumentPtr& a, const DocumentPtr& b) {
    const bool is_a_beside = folder_of(*a) == folder, is_b_beside = folder_of(*b) == folder;
    return is_a_beside != is_b_beside ? is_a_beside : a->revision > b->revision;
  });
  return others;
}

Result<DocumentPtr> DocumentStore::find(const std::string& uri) const {
  if (const auto found = open_.find(uri); found != open_.end()) return found->second;
  if (dropped_.contains(uri)) {
    return invalid_input(
        "the document is out of step with the editor since a change that did not fit it: close it and "
        "open it again: " +
        uri);
  }
  return not_found("the document is not open: " + uri);
}

}  // namespace seedling
