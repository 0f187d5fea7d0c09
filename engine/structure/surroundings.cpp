#include "engine/structure/surroundings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

#include "engine/structure/parser.h"
#include "grammars/words.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;

std::string identity(const fs::path& path) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(path, ignored);
  return (whole.empty() ? path : whole).string();
}

// The nearest folder around the file that has one of the marks in it; empty if there is none.
fs::path project_of(const fs::path& file, std::span<const std::string_view> marks, int most_parents) {
  std::error_code ignored;
  fs::path folder = fs::absolute(file, ignored).lexically_normal().parent_path();
  for (int i = 0; i <= most_parents && folder != folder.root_path(); ++i, folder = folder.parent_path())
    for (const std::string_view mark : marks)
      if (!mark.starts_with('.') && fs::exists(folder / mark, ignored)) return folder;
  return {};
}

}  // namespace

// Follows the files of one text.
class WorkspaceReader::Follower {
 public:
  Follower(WorkspaceReader& reader, std::stop_token stop)
      : reader_(reader), limits_(reader.limits_), stop_(std::move(stop)) {}

  Result<Surroundings> follow(const fs::path& path, const ScopeTable& table, std::string_view text) {
    seen_.insert(identity(path));
    is_complete_ = !path.empty();
    note_includes(path, table.includes(), text);
    // A text that shares names depends on what lies beside it; so do those files, which are the same ones.
    if (table.includes().empty()) add_neighbours(path);
    while (!waiting_.empty() && is_complete_) {
      const std::string next = std::move(waiting_.back());
      waiting_.pop_back();
      const File* file = TRY(reader_.read(next, stop_));
      bytes_ += file->bytes;
      is_complete_ = file->is_understood && ++files_ <= limits_.most_files && bytes_ <= limits_.most_bytes;
      names_.insert(names_.end(), file->names.begin(), file->names.end());
      note_includes(next, file->includes, file->include_text);
    }
    std::ranges::sort(names_);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    return Surroundings{std::move(names_), is_complete_};
  }

 private:
  void note_includes(const fs::path& path, std::span<const Include> includes, std::string_view text) {
    for (const Include& include : includes) {
      std::string_view name = text.substr(include.path.begin.value, include.path.size());
      if (name.starts_with('<')) name = name.substr(1, name.size() - 2);
      const std::optional<fs::path> found = find(path.parent_path(), name);
      if (found) add(*found);
      is_complete_ = is_complete_ && found;
    }
  }

  // `x.h` beside the file, then in each folder above it.
  std::optional<fs::path> find(fs::path folder, std::string_view name) const {
    std::error_code ignored;
    folder = fs::absolute(folder.empty() ? fs::path(".") : folder, ignored).lexically_normal();
    for (int i = 0; i <= limits_.most_parents && folder != folder.root_path(); ++i) {
      for (const char* place : {"", "include", "src"}) {
        const fs::path candidate = folder / place / name;
        if (fs::is_regular_file(candidate, ignored) || reader_.is_open(candidate)) return candidate;
      }
      folder = folder.parent_path();
    }
    return std::nullopt;
  }

  void add(const fs::path& path) {
    std::string whole = identity(path);
    if (seen_.insert(whole).second) waiting_.push_back(std::move(whole));
  }

  // The other files of the same kind in the folder.
  void add_neighbours(const fs::path& path) {
    std::error_code failed;
    const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    for (auto entry = fs::directory_iterator(folder, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed))
      if (entry->path().extension() == path.extension()) add(entry->path());
    is_complete_ = is_complete_ && !failed;
    if (reader_.open_.empty()) return;
    const fs::path whole = identity(folder);
    for (const auto& [open, snapshot] : reader_.open_)
      if (fs::path(open).parent_path() == whole && fs::path(open).extension() == path.extension()) add(open);
  }

  WorkspaceReader& reader_;
  const SurroundingsLimits& limits_;
  std::stop_token stop_;
  std::set<std::string> seen_;
  std::vector<std::string> waiting_;
  std::vector<NameKey> names_;
  std::size_t files_ = 0, bytes_ = 0;
  bool is_complete_ = true;
};

