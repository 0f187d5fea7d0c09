// kernels/cpu/cpu_quota.h
//
// How many CPUs' worth of time the control groups of this process grant it: containers limit time, which the
// affinity mask does not show, and threads beyond the quota are stopped for the rest of each period.
//   Knows both versions: cpu.max of v2, cpu.cfs_quota_us and cpu.cfs_period_us of v1; of a group and of those
//   above it the tightest holds. Files that are missing or unreadable mean no limit.
//   Source: Linux, Documentation/admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace seedling::kernels {

// The text of a file, empty if there is none.
using ReadFile = std::function<std::string(const std::string& path)>;

// CPUs, rounded up (a pass is shorter than a period), at least 1; the largest int without a limit.
// group: /proc/self/cgroup; mounts: /proc/self/mountinfo; read: the files they point at.
int cpu_quota(std::string_view group, std::string_view mounts, const ReadFile& read);

// Of this process.
int cpu_quota();

}  // namespace seedling::kernels
