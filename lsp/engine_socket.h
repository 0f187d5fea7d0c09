// lsp/engine_socket.h
//
// Where this user's editor windows find the engine they share: a socket that nobody else can reach.
//   The folder belongs to the user and is closed to others, the socket too. Beside the socket lies its lock:
//   who connects, starts an engine or ends one holds it for those milliseconds, so that two windows that open
//   at once start one engine, and an engine that leaves is not connected to. The lock holds the engine's
//   process id. Blocking calls, of milliseconds, that any thread may make. Errors: not_found or
//   invalid_input, one line that says what is wrong with the folder; callers go on without sharing.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "engine/result.h"

namespace seedling {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  int release();

 private:
  int number_;
};

// Makes the folder where it is missing; refuses one that others could write to. Its path.
Result<std::string> private_folder(const std::string& path);

// A socket at `path` that listens, mode 0600. A dead one that lies there is replaced. REQUIRES: the lock.
Result<Descriptor> listen_at(const std::string& path);
// Nothing where nobody listens.
Result<std::optional<Descriptor>> connect_to(const std::string& path);

// Both ends must belong to this user.
bool is_own_peer(int socket);

class SocketLock {
 public:
  // Waits for a moment; an error when somebody holds it for longer.
  static Result<SocketLock> take(const std::string& socket_path);
  // Nothing when somebody holds it.
  static std::optional<SocketLock> try_take(const std::string& socket_path);

  pid_t engine() const;  // as the last write_engine() said; 0: none
  void write_engine(pid_t process) const;

 private:
  explicit SocketLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;  // the lock ends with it
};

struct EngineConnection {
  Descriptor socket;
  pid_t engine = 0;
};

// Starts a process that accepts from the listening socket, and gives its id.
using StartEngine = std::function<Result<pid_t>(const Descriptor& listening)>;

Result<EngineConnection> connect_or_start(const std::string& socket_path, const StartEngine& start);

}  // namespace seedling
