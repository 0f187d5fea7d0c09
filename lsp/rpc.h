// lsp/rpc.h
//
// JSON-RPC 2.0: a body becomes one of four shapes of message, and answers become bodies.
//   Pure and total: any bytes give a Message, never an exception. JSON's own errors end here.
//   Ids are kept as the JSON they came as, an integer or a string: an answer carries exactly what was sent.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace seedling {

using json = nlohmann::json;

// The codes of JSON-RPC and LSP that we send.
namespace rpc_error {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int server_not_initialized = -32002;
inline constexpr int request_cancelled = -32800;
inline constexpr int content_modified = -32801;
inline constexpr int server_cancelled = -32802;
inline constexpr int request_failed = -32803;
}  // namespace rpc_error

struct Request {
  json id;
  std::string method;
  json params;  // null when absent
};

struct Notification {
  std::string method;
  json params;
};

// The client's answer to a request of ours.
struct Response {
  json id;
  json result;  // null for an error
};

// Not a message: what to answer instead. `id` is null when the sender's cannot be told.
struct Malformed {
  json id;
  int code = 0;
  std::string message;
};

using Message = std::variant<Request, Notification, Response, Malformed>;

Message parse_message(std::string_view body);

json make_result(const json& id, json result);
json make_error(const json& id, int code, std::string_view message);
json make_error(const json& id, int code, std::string_view message, json data);
json make_request(const json& id, std::string_view method, json params);
json make_notification(std::string_view method, json params);

// Never throws: bytes that are not UTF-8 are replaced.
std::string dump(const json& message);

}  // namespace seedling
