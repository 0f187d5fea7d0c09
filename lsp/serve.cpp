#include "lsp/serve.h"

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "lsp/server.h"
#include "lsp/stdio_transport.h"

namespace seedling {
namespace {

constexpr std::chrono::seconds kTickInterval{10};

void set_up_log(const ServeOptions& options) {
  auto logger =
      std::make_shared<spdlog::logger>("seedling", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%H:%M:%S.%e %l %v");
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
}

bool is_alive(std::int64_t process) {
  return kill(static_cast<pid_t>(process), 0) == 0 || errno != ESRCH;
}

// An editor that was killed may leave our input open in another process. A process that was never visible to
// us (another machine's, another container's) is not watched.
void tick(asio::steady_timer& timer, Server& server) {
  const auto process = server.client_process();
  const bool was_alive = process && is_alive(*process);
  timer.expires_after(kTickInterval);
  timer.async_wait([&timer, &server, process, was_alive](const std::error_code& error) {
    if (error) return;
    if (was_alive && !is_alive(*process)) return server.on_client_gone();
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

}  // namespace

int serve_stdio(GeneratorSource source, ServeOptions options) {
  set_up_log(options);
  signal(SIGPIPE, SIG_IGN);  // a client that is gone shows in write()

  asio::io_context loop;
  const auto stay = asio::make_work_guard(loop);
  StdioTransport transport;
  Server server([&](std::string_view body) { return transport.write(body); },
                [&](std::function<void()> work) { asio::post(loop, std::move(work)); }, std::move(source),
                {.session = {.later = later_on(loop)}, .log_text = options.log_text, .trace = options.trace});
  const auto on_loop = [&loop](auto work) { asio::post(loop, std::move(work)); };

  std::jthread reader([&] {
    transport.run(
        {.on_body =
             [&](std::string body) { on_loop([&server, body = std::move(body)] { server.on_body(body); }); },
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
