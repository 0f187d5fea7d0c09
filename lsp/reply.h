// lsp/reply.h
//
// Reply: the one answer to a request. Move-only; the loop thread owns it.
//   result() or error() answers and may be called once; a second answer is our bug and aborts.
//   A reply that is destroyed unanswered answers with InternalError, so that no client waits for ever.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "lsp/rpc.h"

namespace seedling {

class Reply {
 public:
  using Send = std::function<void(const json& message)>;

  Reply(json id, std::string method, Send send);
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&&) = delete;
  ~Reply();

  const json& id() const { return id_; }

  void result(json value);
  void error(int code, std::string_view message);
  void error(int code, std::string_view message, json data);
  // The engine's and the documents' errors, in the protocol's codes.
  void error(const Error& error);

 private:
  void send(const json& message, std::string_view outcome);

  json id_;
  std::string method_;
  Send send_;
  std::chrono::steady_clock::time_point begin_;
  bool is_answered_ = false;
};

}  // namespace seedling
