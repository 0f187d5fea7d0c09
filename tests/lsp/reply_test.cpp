// A reply answers once; a ticket is taken once.

#include "lsp/reply.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lsp/inflight.h"

namespace seedling {
namespace {

struct Sent {
  std::vector<json> messages;
  Reply reply(json id) {
    return Reply(std::move(id), "m", [this](const json& message) { messages.push_back(message); });
  }
};

TEST_CASE("reply: one that is dropped answers with an internal error") {
  Sent sent;
  { const Reply dropped = sent.reply(7); }
  REQUIRE(sent.messages.size() == 1);
  CHECK(sent.messages[0]["id"] == 7);
  CHECK(sent.messages[0]["error"]["code"] == rpc_error::internal_error);
}

TEST_CASE("reply: moving keeps it one answer") {
  Sent sent;
  {
    Reply first = sent.reply("x");
    Reply second = std::move(first);
    second.result({{"a", 1}});
  }
  REQUIRE(sent.messages.size() == 1);
  CHECK(sent.messages[0] == json::parse(R"({"jsonrpc":"2.0","id":"x","result":{"a":1}})"));
}

TEST_CASE("inflight: taken once, by its ticket") {
  Sent sent;
  Inflight inflight;
  const auto started = inflight.start(sent.reply(1), "u", Purpose::inline_completion);
  CHECK(inflight.contains(started.ticket));
  CHECK(inflight.contains_id(1));
  CHECK(!inflight.contains_id("1"));
  auto reply = inflight.take(started.ticket);
  REQUIRE(reply);
  reply->result(nullptr);
  CHECK(!inflight.take(started.ticket));
  CHECK(!started.stop.stop_requested());
  inflight.cancel_id(1);
  CHECK(sent.messages.size() == 1);
}

TEST_CASE("inflight: cancelling answers at once and stops the work") {
  Sent sent;
  Inflight inflight;
  const auto one = inflight.start(sent.reply(1), "u", Purpose::inline_completion);
  const auto two = inflight.start(sent.reply("1"), "u", Purpose::code_action);
  const auto three = inflight.start(sent.reply(3), "v", Purpose::inline_completion);
  inflight.cancel_id(1);
  CHECK(one.stop.stop_requested());
  CHECK(!two.stop.stop_requested());
  REQUIRE(sent.messages.size() == 1);
  CHECK(sent.messages[0]["error"]["code"] == rpc_error::request_cancelled);

  inflight.cancel_document("u", Purpose::inline_completion, rpc_error::request_cancelled, "");
  CHECK(sent.messages.size() == 1);
  inflight.cancel_document("u", Purpose::code_action, rpc_error::content_modified, "moved on");
  CHECK(two.stop.stop_requested());
  CHECK(sent.messages.back()["error"]["message"] == "moved on");
  inflight.cancel_all("the end");
  CHECK(three.stop.stop_requested());
  CHECK(sent.messages.size() == 3);
}

TEST_CASE("inflight: an id that is used again is another request") {
  Sent sent;
  Inflight inflight;
  const auto first = inflight.start(sent.reply(1), "u", Purpose::inline_completion);
  inflight.cancel_id(1);
  const auto second = inflight.start(sent.reply(1), "u", Purpose::inline_completion);
  CHECK(first.ticket != second.ticket);
  CHECK(!inflight.take(first.ticket));  // the late answer to the first
  CHECK(inflight.take(second.ticket));
}

}  // namespace
}  // namespace seedling
