// Right and wrong messages in any order: each request is answered once, nothing else is, and the session goes
// on. scripts/lsp-storm does the same with a live server, and with files of any size.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/lsp_client.h"
#include "tests/support/random.h"

namespace seedling {
namespace {

std::vector<json> messages() {
  std::ifstream file(std::string(SEEDLING_SOURCE_DIR) + "/tests/lsp/storm.jsonl");
  std::vector<json> found;
  for (std::string line; std::getline(file, line);) found.push_back(json::parse(line)["message"]);
  return found;
}

// A session ends with the first `exit`; the rest belongs to the next one.
class Storm {
 public:
  void send(const json& message) {
    if (!client_) begin();
    client_->send(message);
    for (const json& received : client_->take()) {
      const bool is_question = received.contains("method") && received.contains("id");
      if (is_question) client_->respond(received["id"], nullptr);
    }
    client_->run_later();
    if (client_->exit_code()) end();
  }

  void end() {
    if (!client_) return;
    while (client_->release()) {
    }
    CHECK(client_->violations.empty());
    CHECK(client_->unanswered().empty());
    client_.reset();
  }

  int sessions = 0;

 private:
  void begin() {
    client_.emplace();
    client_->start(json::parse(R"({"workspace":{"configuration":true,"applyEdit":true},
        "textDocument":{"inlineCompletion":{"dynamicRegistration":true},"codeAction":{"resolveSupport":{"properties":["edit"]}}},
        "window":{"workDoneProgress":true}})"));
    client_->open("file:///storm/b.py", "python", "x = 1\n");
    client_->script.is_holding = ++sessions % 2 == 0;
  }

  std::optional<LspClient> client_;
};

TEST_CASE("storm: every request is answered once, in whatever order the messages come") {
  std::vector<json> all = messages();
  REQUIRE(all.size() > 400);
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[pick(random, i)]);
    Storm storm;
    for (const json& message : all) storm.send(message);
    storm.end();
    CHECK(storm.sessions >= 1);
  }
}

}  // namespace
}  // namespace seedling
