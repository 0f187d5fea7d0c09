#include "engine/train/corpus/recipe.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace seedling {
namespace {

using nlohmann::json;

constexpr const char* kPermissive[] = {"0BSD",
                                       "Apache-2.0",
                                       "BlueOak-1.0.0",
                                       "BSD-2-Clause",
                                       "BSD-3-Clause",
                                       "BSL-1.0",
                                       "CC0-1.0",
                                       "curl",
                                       "ICU",
                                       "ISC",
                                       "libpng-2.0",
                                       "MIT",
                                       "MIT-0",
                                       "PostgreSQL",
                                       "PSF-2.0",
                                       "TCL",
                                       "Unicode-3.0",
                                       "Unlicense",
                                       "Zlib",
                                       "IJG",
                                       "blessing",
                                       "public-domain",
                                       "Apache-2.0 WITH LLVM-exception"};

bool is_package_name(const std::string& name, Package::Source source) {
  if (name.empty() || name[0] == '-' || name[0] == '.') return false;
  const std::string allowed = source == Package::Source::npm ? "@/-._" : "+-.";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || allowed.find(c) != allowed.npos;
  });
}

Result<Package> parse_package(const json& entry, const std::string& origin) {
  Package package;
  try {
    package.name = entry.at("name").get<std::string>();
    const auto source = entry.at("source").get<std::string>();
    if (source != "deb" && source != "deb-src" && source != "npm") {
      return invalid_input(origin + ": " + package.name + ": source must be deb, deb-src or npm");
    }
    package.source = source == "deb"       ? Package::Source::deb
                     : source == "deb-src" ? Package::Source::deb_src
                                           : Package::Source::npm;
    package.version = entry.value("version", "");
    package.languages = entry.at("languages").get<std::vector<std::string>>();
    package.licence = entry.at("licence").get<std::string>();
    package.megabytes = entry.value("megabytes", package.megabytes);
    package.validation = entry.value("validation", false);
  } catch (const json::exception& problem) {
    return invalid_input(origin + ": package \"" + package.name + "\": " + problem.what());
  }
  if (!is_package_name(package.name, package.source)) {
    return invalid_input(origin + ": \"" + package.name + "\" is not a package name");
  }
  if (package.source == Package::Source::npm && package.version.empty()) {
    return invalid_input(origin + ": " + package.name +
                         ": npm packages need a version, so that the corpus can be made again");
  }
  if (!is_permissive(package.licence)) {
    return invalid_input(origin + ": " + package.name + ": licence \"" + package.licence +
                         "\" is not on the permissive list");
  }
  return package;
}

}  // namespace

std::string source_name(Package::Source source) {
  return source == Package::Source::deb ? "deb" : source == Package::Source::deb_src ? "deb-src" : "npm";
}

bool is_permissive(const std::string& licence) {
  return std::any_of(std::begin(kPermissive), std::end(kPermissive),
                     [&](const char* name) { return licence == name; });
}

Result<std::vector<Package>> parse_recipe(const std::string& text, const std::string& origin) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return invalid_input(origin + ": is not a JSON list of packages");
  std::vector<Package> packages;
  std::set<std::pair<std::string, std::string>> seen;
  for (const json& entry : list) {
    Package package = TRY(parse_package(entry, origin));
    if (!seen.insert({source_name(package.source), package.name}).second) {
      return invalid_input(origin + ": " + package.name + " is listed twice");
    }
    packages.push_back(std::move(package));
  }
  return packages;
}

Result<std::vector<Package>> load_recipe(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    return not_found(path + ": cannot be opened; name a recipe, such as engine/train/corpus/recipe.json");
  std::stringstream text;
  text << in.rdbuf();
  return parse_recipe(text.str(), path);
}

}  // namespace seedling
