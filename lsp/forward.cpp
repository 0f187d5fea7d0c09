#include "lsp/forward.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "lsp/framing.h"
#include "lsp/log.h"
#include "lsp/process_watch.h"
#include "lsp/relay.h"
#include "lsp/stdio_transport.h"
#include "lsp/trace.h"

namespace seedling {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kLongestDelay{30'000};
// An engine that lived for so long did not end because of its start.
constexpr Milliseconds kLongLife{2'000};
constexpr int kManyEnds = 5;
// So many times a sign of life is asked for before an engine that gives none is taken to hang. Turns are
// counted and not time: a window that was stopped for a while must not take its own silence for the engine's.
constexpr int kTurns = 5;
constexpr Milliseconds kLastBreath{300};
constexpr Milliseconds kLastAnswers{2'000};  // may take so long when the session ends

// One connection to one engine. What was begun for it finds it closed afterwards and does nothing.
struct EngineLink {
  EngineLink(asio::io_context& loop, EngineConnection connection)
      : socket(loop, asio::local::stream_protocol(), connection.socket.release()),
        process(loop, connection.engine) {}

  asio::local::stream_protocol::socket socket;
  ProcessWatch process;
  Framer framer;
  std::array<char, 65536> incoming;
  std::string waiting, writing;
  bool is_writing = false;
  bool is_open = true;
  Clock::time_point since = Clock::now();
  int silent_turns = 0;
};
using EngineLinkPtr = std::shared_ptr<EngineLink>;

class Forwarder {
 public:
  Forwarder(ForwardOptions options, StdioTransport& transport)
      : options_(std::move(options)),
        transport_(transport),
        relay_([this](std::string_view body) { to_editor(body); },
               [this](std::string_view body) { to_engine(body); }),
        patience_(loop_),
        delay_(loop_),
        last_answers_(loop_) {}

  int run(EngineConnection first) {
    adopt(std::move(first));
    const auto stay = asio::make_work_guard(loop_);
    const auto on_loop = [this](auto work) { asio::post(loop_, std::move(work)); };
    std::jthread reader([&] {
      transport_.run(
          {.on_body =
               [&](std::string body) { on_loop([this, body = std::move(body)] { on_editor_body(body); }); },
           .on_problem =
               [&](FramingProblem problem) {
                 on_loop([this, problem = std::move(problem)] { on_problem(problem); });
               },
           .on_end = [&] { on_loop([this] { finish(); }); }});
    });
    while (!is_done_) loop_.run_one();
    transport_.stop();
    return relay_.exit_code();
  }

 private:
  void on_editor_body(const std::string& body) {
    trace(Sender::client, body);
    relay_.on_editor_body(body);
    watch_client();
    if (relay_.has_exited()) return finish();
    expect_answers();
  }

  void trace(Sender sender, std::string_view body) {
    if (options_.trace) options_.trace(dump(trace_.record(sender, body, Clock::now()).line));
  }

  void on_problem(const FramingProblem& problem) {
    spdlog::warn("input: {}", problem.message);
    if (problem.is_fatal) relay_.show_message(1, "Seedling stops: " + problem.message);
  }

  // An editor that was killed may leave our input open in another process.
  void watch_client() {
    if (client_ || !relay_.client_process()) return;
    client_.emplace(loop_, *relay_.client_process());
    client_->when_ended([this] { finish(); });
  }

  void to_editor(std::string_view body) {
    trace(Sender::server, body);
    if (!transport_.write(body)) is_done_ = true;
  }

  void to_engine(std::string_view body) {
    if (!engine_) return;
    engine_->waiting += frame(body);
    if (!engine_->is_writing) flush(engine_);
  }

  void flush(const EngineLinkPtr& link) {
    link->is_writing = true;
    link->writing = std::exchange(link->waiting, {});
    asio::async_write(link->socket, asio::buffer(link->writing),
                      [this, link](const std::error_code& problem, std::size_t) {
                        link->is_writing = false;
                        if (!link->is_open || problem) return;  // the reader sees the end
                        if (!link->waiting.empty()) return flush(link);
                        if (is_finishing_) end_input(*link);
                      });
  }

  void adopt(EngineConnection connection) {
    engine_ = std::make_shared<EngineLink>(loop_, std::move(connection));
    read(engine_);
  }

  void read(const EngineLinkPtr& link) {
    link->socket.async_read_some(asio::buffer(link->incoming),
                                 [this, link](const std::error_code& problem, std::size_t count) {
                                   if (!link->is_open) return;
                                   if (problem) return on_engine_gone();
                                   link->silent_turns = 0;
                                   link->framer.feed({link->incoming.data(), count});
                                   take_framed(*link);
                                   if (link->is_open) read(link);
                                 });
  }

  void take_framed(EngineLink& link) {
    while (const std::optional<Framed> framed = link.framer.next()) {
      const auto* body = std::get_if<Body>(&*framed);
      if (body) relay_.on_engine_body(body->text);
    }
    if (relay_.overdue() > options_.hung_after) replace_hung("a call in it does not end");
  }

  // A sign of life is asked for as long as an answer is due, and not otherwise.
  void expect_answers() {
    if (is_watching_ || !engine_ || !relay_.is_waiting()) return;
    engine_->silent_turns = 0;
    await_life();
  }

  void await_life() {
    is_watching_ = true;
    patience_.expires_after(options_.hung_after / kTurns);
    patience_.async_wait([this](const std::error_code& problem) {
      is_watching_ = false;
      if (problem || !engine_ || !relay_.is_waiting()) return;
      if (++engine_->silent_turns > kTurns) return replace_hung("it gives no sign of life");
      relay_.ping();
      await_life();
    });
  }

  void replace_hung(const char* why) {
    if (!engine_) return;
    spdlog::error("the engine hangs ({}); it is started again", why);
    engine_->process.kill();
    on_engine_gone();
  }

  void on_engine_gone() {
    close(*engine_);
    const bool lived_long = Clock::now() - engine_->since > kLongLife;
    ends_ = lived_long ? 1 : ends_ + 1;
    gone_ = std::exchange(engine_, nullptr);
    relay_.on_engine_gone();
    if (is_finishing_) return finish_without_engine();
    if (relay_.is_shut_down()) return;
    spdlog::warn("the engine ended; it is started again");
    start_later();
  }

  // As soon as its process is gone the first time, later and later where nothing lives long.
  void start_later() {
    if (ends_ == kManyEnds) {
      relay_.show_message(1, "Seedling's engine ends again and again, so there are no suggestions for now; " +
                                 options_.log_path + " may say why.");
    }
    const auto start = [this, end = ends_] {
      if (end == ends_ && !engine_ && !is_finishing_) start_again();
    };
    // A process that is on its way out may still have its socket.
    if (ends_ == 1) gone_->process.when_ended(start);
    const Milliseconds delay =
        ends_ == 1 ? kLastBreath : options_.first_delay * (1 << std::min(ends_ - 2, 10));
    delay_.expires_after(std::min(kLongestDelay, delay));
    delay_.async_wait([start](const std::error_code& problem) {
      if (!problem) start();
    });
  }

  void start_again() {
    Result<EngineConnection> connection = connect_or_start(options_.socket_path, options_.start_engine);
    if (!connection.ok()) {
      spdlog::error("there is no engine: {}", connection.error().message);
      ++ends_;
      return start_later();
    }
    adopt(std::move(*connection));
    relay_.on_engine_back();
    expect_answers();
  }

  static void close(EngineLink& link) {
    link.is_open = false;
    std::error_code ignored;
    link.socket.close(ignored);
  }

  // The engine answers what it still owes and closes its end; not for ever.
  void finish() {
    if (std::exchange(is_finishing_, true)) return;
    delay_.cancel();
    if (!engine_) return finish_without_engine();
    if (!engine_->is_writing) end_input(*engine_);
    last_answers_.expires_after(kLastAnswers);
    last_answers_.async_wait([this](const std::error_code& problem) {
      if (!problem) finish_without_engine();
    });
  }

  static void end_input(EngineLink& link) {
    std::error_code ignored;
    link.socket.shutdown(asio::local::stream_protocol::socket::shutdown_send, ignored);
  }

  void finish_without_engine() {
    if (!is_done_) relay_.on_end("the server ends");
    is_done_ = true;
  }

  const ForwardOptions options_;
  StdioTransport& transport_;
  asio::io_context loop_;
  Trace trace_;
  Relay relay_;
  EngineLinkPtr engine_;
  EngineLinkPtr gone_;  // the one before
  std::optional<ProcessWatch> client_;
  asio::steady_timer patience_;
  asio::steady_timer delay_;
  asio::steady_timer last_answers_;
  bool is_watching_ = false;
  bool is_finishing_ = false;
  bool is_done_ = false;
  int ends_ = 0;  // of engines that lived briefly, in a row
};

}  // namespace

Result<int> forward_stdio(ForwardOptions options) {
  set_up_log(options.log_level);
  signal(SIGPIPE, SIG_IGN);
  EngineConnection first = TRY(connect_or_start(options.socket_path, options.start_engine));
  signal(SIGCHLD, SIG_IGN);  // nobody waits for an engine that ends
  StdioTransport transport;
  Forwarder forwarder(std::move(options), transport);
  return forwarder.run(std::move(first));
}

}  // namespace seedling
