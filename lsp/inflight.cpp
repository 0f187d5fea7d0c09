#include "lsp/inflight.h"

#include <algorithm>
#include <utility>

namespace seedling {

Inflight::Started Inflight::start(Reply reply, std::string uri, Purpose purpose) {
  const Ticket ticket = ++last_ticket_;
  const auto [at, is_new] =
      waiting_.emplace(ticket, Waiting{std::move(reply), std::move(uri), purpose, std::stop_source{}});
  return {ticket, at->second.stop.get_token()};
}

bool Inflight::contains_id(const json& id) const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const auto& entry) { return entry.second.reply.id() == id; });
}

bool Inflight::contains_document(const std::string& uri) const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const auto& entry) { return entry.second.uri == uri; });
}

std::optional<Reply> Inflight::take(Ticket ticket) {
  auto node = waiting_.extract(ticket);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped().reply);
}

void Inflight::cancel_id(const json& id) {
  cancel_where([&](const Waiting& waiting) { return waiting.reply.id() == id; }, rpc_error::request_cancelled,
               "cancelled by the client");
}

void Inflight::cancel_document(const std::string& uri, Purpose purpose, int code, std::string_view message,
                               const json& data) {
  cancel_where([&](const Waiting& waiting) { return waiting.uri == uri && waiting.purpose == purpose; }, code,
               message, data);
}

void Inflight::cancel_all(std::string_view message) {
  cancel_where([](const Waiting&) { return true; }, rpc_error::request_cancelled, message);
}

template <class Matches>
void Inflight::cancel_where(Matches matches, int code, std::string_view message, const json& data) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (!matches(at->second)) {
      ++at;
      continue;
    }
    auto node = waiting_.extract(at++);
    node.mapped().stop.request_stop();
    Reply& reply = node.mapped().reply;
    data.is_null() ? reply.error(code, message) : reply.error(code, message, data);
  }
}

}  // namespace seedling
