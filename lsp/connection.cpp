#include "lsp/connection.h"

#include <spdlog/spdlog.h>

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <utility>

#include "lsp/fields.h"

namespace seedling {
namespace {

constexpr std::size_t kMostWaitingBytes = std::size_t{64} << 20;
constexpr std::size_t kMostBytesBeforeToken = std::size_t{1} << 20;
constexpr std::chrono::seconds kPatience{10};

}  // namespace

bool is_same_secret(std::string_view a, std::string_view b) {
  volatile unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference = static_cast<unsigned char>(difference | (a[i] ^ other));
  }
  return difference == 0;
}

Connection::Connection(asio::io_context& loop, Socket socket, ConnectionOptions options,
                       std::function<void()> on_end)
    : loop_(loop),
      options_(std::move(options)),
      socket_(std::move(socket)),
      on_end_(std::move(on_end)),
      patience_(loop),
      is_admitted_(options_.token.empty()) {}

std::shared_ptr<Connection> Connection::start(asio::io_context& loop, Socket socket, GeneratorSource source,
                                              ConnectionOptions options, std::function<void()> on_end) {
  const std::shared_ptr<Connection> made(
      new Connection(loop, std::move(socket), std::move(options), std::move(on_end)));
  made->make_server(std::move(source));
  if (!made->is_admitted_) made->expect_token();
  made->read();
  return made;
}

// What is posted for a session that is gone has nobody left to run for.
void Connection::make_server(GeneratorSource source) {
  const std::weak_ptr<Connection> weak = weak_from_this();
  ServerOptions options = options_.server;
  options.session.later = [weak, &loop = loop_](std::chrono::milliseconds wait, std::function<void()> work) {
    const auto timer = std::make_shared<asio::steady_timer>(loop, wait);
    timer->async_wait([weak, timer, work = std::move(work)](const std::error_code& problem) {
      const std::shared_ptr<Connection> alive = weak.lock();
      if (problem || !alive) return;
      work();
      alive->check_end();
    });
  };
  server_ = std::make_unique<Server>([this](std::string_view body) { return write(body); },
                                     [weak, &loop = loop_](std::function<void()> work) {
                                       asio::post(loop, [weak, work = std::move(work)] {
                                         const std::shared_ptr<Connection> alive = weak.lock();
                                         if (!alive) return;
                                         work();
                                         alive->check_end();
                                       });
                                     },
                                     std::move(source), std::move(options));
}

void Connection::expect_token() {
  patience_.expires_after(kPatience);
  patience_.async_wait([weak = weak_from_this()](const std::error_code& problem) {
    const std::shared_ptr<Connection> alive = weak.lock();
    if (!problem && alive && !alive->is_admitted_) alive->close();
  });
}

void Connection::read() {
  socket_.async_read_some(asio::buffer(incoming_),
                          [self = shared_from_this()](const std::error_code& problem, std::size_t count) {
                            if (self->is_closed_ || self->is_ending_) return;
                            if (problem) return self->end();
                            self->take(count);
                            self->check_end();
                            if (!self->is_ending_ && !self->is_closed_) self->read();
                          });
}

void Connection::take(std::size_t count) {
  received_ += count;
  if (!is_admitted_ && received_ > kMostBytesBeforeToken) return close();
  framer_.feed({incoming_.data(), count});
  while (!is_closed_ && !server_->exit_code()) {
    std::optional<Framed> framed = framer_.next();
    if (!framed) return;
    if (auto* body = std::get_if<Body>(&*framed)) {
      on_body(std::move(body->text));
      continue;
    }
    const auto& problem = std::get<FramingProblem>(*framed);
    if (!is_admitted_) return close();
    server_->on_problem(problem);
    if (problem.is_fatal) return end();
  }
}

void Connection::on_body(std::string body) {
  if (!is_admitted_) {
    if (!is_admitted(body)) {
      is_ending_ = true;  // the answer is written, then it closes
      return check_end();
    }
    is_admitted_ = true;
    patience_.cancel();
  }
  server_->on_body(body);
}

// Takes the token out of the message, so that nothing behind sees it.
bool Connection::is_admitted(std::string& body) {
  Message message = parse_message(body);
  auto* request = std::get_if<Request>(&message);
  const json* token = request ? find_path(request->params, "initializationOptions", "token") : nullptr;
  const bool is_right = token && token->is_string() && request->method == "initialize" &&
                        is_same_secret(options_.token, token->get_ref<const std::string&>());
  if (!is_right) {
    spdlog::warn("a client without the right token was turned away");
    write(dump(make_error(request ? request->id : json(nullptr), rpc_error::invalid_request,
                          "the token is missing or wrong: give it as initializationOptions.token")));
    return false;
  }
  request->params["initializationOptions"].erase("token");
  body = dump(make_request(request->id, request->method, std::move(request->params)));
  return true;
}

bool Connection::write(std::string_view body) {
  if (is_closed_) return false;
  if (waiting_.size() + body.size() > kMostWaitingBytes) {
    spdlog::warn("a client takes nothing of what is written for it; its session ends");
    asio::post(loop_, [self = shared_from_this()] { self->close(); });
    return false;
  }
  waiting_ += frame(body);
  if (!is_writing_) flush();
  return true;
}

void Connection::flush() {
  is_writing_ = true;
  writing_ = std::exchange(waiting_, {});
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const std::error_code& problem, std::size_t) {
                      self->is_writing_ = false;
                      if (problem) return self->close();
                      if (!self->waiting_.empty()) return self->flush();
                      self->check_end();
                    });
}

void Connection::end() {
  if (is_closed_) return;
  is_ending_ = true;
  if (is_admitted_) server_->on_end();
  check_end();
}

// Everything that was answered is written first.
void Connection::check_end() {
  if (is_closed_) return leave();
  if (server_->exit_code()) is_ending_ = true;
  if (is_ending_ && !is_writing_ && waiting_.empty()) close();
}

void Connection::close() {
  if (std::exchange(is_closed_, true)) return;
  patience_.cancel();
  std::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  server_->on_end();
  leave();
}

// Once, when nothing of the session is under way on another thread.
void Connection::leave() {
  if (!on_end_ || server_->is_loading()) return;
  asio::post(loop_, [on_end = std::exchange(on_end_, nullptr)] { on_end(); });
}

}  // namespace seedling
