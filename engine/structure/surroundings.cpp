#include "engine/structure/surroundings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "engine/structure/parser.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;

class Follower {
 public:
  Follower(const SurroundingsLimits& limits, std::stop_token stop)
      : limits_(limits), stop_(std::move(stop)) {}

  // What `table`, made from `text` of the file at `path`, depends on.
  Result<Surroundings> follow(const fs::path& path, const ScopeTable& table, std::string_view text) {
    seen_.insert(identity(path));
    is_complete_ = !table.depends_on_files() || !path.empty();
    TRY(read_all_of(path, table, text));
    while (!waiting_.empty() && is_complete_) {
      const fs::path next = std::move(waiting_.back());
      waiting_.pop_back();
      TRY(read(next));
    }
    std::ranges::sort(names_);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    return Surroundings{std::move(names_), is_complete_};
  }

 private:
  static std::string identity(const fs::path& path) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    return (whole.empty() ? path : whole).string();
  }

  // Notes what a file that was just read depends on.
  Result<bool> read_all_of(const fs::path& path, const ScopeTable& table, std::string_view text) {
    for (const Include& include : table.includes()) {
      std::string_view name = text.substr(include.path.begin.value, include.path.size());
      if (!include.is_quoted && name.size() > 2) name = name.substr(1, name.size() - 2);
      const std::optional<fs::path> found = find(path.parent_path(), name);
      if (found) add(*found);
      is_complete_ = is_complete_ && found;
    }
    if (table.includes().empty() && table.depends_on_files()) add_neighbours(path);
    return true;
  }

  // `x.h` beside the file, then in each folder above it.
  std::optional<fs::path> find(fs::path folder, std::string_view name) const {
    std::error_code ignored;
    folder = fs::absolute(folder.empty() ? fs::path(".") : folder, ignored).lexically_normal();
    for (int i = 0; i <= limits_.most_parents; ++i) {
      for (const char* place : {"", "include", "src"}) {
        const fs::path candidate = folder / place / name;
        if (fs::is_regular_file(candidate, ignored)) return candidate;
      }
      const fs::path parent = folder.parent_path();
      if (parent == folder || parent.empty() || parent == folder.root_path()) break;
      folder = parent;
    }
    return std::nullopt;
  }

  void add(const fs::path& path) {
    if (seen_.insert(identity(path)).second) waiting_.push_back(path);
  }

  // The other files of the same kind in the folder.
  void add_neighbours(const fs::path& path) {
    std::error_code failed;
    const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    std::vector<fs::path> found;
    for (auto entry = fs::directory_iterator(folder, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed))
      if (entry->path().extension() == path.extension()) found.push_back(entry->path());
    is_complete_ = is_complete_ && !failed;
    // The order of a folder is the disk's own: sorted, the limits cut the same files everywhere.
    std::ranges::sort(found);
    for (const fs::path& file : found) add(file);
  }

  Result<bool> read(const fs::path& path) {
    std::error_code failed;
    const std::uintmax_t size = fs::file_size(path, failed);
    if (failed || ++files_ > limits_.most_files || size > limits_.most_bytes - bytes_) {
      is_complete_ = false;
      return false;
    }
    bytes_ += size;
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string_view language = language_of_path(path.string());
    if (!file || language.empty()) {
      is_complete_ = false;
      return false;
    }
    const SyntaxTree tree = TRY(parse(text, language, stop_));
    const ScopeTable table = scopes_of(tree, text);
    for (const Declaration& declaration : table.declarations()) names_.push_back(declaration.key);
    is_complete_ = is_complete_ && !ts_node_has_error(tree.root()) && !table.scopes().front().is_open;
    if (table.includes().empty()) return true;  // what lies beside it was noted with the first file
    return read_all_of(path, table, text);
  }

  const SurroundingsLimits& limits_;
  std::stop_token stop_;
  std::set<std::string> seen_;
  std::vector<fs::path> waiting_;
  std::vector<NameKey> names_;
  std::size_t files_ = 0, bytes_ = 0;
  bool is_complete_ = true;
};

}  // namespace

Result<Surroundings> surroundings_of(const Snapshot& snapshot, std::stop_token stop,
                                     const SurroundingsLimits& limits) {
  const SyntaxTree tree = TRY(parse(snapshot.text, snapshot.language, stop));
  const ScopeTable table = scopes_of(tree, snapshot.text);
  if (!table.depends_on_files()) return Surroundings{};
  return Follower(limits, stop).follow(snapshot.path, table, snapshot.text);
}

}  // namespace seedling
