#include "lsp/outgoing.h"

#include <doctest/doctest.h>

#include <vector>

namespace seedling {
namespace {

TEST_CASE("outgoing: each answer reaches its question once, whatever else comes") {
  Outgoing outgoing;
  std::vector<json> sent, answers;
  const auto send = [&](const json& message) { sent.push_back(message); };
  const auto keep = [&](const json& result) { answers.push_back(result); };
  outgoing.request(send, "a", {{"x", 1}}, keep);
  outgoing.request(send, "b", nullptr, keep);
  outgoing.request(send, "c", nullptr);
  REQUIRE(sent.size() == 3);
  CHECK(sent[0]["method"] == "a");
  CHECK(sent[0]["params"] == json({{"x", 1}}));
  CHECK(sent[0]["id"] != sent[1]["id"]);

  CHECK(!outgoing.on_response({1, "of nobody"}));
  CHECK(!outgoing.on_response({"seedling-99", "of nobody"}));
  CHECK(outgoing.on_response({sent[1]["id"], "second"}));
  CHECK(!outgoing.on_response({sent[1]["id"], "again"}));
  CHECK(outgoing.on_response({sent[0]["id"], nullptr}));  // an error
  CHECK(outgoing.on_response({sent[2]["id"], 7}));        // nobody wants to know
  CHECK(answers == std::vector<json>{"second", nullptr});
}

TEST_CASE("outgoing: an answer that comes while the question is being sent") {
  Outgoing outgoing;
  int answers = 0;
  outgoing.request(
      [&](const json& message) {
        CHECK(outgoing.on_response({message["id"], 1}));
      },
      "a", nullptr, [&](const json&) { ++answers; });
  CHECK(answers == 1);
}

}  // namespace
}  // namespace seedling
