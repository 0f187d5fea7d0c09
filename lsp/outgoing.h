// lsp/outgoing.h
//
// The requests that we send to the client. The loop thread owns it.
//   Each answer reaches its function once; an answer to nothing that was asked is dropped. An error is an
//   ordinary answer: the function gets null. Our ids are strings of our own, so that a client that mixes up
//   its ids with ours does no harm.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lsp/rpc.h"

namespace seedling {

class Outgoing {
 public:
  using OnResult = std::function<void(const json& result)>;

  void request(const std::function<void(const json&)>& send, std::string_view method, json params,
               OnResult on_result = {});
  // Whether something of ours was answered.
  bool on_response(const Response& response);

 private:
  std::map<std::string, OnResult> waiting_;
  std::uint64_t last_ = 0;
};

}  // namespace seedling
