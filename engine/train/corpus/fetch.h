// engine/train/corpus/fetch.h
//
// Gets the packages of a recipe with the ordinary clients (apt-get, npm) and unpacks them in the cache
// folder:
//   CACHE/apt                 a private apt configuration with lists of its own; the system's is only read
//   CACHE/{deb,deb-src,npm}   the packages as downloaded
//   CACHE/tree/SOURCE/NAME    unpacked; a tree is complete when it bears its final name
// Whatever is there already is not done again.
//   Threads: call from one; it runs several clients at once. Errors: one package that cannot be had is a
//   warning and listed as missing; an apt that cannot be set up makes every Debian package missing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/result.h"
#include "engine/train/corpus/recipe.h"

namespace seedling {

struct Fetched {
  std::string tree;     // folder with the package's files; empty if the package is missing
  std::string version;  // as in the name of the downloaded file
};

struct FetchReport {
  std::function<void(std::size_t done, std::size_t all, const std::string& name)> progress;
  std::function<void(const std::string& line)> warning;
};

// One entry per package, in order.
std::vector<Fetched> fetch_packages(const std::vector<Package>& packages, const std::string& cache,
                                    const FetchReport& report);

}  // namespace seedling