void WorkspaceReader::prefer(std::span<const OpenFile> open) {
  open_.clear();
  for (const OpenFile& one : open) {
    const std::string whole = identity(one.path);
    open_[whole] = one.snapshot;
    files_.erase(whole);
  }
}

bool WorkspaceReader::is_open(const std::filesystem::path& path) const {
  return !open_.empty() && open_.contains(identity(path));
}

Result<const WorkspaceReader::File*> WorkspaceReader::read(const std::string& path, std::stop_token stop) {
  if (const auto open = open_.find(path); open != open_.end()) {
    if (const auto known = files_.find(path); known != files_.end()) return &known->second;
    File file;
    TRY(understand(file, open->second->text, open->second->language, std::move(stop)));
    return &files_.emplace(path, std::move(file)).first->second;
  }
  std::error_code failed;
  const std::int64_t changed = fs::last_write_time(path, failed).time_since_epoch().count();
  File& file = files_[path];
  if (!failed && file.changed == changed) return &file;
  file = File{};
  const std::uintmax_t size = fs::file_size(path, failed);
  const std::string_view language = language_of_path(path);
  if (failed || size > limits_.most_bytes || language.empty()) return &file;

  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  TRY(understand(file, text, language, std::move(stop)));
  file.is_understood = file.is_understood && stream;
  file.changed = changed;
  return &file;
}

Status WorkspaceReader::understand(File& file, std::string_view text, std::string_view language,
                                   std::stop_token stop) {
  const SyntaxTree tree = TRY(parse(text, language, std::move(stop)));
  const ScopeTable table = scopes_of(tree, text);
  for (const Declaration& declaration : table.declarations()) file.names.push_back(declaration.key);
  for (const Include& include : table.includes()) {
    const auto begin = static_cast<std::uint32_t>(file.include_text.size());
    file.include_text += text.substr(include.path.begin.value, include.path.size());
    const auto end = static_cast<std::uint32_t>(file.include_text.size());
    file.includes.push_back({{ByteOffset{begin}, ByteOffset{end}}, include.is_quoted});
  }
  file.is_for_all = table.depends_on_files() || table.scopes().front().is_open;
  file.bytes = text.size();
  file.is_understood = !ts_node_has_error(tree.root()) && !table.scopes().front().is_open;
  return Done{};
}

// [ambient] lists how the files end that declare names for a project, and the files that mark its folder.
Result<Surroundings> WorkspaceReader::ambient_names(const Snapshot& snapshot, const Grammar& grammar,
                                                    std::stop_token stop) {
  const std::vector<std::string_view>& words = words_of(grammar, "ambient");
  if (words.empty() || snapshot.path.empty()) return Surroundings{};
  const fs::path project = project_of(snapshot.path, words, limits_.most_parents);
  if (const auto known = ambient_.find(project.string()); known != ambient_.end()) return known->second;
  Surroundings around{{}, true};
  std::error_code failed;
  int entries = 0;
  std::size_t files = 0;
  if (!project.empty())
    for (auto entry = fs::recursive_directory_iterator(project, failed);
         !failed && entry != fs::recursive_directory_iterator() && ++entries < limits_.most_entries;
         entry.increment(failed)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with('.') || name == "node_modules") entry.disable_recursion_pending();
      const auto is_ending = [&](std::string_view word) {
        return word.starts_with('.') && name.ends_with(word);
      };
      if (std::ranges::none_of(words, is_ending) || !entry->is_regular_file(failed)) continue;
      if (++files > limits_.most_files) break;
      const File* file = TRY(read(entry->path().string(), stop));
      if (file->is_for_all) around.names.insert(around.names.end(), file->names.begin(), file->names.end());
    }
  std::ranges::sort(around.names);
  around.names.erase(std::unique(around.names.begin(), around.names.end()), around.names.end());
  return ambient_.emplace(project.string(), std::move(around)).first->second;
}

Result<Surroundings> WorkspaceReader::surroundings_of(const Snapshot& snapshot, std::stop_token stop) {
  const SyntaxTree tree = TRY(parse(snapshot.text, snapshot.language, stop));
  const ScopeTable table = scopes_of(tree, snapshot.text);
  if (!table.depends_on_files()) return ambient_names(snapshot, tree.grammar(), stop);
  return Follower(*this, stop).follow(snapshot.path, table, snapshot.text);
}

}  // namespace seedling
