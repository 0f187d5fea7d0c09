#include "lsp/serve.h"

#include <signal.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "lsp/log.h"
#include "lsp/process_watch.h"
#include "lsp/server.h"
#include "lsp/stdio_transport.h"

namespace seedling {
namespace {

constexpr std::chrono::seconds kTickInterval{30};

// An engine that is not used is unloaded.
void tick(asio::steady_timer& timer, Server& server) {
  timer.expires_after(kTickInterval);
  timer.async_wait([&timer, &server](const std::error_code& error) {
    if (error) return;
    server.on_tick(std::chrono::steady_clock::now());
    tick(timer, server);
  });
}

Later later_on(asio::io_context& loop) {
  return [&loop](std::chrono::milliseconds wait, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(loop, wait);
    timer->async_wait([timer, work = std::move(work)](const std::error_code& error) {
      if (!error) work();
    });
  };
}

// An editor that was killed may leave our input open in another process. A process that was never visible to
// us (another machine's, another container's) is not watched.
void watch_client(asio::io_context& loop, Server& server, std::optional<ProcessWatch>& client) {
  if (client || !server.client_process()) return;
  client.emplace(loop, *server.client_process());
  client->when_ended([&server] { server.on_client_gone(); });
}

}  // namespace

int serve_stdio(GeneratorSource source, ServeOptions options) {
  set_up_log(options.log_level);
  signal(SIGPIPE, SIG_IGN);  // a client that is gone shows in write()

  asio::io_context loop;
  const auto stay = asio::make_work_guard(loop);
  StdioTransport transport;
  options.server.session.later = later_on(loop);
  Server server([&](std::string_view body) { return transport.write(body); },
                [&](std::function<void()> work) { asio::post(loop, std::move(work)); }, std::move(source),
                std::move(options.server));
  std::optional<ProcessWatch> client;
  const auto on_loop = [&loop](auto work) { asio::post(loop, std::move(work)); };

  std::jthread reader([&] {
    transport.run({.on_body =
                       [&](std::string body) {
                         on_loop([&, body = std::move(body)] {
                           server.on_body(body);
                           watch_client(loop, server, client);
                         });
                       },
                   .on_problem =
                       [&](FramingProblem problem) {
                         on_loop([&server, problem = std::move(problem)] { server.on_problem(problem); });
                       },
                   .on_end = [&] { on_loop([&server] { server.on_end(); }); }});
  });
  asio::steady_timer timer(loop);
  tick(timer, server);

  while (!server.exit_code()) loop.run_one();
  transport.stop();
  reader.join();
  return *server.exit_code();
}

}  // namespace seedling
