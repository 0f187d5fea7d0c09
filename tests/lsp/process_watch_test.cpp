// Another process: that it ends is told once it has, by itself or by us.

#include "lsp/process_watch.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace seedling {
namespace {

// See lsp/CMakeLists.txt: with <cstdlib> before it asio would choose aligned_alloc here, and not in every
// file.
#ifdef ASIO_HAS_STD_ALIGNED_ALLOC
#error "asio must take memory in the same way in every file"
#endif

// Lives until it is let go or killed.
class Child {
 public:
  Child() {
    REQUIRE(pipe(gate_.data()) == 0);
    process_ = fork();
    REQUIRE(process_ >= 0);
    if (process_ != 0) return;
    dup2(gate_[0], STDIN_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);  // the gates of others among them
    char byte = 0;
    _exit(read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1);
  }
  ~Child() {
    let_go();
    close(gate_[0]);
    waitpid(process_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void let_go() {
    if (gate_[1] >= 0) close(gate_[1]);
    gate_[1] = -1;
  }
  pid_t process() const { return process_; }

 private:
  std::array<int, 2> gate_{};
  pid_t process_ = 0;
};

TEST_CASE("process watch: the end of a process is told, and of nothing else") {
  asio::io_context loop;
  Child by_itself, killed, stays;
  int ends = 0;
  ProcessWatch first(loop, by_itself.process()), second(loop, killed.process());
  first.when_ended([&ends] { ++ends; });
  second.when_ended([&ends] { ends += 10; });
  {
    ProcessWatch dropped(loop, stays.process());
    dropped.when_ended([&ends] { ends += 100; });
  }
  loop.poll();
  CHECK(ends == 0);
  loop.restart();
  by_itself.let_go();
  loop.run_one();
  CHECK(ends == 1);
  CHECK(second.kill());
  loop.run_one();
  CHECK(ends == 11);
}

TEST_CASE("process watch: a process that is not there never ends, and cannot be killed") {
  asio::io_context loop;
  for (const std::int64_t process : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    ProcessWatch watch(loop, process);
    watch.when_ended([] { FAIL("there is no such process"); });
    CHECK(!watch.kill());
  }
  loop.poll();
}

}  // namespace
}  // namespace seedling
