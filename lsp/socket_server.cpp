#include "lsp/socket_server.h"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <charconv>
#include <cstdint>
#include <set>
#include <utility>

#include "lsp/connection.h"
#include "lsp/log.h"

namespace seedling {
namespace {

constexpr std::chrono::seconds kTickInterval{30};
constexpr std::chrono::seconds kRetryInterval{1};

class SocketServer {
 public:
  SocketServer(GeneratorSource source, SocketServerOptions options)
      : source_(std::move(source)),
        options_(std::move(options)),
        signals_(loop_),
        tick_(loop_),
        linger_(loop_) {
    set_up_log(options_.log_level);
    signal(SIGPIPE, SIG_IGN);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const std::error_code& problem, int) {
      if (!problem) stop();
    });
  }
  // Sessions end before the loop that they post to.
  ~SocketServer() {
    const auto ending = std::exchange(connections_, {});
    for (const auto& connection : ending) connection->end();
    loop_.restart();
    loop_.poll();
    for (const auto& connection : ending) connection->close();
    loop_.poll();
  }
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  asio::io_context& loop() { return loop_; }

  template <class Acceptor>
  int run(Acceptor& acceptor) {
    close_acceptor_ = [&acceptor] {
      std::error_code ignored;
      acceptor.close(ignored);
    };
    accept(acceptor);
    while (!is_ending_) loop_.run_one();
    return 0;
  }

  // Ends when nobody has been there for so long; may_end says whether it may, and comes again if not.
  void end_when_alone(std::chrono::seconds linger, std::function<bool()> may_end) {
    limit_ = linger;
    may_end_ = std::move(may_end);
    await_end(*limit_);
  }

 private:
  template <class Acceptor>
  void accept(Acceptor& acceptor) {
    acceptor.async_accept(
        [this, &acceptor](const std::error_code& problem, typename Acceptor::protocol_type::socket socket) {
          if (problem == asio::error::operation_aborted) return;
          if (problem) return accept_later(acceptor, problem);
          if (is_welcome(socket)) add(Connection::Socket(std::move(socket)));
          accept(acceptor);
        });
  }

  // Out of descriptors, most likely: at once it would fail again.
  template <class Acceptor>
  void accept_later(Acceptor& acceptor, const std::error_code& problem) {
    spdlog::error("a client cannot be accepted: {}", problem.message());
    const auto wait = std::make_shared<asio::steady_timer>(loop_, kRetryInterval);
    wait->async_wait([this, wait, &acceptor](const std::error_code& stopped) {
      if (!stopped) accept(acceptor);
    });
  }

  static bool is_welcome(asio::ip::tcp::socket& socket) {
    std::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    return true;
  }
  static bool is_welcome(asio::local::stream_protocol::socket& socket) {
    return is_own_peer(socket.native_handle());
  }

  void add(Connection::Socket socket) {
    linger_.cancel();
    kept_engine_.reset();
    const auto self = std::make_shared<std::weak_ptr<Connection>>();
    const auto connection =
        Connection::start(loop_, std::move(socket), source_, {options_.token, options_.server},
                          [this, self] { remove(self->lock()); });
    *self = connection;
    connections_.insert(connection);
    spdlog::info("a client came: {} now", connections_.size());
    if (connections_.size() == 1) tick();
  }

  void remove(const std::shared_ptr<Connection>& connection) {
    if (connections_.size() == 1 && options_.keep_engine) kept_engine_ = options_.keep_engine();
    connections_.erase(connection);
    spdlog::info("a client went: {} now", connections_.size());
    if (!connections_.empty()) return;
    tick_.cancel();
    if (limit_) await_end(*limit_);
  }

  // Sessions unload what they do not use.
  void tick() {
    tick_.expires_after(kTickInterval);
    tick_.async_wait([this](const std::error_code& problem) {
      if (problem) return;
      for (const auto& connection : connections_)
        connection->server().on_tick(std::chrono::steady_clock::now());
      tick();
    });
  }

  void await_end(std::chrono::seconds time) {
    linger_.expires_after(time);
    linger_.async_wait([this](const std::error_code& problem) {
      if (problem || !connections_.empty()) return;
      if (may_end_()) return stop();
      await_end(kRetryInterval);
    });
  }

  void stop() {
    is_ending_ = true;
    close_acceptor_();
  }

