// engine/cache/open_exports.h
//
// OpenExports: what the documents declare that are open beside the one that is written in, as they stand in
// the editor, saved or not.
//   One thread. Made anew when a document's text has changed. Memory: kMost documents' names; the longest
//   unused ones go first. Errors: stopped when the token was set.
#pragma once

#include <list>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/structure/exports.h"
#include "engine/types.h"

namespace seedling {

class OpenExports {
 public:
  static constexpr std::size_t kMost = 32;

  // One neighbour each, as seen from `path`; one in a language without scopes is left out.
  Result<std::vector<Neighbour>> of(std::span<const SnapshotPtr> documents, std::string_view path,
                                    std::stop_token stop = {});
  void forget(std::string_view document);
  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    SnapshotPtr snapshot;
    std::shared_ptr<const Exports> exports;  // null where its language has no scopes
  };
  Result<std::shared_ptr<const Exports>> exports_at(const SnapshotPtr& snapshot, std::stop_token stop);

  std::list<Kept> kept_;  // the last used first
};

}  // namespace seedling
