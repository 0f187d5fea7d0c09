// cli/interrupt.h
//
// Ctrl-C while one of these lives: the first asks to stop cleanly, the second ends the program.
//   One at a time; main thread.
#pragma once

namespace seedling::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  bool is_requested() const;
};

}  // namespace seedling::cli
