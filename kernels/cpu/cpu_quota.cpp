#include "kernels/cpu/cpu_quota.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <vector>

namespace seedling::kernels {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool lists(std::string_view names, std::string_view name) {
  const std::vector<std::string> parts = split(names, ',');
  return std::find(parts.begin(), parts.end(), name) != parts.end();
}

// Where a hierarchy of groups is mounted.
struct Mount {
  std::string root;   // the group that stands at `point`
  std::string point;  // "/sys/fs/cgroup"
  bool is_v2 = false;
};

// A line: id parent device root point options [fields] - type source super-options. Only the mounts that can
// hold a limit.
std::vector<Mount> mounts_with_limits(std::string_view mounts) {
  std::vector<Mount> found;
  for (const std::string& line : split(mounts, '\n')) {
    const std::vector<std::string> fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const bool is_v2 = dash[1] == "cgroup2";
    if (is_v2 || (dash[1] == "cgroup" && lists(dash[3], "cpu")))
      found.push_back({fields[3], fields[4], is_v2});
  }
  return found;
}

// The group's path in /proc/self/cgroup, lines of id:controllers:path; v2 has id 0 and no controllers.
std::string path_in(std::string_view group, bool is_v2) {
  for (const std::string& line : split(group, '\n')) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (is_v2 ? line.starts_with("0::") : lists(controllers, "cpu")) return line.substr(second + 1);
  }
  return "/";
}

// Below a mount that shows only a part of the hierarchy, as in a container.
std::string below(const std::string& path, const std::string& root) {
  if (root == "/") return path;
  if (path.starts_with(root)) return path.substr(root.size());
  return "/";
}

double ratio(const std::string& quota, const std::string& period) {
  double granted = 0, of = 0;
  if (!(std::istringstream(quota) >> granted) || !(std::istringstream(period) >> of)) return kNoLimit;
  return granted > 0 && of > 0 ? granted / of : kNoLimit;
}

double limit_of(const std::string& folder, bool is_v2, const ReadFile& read) {
  if (!is_v2) return ratio(read(folder + "/cpu.cfs_quota_us"), read(folder + "/cpu.cfs_period_us"));
  const std::vector<std::string> fields = split(read(folder + "/cpu.max"), ' ');  // "max 100000"
  return fields.size() == 2 ? ratio(fields[0], fields[1]) : kNoLimit;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int cpu_quota(std::string_view group, std::string_view mounts, const ReadFile& read) {
  double least = kNoLimit;
  for (const Mount& mount : mounts_with_limits(mounts)) {
    std::string path = below(path_in(group, mount.is_v2), mount.root);
    while (true) {
      least = std::min(least, limit_of(mount.point + (path == "/" ? "" : path), mount.is_v2, read));
      if (path.empty() || path == "/") break;
      path.resize(std::min(path.rfind('/'), path.size() - 1));
    }
  }
  constexpr int kMost = std::numeric_limits<int>::max();
  return least < kMost ? std::max(1, static_cast<int>(std::ceil(least))) : kMost;
}

int cpu_quota() {
  return cpu_quota(read_file("/proc/self/cgroup"), read_file("/proc/self/mountinfo"), read_file);
}

}  // namespace seedling::kernels
