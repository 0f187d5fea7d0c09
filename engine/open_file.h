// engine/open_file.h
//
// OpenFile: a document that is open, whose text takes the place of what is on the disk.
//   Plain data.
#pragma once

#include <string>

#include "engine/types.h"

namespace seedling {

struct OpenFile {
  std::string path;  // the whole path of its file, which need not be there yet
  SnapshotPtr snapshot;
};

}  // namespace seedling
