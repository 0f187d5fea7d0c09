// Bodies become messages; whatever is not one becomes the right error.

#include "lsp/rpc.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace seedling {
namespace {

struct Refusal {
  std::string body;
  int code;
  json id;
};

TEST_CASE("rpc: what is not a message is refused with the right code and id") {
  const std::vector<Refusal> refusals = {
      {"", rpc_error::parse_error, nullptr},
      {"{", rpc_error::parse_error, nullptr},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"} trailing", rpc_error::parse_error, nullptr},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xFF\"}", rpc_error::parse_error, nullptr},
      {R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})", rpc_error::parse_error, nullptr},
      {"[]", rpc_error::invalid_request, nullptr},
      {R"([{"jsonrpc":"2.0","id":1,"method":"a"}])", rpc_error::invalid_request, nullptr},
      {"null", rpc_error::invalid_request, nullptr},
      {"\"text\"", rpc_error::invalid_request, nullptr},
      {"{}", rpc_error::invalid_request, nullptr},
      {R"({"jsonrpc":"1.0","id":1,"method":"a"})", rpc_error::invalid_request, 1},
      {R"({"id":"x","method":"a"})", rpc_error::invalid_request, "x"},
      {R"({"jsonrpc":"2.0","id":1})", rpc_error::invalid_request, 1},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", rpc_error::invalid_request, 1},
      {R"({"jsonrpc":"2.0","id":null,"method":"a"})", rpc_error::invalid_request, nullptr},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"a"})", rpc_error::invalid_request, nullptr},
      {R"({"jsonrpc":"2.0","id":{},"method":"a"})", rpc_error::invalid_request, nullptr},
      {R"({"jsonrpc":"2.0","id":true,"method":"a"})", rpc_error::invalid_request, nullptr},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.body);
    const Message message = parse_message(refusal.body);
    const auto* malformed = std::get_if<Malformed>(&message);
    REQUIRE(malformed);
    CHECK(malformed->code == refusal.code);
    CHECK(malformed->id == refusal.id);
    CHECK(!malformed->message.empty());
  }
}

TEST_CASE("rpc: requests, notifications and responses") {
  const Message request =
      parse_message(R"({"jsonrpc":"2.0","id":"a","method":"m","params":{"x":[1]},"extra":0})");
  REQUIRE(std::holds_alternative<Request>(request));
  CHECK(std::get<Request>(request).id == "a");
  CHECK(std::get<Request>(request).method == "m");
  CHECK(std::get<Request>(request).params == json::parse(R"({"x":[1]})"));

  const Message notification = parse_message(R"({"jsonrpc":"2.0","method":"m"})");
  REQUIRE(std::holds_alternative<Notification>(notification));
  CHECK(std::get<Notification>(notification).params.is_null());

  CHECK(std::holds_alternative<Response>(parse_message(R"({"jsonrpc":"2.0","id":7,"result":null})")));
  CHECK(std::holds_alternative<Response>(parse_message(R"({"jsonrpc":"2.0","id":7,"error":{"code":1}})")));
  CHECK(std::holds_alternative<Response>(parse_message(R"({"jsonrpc":"1.0","id":7,"result":null})")));
}

TEST_CASE("rpc: an id comes back as it was sent") {
  for (const char* id : {"0", "-5", "9007199254740993", "18446744073709551615", "\"7\"", "\"\""}) {
    const Message message = parse_message(std::string(R"({"jsonrpc":"2.0","method":"m","id":)") + id + "}");
    REQUIRE(std::holds_alternative<Request>(message));
    CHECK(dump(make_result(std::get<Request>(message).id, nullptr)) ==
          std::string(R"({"id":)") + id + R"(,"jsonrpc":"2.0","result":null})");
  }
}

TEST_CASE("rpc: deep nesting is refused before it costs a stack") {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  const Message message = parse_message(deep);
  REQUIRE(std::holds_alternative<Malformed>(message));
  CHECK(std::get<Malformed>(message).code == rpc_error::parse_error);
  const std::string brackets_in_text =
      R"({"jsonrpc":"2.0","method":"m","params":{"text":")" + std::string(1000, '[') + R"(\"{{"}})";
  CHECK(std::holds_alternative<Notification>(parse_message(brackets_in_text)));
}

TEST_CASE("rpc: bytes that are not UTF-8 are replaced, not thrown about") {
  CHECK(dump(make_result(1, "a\xFFz")) == "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":\"a\xEF\xBF\xBDz\"}");
}

}  // namespace
}  // namespace seedling
