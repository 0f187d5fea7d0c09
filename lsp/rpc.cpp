#include "lsp/rpc.h"

namespace seedling {
namespace {

// Deeper JSON is refused before it is parsed: copying and dumping recurse, and a stack is finite.
constexpr int kMaxDepth = 200;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

bool is_id(const json& value) {
  return value.is_number_integer() || value.is_string();
}

}  // namespace

Message parse_message(std::string_view body) {
  if (is_too_deep(body)) return Malformed{nullptr, rpc_error::parse_error, "the JSON is nested too deeply"};
  json message = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (message.is_discarded())
    return Malformed{nullptr, rpc_error::parse_error, "the message is not valid JSON"};
  if (message.is_array()) {
    return Malformed{nullptr, rpc_error::invalid_request,
                     "batches are not part of LSP: send one message at a time"};
  }
  if (!message.is_object())
    return Malformed{nullptr, rpc_error::invalid_request, "a message must be a JSON object"};

  const auto id = message.find("id");
  const bool has_id = id != message.end();
  const json answer_id = has_id && is_id(*id) ? *id : json(nullptr);
  const auto method = message.find("method");
  // Never answered, whatever is wrong with it: its id is one of ours, the client's own may be the same.
  const bool is_response =
      method == message.end() && (message.contains("result") || message.contains("error"));
  if (is_response) {
    const auto result = message.find("result");
    const bool is_error = result == message.end() || message.contains("error");
    return Response{answer_id, is_error ? json(nullptr) : std::move(*result)};
  }
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") {
    return Malformed{answer_id, rpc_error::invalid_request, "\"jsonrpc\" must be \"2.0\""};
  }
  if (method == message.end())
    return Malformed{answer_id, rpc_error::invalid_request, "a message needs a \"method\""};
  if (!method->is_string())
    return Malformed{answer_id, rpc_error::invalid_request, "\"method\" must be a string"};
  if (has_id && !is_id(*id)) {
    return Malformed{nullptr, rpc_error::invalid_request, "\"id\" must be an integer or a string"};
  }

  const auto given = message.find("params");
  json params = given == message.end() ? json(nullptr) : std::move(*given);
  if (has_id) return Request{answer_id, method->get<std::string>(), std::move(params)};
  return Notification{method->get<std::string>(), std::move(params)};
}

json make_result(const json& id, json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

json make_error(const json& id, int code, std::string_view message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

json make_error(const json& id, int code, std::string_view message, json data) {
  json error = make_error(id, code, message);
  error["error"]["data"] = std::move(data);
  return error;
}

json make_request(const json& id, std::string_view method, json params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

json make_notification(std::string_view method, json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

std::string dump(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace seedling
