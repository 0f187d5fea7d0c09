#include "tests/stress/memory.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace seedling::stress {
namespace {

constexpr double kMostGrowth = 1.05;
constexpr long kSlackKb = 512;  // a page here and there is no leak
constexpr std::size_t kLeastSamples = 15;

}  // namespace

double Memory::Growth::percent() const {
  return 100.0 * static_cast<double>(to_kb - from_kb) / static_cast<double>(from_kb);
}

bool Memory::Growth::is_flat() const {
  return static_cast<double>(to_kb) <= static_cast<double>(from_kb) * kMostGrowth + kSlackKb;
}

void Memory::sample(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return resident_kb_.push_back(std::stol(line.substr(6)));
  }
}

std::optional<Memory::Growth> Memory::growth() const {
  const std::size_t count = resident_kb_.size();
  if (count < kLeastSamples) return std::nullopt;
  return Growth{median(count / 5, count / 5 * 2), median(count - count / 5, count)};
}

long Memory::median(std::size_t begin, std::size_t end) const {
  std::vector<long> part(resident_kb_.begin() + static_cast<long>(begin),
                         resident_kb_.begin() + static_cast<long>(end));
  std::nth_element(part.begin(), part.begin() + static_cast<long>(part.size() / 2), part.end());
  return part[part.size() / 2];
}

}  // namespace seedling::stress