  const GeneratorSource source_;
  const SocketServerOptions options_;
  asio::io_context loop_;
  asio::signal_set signals_;
  asio::steady_timer tick_;
  asio::steady_timer linger_;
  std::optional<std::chrono::seconds> limit_;
  std::function<bool()> may_end_;
  std::function<void()> close_acceptor_;
  bool is_ending_ = false;
  std::shared_ptr<void> kept_engine_;
  std::set<std::shared_ptr<Connection>> connections_;
};

struct HostAndPort {
  std::string host, port;
};

Result<HostAndPort> split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size() || colon == 0)
    return invalid_input("\"" + address + "\" is no address: expected HOST:PORT");
  HostAndPort parts{address.substr(0, colon), address.substr(colon + 1)};
  if (parts.host.front() == '[' && parts.host.back() == ']')
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  std::uint16_t number = 0;  // the resolver would take the lower bits of a larger one
  const char* const end = parts.port.data() + parts.port.size();
  const auto read = std::from_chars(parts.port.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end)
    return invalid_input("\"" + parts.port + "\" is no port: expected a number up to 65535");
  return parts;
}

std::optional<ino_t> inode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? std::optional(status.st_ino) : std::nullopt;
}

}  // namespace

Result<int> serve_tcp(const std::string& address, const GeneratorSource& source,
                      SocketServerOptions options) {
  using asio::ip::tcp;
  const HostAndPort parts = TRY(split(address));
  asio::io_context resolving;
  tcp::resolver resolver(resolving);
  std::error_code problem;
  const auto found = resolver.resolve(parts.host, parts.port, tcp::resolver::passive, problem);
  if (problem || found.empty())
    return invalid_input("\"" + parts.host + "\" cannot be resolved: " + problem.message());
  const tcp::endpoint endpoint = *found.begin();
  if (!endpoint.address().is_loopback() && options.token.empty()) {
    return invalid_input(endpoint.address().to_string() +
                         " can be reached from other machines: give a secret that clients must know, with "
                         "--token-file or in SEEDLING_TOKEN, or listen on 127.0.0.1");
  }
  const auto on_listening = options.on_listening;
  SocketServer server(source, std::move(options));
  tcp::acceptor acceptor(server.loop());
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
  if (problem) return invalid_input(address + " cannot be listened at: " + problem.message());
  const tcp::endpoint bound = acceptor.local_endpoint();
  const std::string host = bound.address().to_string();
  if (on_listening)
    on_listening((bound.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port()));
  return server.run(acceptor);
}

Result<int> serve_unix(const std::string& path, const GeneratorSource& source, SocketServerOptions options) {
  Descriptor listening;
  {
    const SocketLock lock = TRY(SocketLock::take(path));
    if (TRY(connect_to(path))) return invalid_input(path + " is served by another process");
    listening = TRY(listen_at(path));
  }
  if (options.on_listening) options.on_listening(path);
  const std::optional<ino_t> inode = inode_of(path);
  SocketServer server(source, std::move(options));
  asio::local::stream_protocol::acceptor acceptor(server.loop(), asio::local::stream_protocol(),
                                                  listening.release());
  const int exit_code = server.run(acceptor);
  if (inode_of(path) == inode) {
    ::unlink(path.c_str());
    ::unlink((path + ".lock").c_str());
  }
  return exit_code;
}

Result<int> serve_engine(const std::string& path, Descriptor listening, const GeneratorSource& source,
                         std::chrono::seconds linger, SocketServerOptions options) {
  const std::optional<ino_t> inode = inode_of(path);
  SocketServer server(source, std::move(options));
  asio::local::stream_protocol::acceptor acceptor(server.loop(), asio::local::stream_protocol(),
                                                  listening.release());
  // Under the lock nobody connects: who did before is still to be accepted, and then it goes on. Where
  // somebody has removed the socket nobody can connect at all.
  server.end_when_alone(linger, [&] {
    const bool can_be_found = inode_of(path) == inode;
    const std::optional<SocketLock> lock = SocketLock::try_take(path);
    if (can_be_found && !lock) return false;
    pollfd waiting{acceptor.native_handle(), POLLIN, 0};
    if (::poll(&waiting, 1, 0) > 0) return false;
    if (can_be_found) ::unlink(path.c_str());
    return true;
  });
  return server.run(acceptor);
}

}  // namespace seedling
