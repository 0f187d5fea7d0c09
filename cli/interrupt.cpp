#include "cli/interrupt.h"

#include <csignal>

namespace seedling::cli {
namespace {

volatile std::sig_atomic_t requested = 0;

void on_interrupt(int) {
  requested = 1;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

Interrupt::Interrupt() {
  requested = 0;
  std::signal(SIGINT, on_interrupt);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
}

bool Interrupt::is_requested() const {
  return requested != 0;
}

}  // namespace seedling::cli
