#include "lsp/engine_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

namespace seedling {
namespace {

constexpr int kBacklog = 64;
constexpr std::chrono::milliseconds kLockTurn{5};
constexpr int kLockTurns = 600;  // three seconds

Error failed(const std::string& what) {
  return invalid_input(what + ": " + std::generic_category().message(errno));
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return invalid_input(path + ": too long a path for a socket; choose a shorter one");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Descriptor> new_socket() {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return failed("no socket can be made");
  return socket;
}

Result<Descriptor> open_lock(const std::string& socket_path) {
  const std::string path = socket_path + ".lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return failed(path + " cannot be opened");
  return file;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() {
  return std::exchange(number_, -1);
}

Result<std::string> private_folder(const std::string& path) {
  std::error_code problem;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path + " cannot be made");
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return failed(path + " cannot be read");
  if (!S_ISDIR(status.st_mode)) return invalid_input(path + " is no folder: remove it");
  if (status.st_uid != ::geteuid()) return invalid_input(path + " belongs to somebody else: remove it");
  if ((status.st_mode & 077) != 0 && ::chmod(path.c_str(), 0700) != 0)
    return failed(path + " is open to others and cannot be closed");
  return path;
}

Result<Descriptor> listen_at(const std::string& path) {
  const sockaddr_un address = TRY(address_of(path));
  Descriptor socket = TRY(new_socket());
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return invalid_input(path + " is there and is no socket: remove it");
    ::unlink(path.c_str());
  }
  // The mode of a new socket is that of this descriptor, so that it is never open to others.
  ::fchmod(socket.get(), 0600);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed(path + " cannot be bound");
  ::chmod(path.c_str(), 0600);
  if (::listen(socket.get(), kBacklog) != 0) return failed(path + " cannot be listened at");
  return socket;
}

Result<std::optional<Descriptor>> connect_to(const std::string& path) {
  const sockaddr_un address = TRY(address_of(path));
  Descriptor socket = TRY(new_socket());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<Descriptor>();
    return failed(path + " cannot be connected to");
  }
  if (!is_own_peer(socket.get())) return invalid_input(path + " belongs to somebody else");
  return std::optional<Descriptor>(std::move(socket));
}

bool is_own_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

Result<SocketLock> SocketLock::take(const std::string& socket_path) {
  Descriptor file = TRY(open_lock(socket_path));
  for (int turn = 0; turn < kLockTurns; ++turn) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return SocketLock(std::move(file));
    std::this_thread::sleep_for(kLockTurn);
  }
  return invalid_input(socket_path + ".lock is held by another process that does not let go");
}

std::optional<SocketLock> SocketLock::try_take(const std::string& socket_path) {
  Result<Descriptor> file = open_lock(socket_path);
  if (!file.ok() || ::flock(file->get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return SocketLock(std::move(*file));
}

pid_t SocketLock::engine() const {
  char digits[16];
  const ssize_t count = ::pread(file_.get(), digits, sizeof digits, 0);
  pid_t process = 0;
  if (count > 0) std::from_chars(digits, digits + count, process);
  return process;
}

void SocketLock::write_engine(pid_t process) const {
  const std::string digits = std::to_string(process) + "\n";
  // Where it cannot be written an engine that hangs cannot be killed; all else works.
  if (::ftruncate(file_.get(), 0) != 0) return;
  [[maybe_unused]] const ssize_t count = ::pwrite(file_.get(), digits.data(), digits.size(), 0);
}

Result<EngineConnection> connect_or_start(const std::string& socket_path, const StartEngine& start) {
  const SocketLock lock = TRY(SocketLock::take(socket_path));
  std::optional<Descriptor> socket = TRY(connect_to(socket_path));
  if (!socket) {
    const Descriptor listening = TRY(listen_at(socket_path));
    lock.write_engine(TRY(start(listening)));
    socket = TRY(connect_to(socket_path));
    if (!socket) return not_found("the engine that was started is not there");
  }
  return EngineConnection{std::move(*socket), lock.engine()};
}

}  // namespace seedling
