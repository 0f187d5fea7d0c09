// workspace/executeCommand. What the commands are called stands in handlers.h.

#include <spdlog/spdlog.h>

#include <limits>
#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

constexpr int kUsualSnoozeMinutes = 30;
constexpr int kLongestSnoozeMinutes = 7 * 24 * 60;

// An offer was accepted: [uri, where its text ends in bytes]. Only a hint, so nothing is an error.
void on_accepted(Session& session, const json& arguments) {
  const bool has_place =
      arguments.size() == 2 && arguments[0].is_string() && arguments[1].is_number_unsigned();
  if (!has_place || arguments[1] > std::numeric_limits<std::uint32_t>::max()) return;
  prefetch_at(session, arguments[0].get<std::string>(), {arguments[1].get<std::uint32_t>()});
}

// Silence for so many minutes, 0 ends it. The answer is how many minutes it is now.
Result<json> on_snooze(Session& session, const json& arguments) {
  int minutes = kUsualSnoozeMinutes;
  if (!arguments.empty()) {
    const json& given = arguments[0];
    const bool is_fit = given.is_number_integer() && given >= 0 && given <= kLongestSnoozeMinutes;
    if (!is_fit) {
      return invalid_input("seedling.snooze takes minutes from 0 to " +
                           std::to_string(kLongestSnoozeMinutes));
    }
    minutes = given.get<int>();
  }
  session.snoozed_until.reset();
  if (minutes > 0) session.snoozed_until = session.now() + std::chrono::minutes(minutes);
  return json(minutes);
}

void on_execute(Session& session, ExecuteCommandParams params, Reply reply) {
  if (params.command == command::accepted) {
    reply.result(nullptr);
    return on_accepted(session, params.arguments);
  }
  if (params.command == command::snooze) {
    Result<json> minutes = on_snooze(session, params.arguments);
    return minutes.ok() ? reply.result(std::move(*minutes)) : reply.error(minutes.error());
  }
  if (params.command == command::apply) {
    return apply_action(session, params.arguments.empty() ? json(nullptr) : params.arguments[0],
                        std::move(reply));
  }
  reply.error(rpc_error::invalid_params, "no such command: " + params.command);
}

}  // namespace

void add_command(Router& router) {
  router.on_request("workspace/executeCommand", on_execute);
}

}  // namespace seedling
