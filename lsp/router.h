// lsp/router.h
//
// Router: from a method's name to its typed handler. JSON ends here: handlers get structs.
//   Parameters that do not parse are answered with InvalidParams (a request) or logged (a notification).
#pragma once

#include <spdlog/spdlog.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "lsp/reply.h"
#include "lsp/rpc.h"
#include "lsp/session.h"

namespace seedling {

class Router {
 public:
  using RequestHandler = std::function<void(Session&, const json& params, Reply)>;
  using NotificationHandler = std::function<void(Session&, const json& params)>;

  template <class Params>
  void on_request(const char* method, void (*handle)(Session&, Params, Reply)) {
    requests_[method] = [handle](Session& session, const json& params, Reply reply) {
      auto parsed = Params::parse(params);
      if (!parsed.ok()) return reply.error(parsed.error());
      handle(session, std::move(*parsed), std::move(reply));
    };
  }

  template <class Params>
  void on_notification(const char* method, void (*handle)(Session&, Params)) {
    notifications_[method] = [handle, method](Session& session, const json& params) {
      auto parsed = Params::parse(params);
      if (!parsed.ok()) return spdlog::warn("{} was ignored: {}", method, parsed.error().message);
      handle(session, std::move(*parsed));
    };
  }

  // nullptr for a method that we do not have.
  const RequestHandler* request(std::string_view method) const { return find(requests_, method); }
  const NotificationHandler* notification(std::string_view method) const {
    return find(notifications_, method);
  }

 private:
  template <class Table>
  static const typename Table::mapped_type* find(const Table& table, std::string_view method) {
    const auto at = table.find(method);
    return at == table.end() ? nullptr : &at->second;
  }

  std::map<std::string, RequestHandler, std::less<>> requests_;
  std::map<std::string, NotificationHandler, std::less<>> notifications_;
};

}  // namespace seedling
