#include "lsp/reply.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "engine/assert.h"

namespace seedling {
namespace {

int code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
      return rpc_error::invalid_params;
    case ErrorCode::unsupported:
      return rpc_error::request_failed;
    case ErrorCode::stopped:
      return rpc_error::request_cancelled;
    case ErrorCode::internal:
      return rpc_error::internal_error;
  }
  return rpc_error::internal_error;
}

}  // namespace

Reply::Reply(json id, std::string method, Send send)
    : id_(std::move(id)),
      method_(std::move(method)),
      send_(std::move(send)),
      begin_(std::chrono::steady_clock::now()) {}

Reply::Reply(Reply&& other) noexcept
    : id_(std::move(other.id_)),
      method_(std::move(other.method_)),
      send_(std::move(other.send_)),
      begin_(other.begin_),
      is_answered_(std::exchange(other.is_answered_, true)) {}

Reply::~Reply() {
  if (!is_answered_) error(rpc_error::internal_error, "the request was dropped without an answer");
}

void Reply::result(json value) {
  send(make_result(id_, std::move(value)), "ok");
}

void Reply::error(int code, std::string_view message) {
  send(make_error(id_, code, message), message);
}

void Reply::error(int code, std::string_view message, json data) {
  send(make_error(id_, code, message, std::move(data)), message);
}

void Reply::error(const Error& error) {
  this->error(code_of(error), error.message);
}

void Reply::send(const json& message, std::string_view outcome) {
  SEEDLING_ASSERT(!is_answered_);
  is_answered_ = true;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin_;
  spdlog::debug("{} {}: {:.1f} ms, {}", method_, dump(id_), took.count(), outcome);
  send_(message);
}

}  // namespace seedling
