// engine/train/corpus/recipe.h
//
// The recipe: the packages the corpus is made of, one JSON object each, in a list. The order of the list
// decides which of two copies stays.
//   {"name": "sympy", "source": "deb" | "deb-src" | "npm", "version": "1.2.3" (npm), "languages": ["python"],
//    "licence": "BSD-3-Clause", "megabytes": 3 (most text kept), "validation": false}
//   Errors: invalid_input naming the file and the package.
#pragma once

#include <string>
#include <vector>

#include "engine/result.h"

namespace seedling {

struct Package {
  enum class Source { deb, deb_src, npm };

  std::string name;
  Source source = Source::deb;
  std::string version;  // npm only; Debian packages come from the release this machine runs
  std::vector<std::string> languages;
  std::string licence;  // SPDX
  double megabytes = 3;
  bool validation = false;
};

std::string source_name(Package::Source source);

Result<std::vector<Package>> parse_recipe(const std::string& text, const std::string& origin);
Result<std::vector<Package>> load_recipe(const std::string& path);

// Only licences that let the text be used, changed and passed on with no more than a notice.
bool is_permissive(const std::string& licence);

}  // namespace seedling
