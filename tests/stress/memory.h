// tests/stress/memory.h
//
// Memory: what one process keeps resident while it lives, and whether that grows.
//   A fifth of its life is its warm-up: caches fill, pages of the model are read. From then to its end it may
//   grow by a twentieth. Medians, so that one sample says nothing. One thread. Errors: none; a process that
//   is gone is not sampled, and of one that lived too briefly nothing is said.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

namespace seedling::stress {

class Memory {
 public:
  struct Growth {
    long from_kb = 0, to_kb = 0;  // after the warm-up, at the end
    double percent() const;
    bool is_flat() const;
  };

  void sample(pid_t process);
  // Nothing where there are too few samples.
  std::optional<Growth> growth() const;

 private:
  long median(std::size_t begin, std::size_t end) const;

  std::vector<long> resident_kb_;
};

}  // namespace seedling::stress
