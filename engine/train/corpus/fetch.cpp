#include "engine/train/corpus/fetch.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "engine/train/corpus/subprocess.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
constexpr int kClientsAtOnce = 4;

std::string with_dashes(std::string name) {  // @scope/name -> scope-name, as npm pack names its files
  std::erase(name, '@');
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

// The downloaded file of a package, empty if there is none.
std::string downloaded_file(const Package& package, const std::string& cache) {
  const std::string folder = cache + "/" + source_name(package.source);
  if (package.source == Package::Source::npm) {
    const std::string path = folder + "/" + with_dashes(package.name) + "-" + package.version + ".tgz";
    return fs::exists(path) ? path : std::string();
  }
  std::error_code ignored;
  std::string found;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(package.name + "_") || name.ends_with(".asc")) continue;
    const bool wanted = package.source == Package::Source::deb ? name.ends_with(".deb")
                                                               : name.find(".orig.tar.") != name.npos;
    if (wanted && entry.path().string() > found) found = entry.path().string();
  }
  return found;
}

std::string version_of(const Package& package, const std::string& file) {
  if (package.source == Package::Source::npm) return package.version;
  std::string name = fs::path(file).filename().string().substr(package.name.size() + 1);
  if (const std::size_t end = name.find(".orig.tar."); end != name.npos) return name.substr(0, end);
  return name.substr(0, name.find('_'));
}

std::string quoted(const std::string& path) {
  return "\"" + path + "\"";
}

// The mirror and the release are those that this machine's own apt uses.
Result<std::string> set_up_apt(const std::string& cache) {
  const std::string dir = fs::absolute(cache + "/apt").string();
  const std::string configuration = dir + "/apt.conf";
  const std::string ready = dir + "/ready";
  if (fs::exists(ready)) return configuration;
  const std::string targets = TRY(run_command(
      {{"apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"}, "", {}}));
  std::istringstream lines(targets);
  std::string mirror, release, line;
  while (mirror.empty() && std::getline(lines, line)) {
    if (line.find("security") != line.npos || line.find("updates") != line.npos) continue;
    std::istringstream(line) >> mirror >> release;
  }
  if (release.empty()) return not_found("apt has no package lists: run `apt-get update` first");
  fs::create_directories(dir + "/state/lists/partial");
  fs::create_directories(dir + "/cache/archives/partial");
  std::ofstream(dir + "/status").flush();
  const std::string entry =
      " [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " + mirror + " " + release + " main\n";
  std::ofstream(dir + "/sources.list") << "deb" << entry << "deb-src" << entry;
  std::ofstream(configuration) << "Dir::State " << quoted(dir + "/state") << ";\n"
                               << "Dir::State::status " << quoted(dir + "/status") << ";\n"
                               << "Dir::Cache " << quoted(dir + "/cache") << ";\n"
                               << "Dir::Etc::sourcelist " << quoted(dir + "/sources.list") << ";\n"
                               << "Dir::Etc::sourceparts \"/dev/null\";\n"
                               << "Acquire::Languages \"none\";\nDebug::NoLocking \"1\";\n"
                               << "APT::Sandbox::User \"root\";\n";
  TRY(run_command({{"apt-get", "-q", "update"}, "", {{"APT_CONFIG", configuration}}}));
  std::ofstream(ready).flush();
  return configuration;
}

Status download(const Package& package, const std::string& cache, const std::string& apt_configuration) {
  const std::string folder = cache + "/" + source_name(package.source);
  Command command;
  command.dir = folder;
  switch (package.source) {
    case Package::Source::deb:
      command.words = {"apt-get", "-q", "download", package.name};
      break;
    case Package::Source::deb_src:
      command.words = {"apt-get", "-q", "source", "--download-only", "--only-source", package.name};
      break;
    case Package::Source::npm:
      command.words = {"npm", "pack", "--silent", "--ignore-scripts", package.name + "@" + package.version};
      break;
  }
  if (package.source != Package::Source::npm) command.environment = {{"APT_CONFIG", apt_configuration}};
  const auto done = run_command(command);
  // A Debian patch that is gone from the mirror does not matter as long as the upstream archive came.
  if (!downloaded_file(package, cache).empty()) return Done{};
  return done.ok() ? not_found("nothing was downloaded") : Status(done.error());
}

Status unpack(const Package& package, const std::string& file, const std::string& tree) {
  const std::string unfinished = tree + ".part";
  std::error_code ignored;
  fs::remove_all(unfinished, ignored);
  fs::create_directories(unfinished);
  Command command;
  if (package.source == Package::Source::deb) {
    command.words = {"dpkg-deb", "-x", file, unfinished};
  } else {
    command.words = {"tar", "-xf", file, "--no-same-owner", "--no-same-permissions", "-C", unfinished};
  }
  TRY(run_command(command));
  fs::rename(unfinished, tree, ignored);
  return ignored ? invalid_input(tree + ": cannot be created") : Status(Done{});
}

Result<Fetched> fetch_one(const Package& package, const std::string& cache, const Result<std::string>& apt) {
  std::string file = downloaded_file(package, cache);
  if (file.empty()) {
    if (package.source != Package::Source::npm && !apt.ok()) return apt.error();
    TRY(download(package, cache, apt.ok() ? apt.value() : std::string()));
    file = downloaded_file(package, cache);
  }
  const std::string tree = cache + "/tree/" + source_name(package.source) + "/" + with_dashes(package.name);
  if (!fs::exists(tree)) TRY(unpack(package, file, tree));
  return Fetched{tree, version_of(package, file)};
}

}  // namespace

std::vector<Fetched> fetch_packages(const std::vector<Package>& packages, const std::string& cache_dir,
                                    const FetchReport& report) {
  const std::string cache = fs::absolute(cache_dir).string();
  for (const char* folder : {"/deb", "/deb-src", "/npm", "/tree/deb", "/tree/deb-src", "/tree/npm"}) {
    fs::create_directories(cache + folder);
  }
  const bool needs_apt = std::any_of(packages.begin(), packages.end(), [&](const Package& package) {
    return package.source != Package::Source::npm && downloaded_file(package, cache).empty();
  });
  const Result<std::string> apt = needs_apt ? set_up_apt(cache) : Result<std::string>(std::string());
  if (!apt.ok()) report.warning("Debian packages cannot be had: " + apt.error().message);

  std::vector<Fetched> fetched(packages.size());
  std::atomic<std::size_t> next{0}, done{0};
  std::mutex report_lock;
  auto work = [&] {
    for (std::size_t i = next++; i < packages.size(); i = next++) {
      auto one = fetch_one(packages[i], cache, apt);
      const std::lock_guard lock(report_lock);
      if (one.ok()) {
        fetched[i] = std::move(*one);
      } else {
        report.warning(packages[i].name + " is missing: " + one.error().message);
      }
      report.progress(++done, packages.size(), packages[i].name);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < kClientsAtOnce; ++i) threads.emplace_back(work);
  threads.clear();  // joins
  return fetched;
}

}  // namespace seedling
