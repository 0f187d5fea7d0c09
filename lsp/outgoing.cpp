#include "lsp/outgoing.h"

#include <utility>

namespace seedling {

void Outgoing::request(const std::function<void(const json&)>& send, std::string_view method, json params,
                       OnResult on_result) {
  std::string id = "seedling-" + std::to_string(++last_);
  json message = make_request(id, method, std::move(params));
  // First noted, then sent: a client in the same process may answer before send() returns.
  waiting_.emplace(std::move(id), std::move(on_result));
  send(message);
}

bool Outgoing::on_response(const Response& response) {
  if (!response.id.is_string()) return false;
  auto node = waiting_.extract(response.id.get_ref<const std::string&>());
  if (node.empty()) return false;
  if (node.mapped()) node.mapped()(response.result);
  return true;
}

}  // namespace seedling
