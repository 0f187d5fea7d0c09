#include "lsp/engine_socket.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

using test::TemporaryFolder;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

TEST_CASE("engine socket: its folder is closed to others") {
  const TemporaryFolder folder;
  const std::string made = folder / "a/b/run";
  CHECK(private_folder(made).value() == made);
  CHECK(mode_of(made) == 0700);
  REQUIRE(chmod(made.c_str(), 0755) == 0);
  CHECK(private_folder(made).ok());
  CHECK(mode_of(made) == 0700);

  std::ofstream(folder / "file") << "x";
  CHECK(private_folder(folder / "file").error().message.find("is no folder") != std::string::npos);
  std::filesystem::create_directory_symlink(made, folder / "link");
  CHECK(private_folder(folder / "link").error().message.find("is no folder") != std::string::npos);
  CHECK(!private_folder(folder / "file/run").ok());
}

TEST_CASE("engine socket: a dead socket is replaced, anything else stays") {
  const TemporaryFolder folder;
  const std::string path = folder / "engine.sock";
  CHECK(!connect_to(path).value().has_value());
  { const Descriptor listening = std::move(listen_at(path).value()); }
  CHECK(mode_of(path) == 0600);
  CHECK(!connect_to(path).value().has_value());  // nobody listens any more
  const Descriptor listening = std::move(listen_at(path).value());
  const auto connected = connect_to(path);
  REQUIRE(connected.ok());
  REQUIRE(connected.value().has_value());
  CHECK(is_own_peer(connected.value()->get()));

  std::ofstream(folder / "file") << "precious";
  CHECK(listen_at(folder / "file").error().message.find("is no socket") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "file"));
}

TEST_CASE("engine socket: one holds the lock, and it names the engine") {
  const TemporaryFolder folder;
  const std::string path = folder / "engine.sock";
  {
    const SocketLock lock = std::move(SocketLock::take(path).value());
    CHECK(lock.engine() == 0);
    CHECK(!SocketLock::try_take(path).has_value());
    lock.write_engine(123456);
    lock.write_engine(77);
  }
  const auto again = SocketLock::try_take(path);
  REQUIRE(again.has_value());
  CHECK(again->engine() == 77);
}

TEST_CASE("engine socket: the second one connects to what the first one started") {
  const TemporaryFolder folder;
  const std::string path = folder / "engine.sock";
  int engine = -1;
  const StartEngine start = [&](const Descriptor& listening) -> Result<pid_t> {
    engine = dup(listening.get());
    return 42;
  };
  const auto first = connect_or_start(path, start);
  REQUIRE(first.ok());
  CHECK(first.value().engine == 42);
  const auto second = connect_or_start(
      path, [](const Descriptor&) -> Result<pid_t> { return not_found("not to be started"); });
  REQUIRE(second.ok());
  CHECK(second.value().engine == 42);
  close(engine);
  CHECK(
      connect_or_start(path, [](const Descriptor&) -> Result<pid_t> { return not_found("nothing to start"); })
          .error()
          .message == "nothing to start");
}

}  // namespace
}  // namespace seedling
