// engine/structure/surroundings.h
//
// Reads the files of the workspace that declare names of a text: what it includes (C, C++) or what lies
// beside it in its folder (Go).
//   For TypeScript it reads the .d.ts files of the project that declare names for all of it.
//   Reads the disk, and of open documents what stands in the editor; any thread. An include is looked for
//   beside the file that names it and in the folders above, there also in include/ and src/; a file is read
//   once, however files include each other. They are complete only if every file was found, read and
//   understood: what the system brings (<stdio.h>), a broken file or one file too many leaves them
//   incomplete, and then nothing is reported as undeclared. Errors: stopped when the token was set,
//   unsupported for an unknown language; a file that cannot be read is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/open_file.h"
#include "engine/result.h"
#include "engine/structure/undeclared.h"

namespace seedling {

struct SurroundingsLimits {
  std::size_t most_files = 200;
  std::size_t most_bytes = std::size_t{16} << 20;  // of all files together
  int most_parents = 8;                            // folders above the file that are looked into
  int most_entries = 5000;                         // files and folders of a project that are looked at
};

// Remembers what it has read, so that the files of a folder can be asked one after the other. One thread.
class WorkspaceReader {
 public:
  explicit WorkspaceReader(const SurroundingsLimits& limits = {}) : limits_(limits) {}

  // From now on these texts are read in place of the files, which need not be there yet.
  void prefer(std::span<const OpenFile> open);

  // `snapshot.path` names the file on disk, from the working directory or absolute.
  Result<Surroundings> surroundings_of(const Snapshot& snapshot, std::stop_token stop = {});

 private:
  struct File {
    std::int64_t changed = 0;  // when, by the file system's clock
    std::vector<NameKey> names;
    std::vector<Include> includes;  // with the text they are ranges of
    std::string include_text;
    std::size_t bytes = 0;
    bool is_understood = false;
    bool is_for_all = false;  // other files see its names without including it
  };
  class Follower;
  Result<Surroundings> ambient_names(const Snapshot& snapshot, const Grammar& grammar, std::stop_token stop);
  Result<const File*> read(const std::string& path, std::stop_token stop);
  bool is_open(const std::filesystem::path& path) const;
  Status understand(File& file, std::string_view text, std::string_view language, std::stop_token stop);

  SurroundingsLimits limits_;
  std::map<std::string, File> files_;
  std::map<std::string, SnapshotPtr> open_;      // by where the file lies or would lie
  std::map<std::string, Surroundings> ambient_;  // by the folder of the project
};

}  // namespace seedling
