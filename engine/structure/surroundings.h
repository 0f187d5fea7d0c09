// engine/structure/surroundings.h
//
// Reads the files of the workspace that declare names of a text: what it includes (C, C++) or what lies
// beside it in its folder (Go).
//   Reads the disk; any thread. An include is looked for beside the file that names it and in the folders
//   above, there also in include/ and src/; a file is read once, however files include each other. They are
//   complete only if every file was found, read and understood: what the system brings (<stdio.h>), a broken
//   file or one file too many leaves them incomplete, and then nothing is reported as undeclared. Errors:
//   stopped when the token was set, unsupported for an unknown language; a file that cannot be read is none.
#pragma once

#include <cstddef>
#include <stop_token>

#include "engine/result.h"
#include "engine/structure/undeclared.h"

namespace seedling {

struct SurroundingsLimits {
  std::size_t most_files = 200;
  std::size_t most_bytes = std::size_t{16} << 20;  // of all files together
  int most_parents = 8;                            // folders above the file that are looked into
};

// `snapshot.path` names the file on disk, from the working directory or absolute.
Result<Surroundings> surroundings_of(const Snapshot& snapshot, std::stop_token stop = {},
                                     const SurroundingsLimits& limits = {});

}  // namespace seedling
