#include "engine/cache/open_exports.h"

#include <algorithm>

namespace seedling {

Result<std::shared_ptr<const Exports>> OpenExports::exports_at(const SnapshotPtr& snapshot,
                                                               std::stop_token stop) {
  const auto found = std::ranges::find_if(
      kept_, [&](const Kept& kept) { return document_of(*kept.snapshot) == document_of(*snapshot); });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    const Snapshot& known = *kept_.front().snapshot;
    const bool is_same = kept_.front().snapshot == snapshot ||
                         (known.path == snapshot->path && known.language == snapshot->language &&
                          known.text == snapshot->text);
    if (is_same) return kept_.front().exports;
    kept_.pop_front();
  }
  std::shared_ptr<const Exports> exports;
  const Result<ScopeTable> table = scopes_of(snapshot->text, snapshot->language, stop);
  if (table.ok()) {
    exports = std::make_shared<const Exports>(exports_of(table.value(), snapshot->text, snapshot->path));
  } else if (table.error().code != ErrorCode::unsupported) {
    return table.error();
  }
  kept_.push_front({snapshot, exports});
  if (kept_.size() > kMost) kept_.pop_back();
  return exports;
}

Result<std::vector<Neighbour>> OpenExports::of(std::span<const SnapshotPtr> documents, std::string_view path,
                                               std::stop_token stop) {
  std::vector<Neighbour> neighbours;
  for (const SnapshotPtr& document : documents) {
    std::shared_ptr<const Exports> exports = TRY(exports_at(document, stop));
    if (exports == nullptr) continue;
    neighbours.push_back({std::move(exports), folder_of(document->path) == folder_of(path)});
  }
  return neighbours;
}

void OpenExports::forget(std::string_view document) {
  kept_.remove_if([&](const Kept& kept) { return document_of(*kept.snapshot) == document; });
}

}  // namespace seedling
