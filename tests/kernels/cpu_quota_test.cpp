// What control groups grant, over files that are not there.
#include "kernels/cpu/cpu_quota.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>

namespace seedling::kernels {
namespace {

constexpr int kUnlimited = std::numeric_limits<int>::max();
constexpr const char* kV2Mount =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kV1Mounts =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n";

using Files = std::map<std::string, std::string>;

int quota(const char* group, const char* mounts, const Files& files) {
  return cpu_quota(group, mounts, [&](const std::string& path) {
    const auto file = files.find(path);
    return file == files.end() ? std::string() : file->second;
  });
}

TEST_CASE("cpu quota: version 2, the tightest of a group and those above it, rounded up") {
  const char* group = "0::/user.slice/build\n";
  const std::string build = "/sys/fs/cgroup/user.slice/build/cpu.max",
                    user = "/sys/fs/cgroup/user.slice/cpu.max";
  CHECK(quota(group, kV2Mount, {{build, "150000 100000\n"}}) == 2);
  CHECK(quota(group, kV2Mount, {{build, "300000 100000\n"}, {user, "50000 100000\n"}}) == 1);
  CHECK(quota(group, kV2Mount, {{build, "max 100000\n"}, {user, "800000 100000\n"}}) == 8);
  CHECK(quota(group, kV2Mount, {{build, "max 100000\n"}}) == kUnlimited);
  CHECK(quota("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max", "20000 10000\n"}}) == 2);
}

TEST_CASE("cpu quota: version 1, beside a version 2 that limits nothing") {
  const char* group = "9:cpuset:/x\n4:cpu,cpuacct:/docker/ab\n0::/docker/ab\n";
  const std::string folder = "/sys/fs/cgroup/cpu,cpuacct/docker/ab/";
  const Files files = {{folder + "cpu.cfs_quota_us", "400000\n"}, {folder + "cpu.cfs_period_us", "100000\n"}};
  CHECK(quota(group, kV1Mounts, files) == 4);
  CHECK(quota(group, (std::string(kV1Mounts) + kV2Mount).c_str(), files) == 4);
  CHECK(quota(group, kV1Mounts,
              {{folder + "cpu.cfs_quota_us", "-1\n"}, {folder + "cpu.cfs_period_us", "100000\n"}}) ==
        kUnlimited);
}

TEST_CASE("cpu quota: a container sees its own group at the mount point") {
  const char* mounts = "32 31 0:29 /docker/ab /sys/fs/cgroup/cpu ro,relatime - cgroup cgroup rw,cpu\n";
  const Files files = {{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "250000\n"},
                       {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}};
  CHECK(quota("4:cpu:/docker/ab\n", mounts, files) == 3);
  CHECK(quota("4:cpu:/elsewhere\n", mounts, files) == 3);
}

TEST_CASE("cpu quota: what cannot be read limits nothing") {
  CHECK(quota("", "", {}) == kUnlimited);
  CHECK(quota("0::/a", kV2Mount, {}) == kUnlimited);
  CHECK(quota("nonsense\n::\n", "1 2 3\n- - -\n1 2 3 4 5 6 - cgroup2\n", {}) == kUnlimited);
  for (const char* text : {"", "\n", "max", "100000", "0 0\n", "x 100000\n", "-5 100000\n", "1 2 3\n"}) {
    CAPTURE(text);
    CHECK(quota("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max", text}}) == kUnlimited);
  }
  CHECK(quota("0::/\n", kV2Mount, {{"/sys/fs/cgroup/cpu.max", "1 100000"}}) == 1);
  CHECK(quota("0::no-slash\n", kV2Mount, {}) == kUnlimited);
  CHECK(cpu_quota() >= 1);
}

}  // namespace
}  // namespace seedling::kernels
