// What transcripts cannot say of a relay: what it tells an engine, and what it keeps to itself.

#include "lsp/relay.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/lsp_client.h"
#include "tests/support/random.h"

namespace seedling {
namespace {

// A relay between two lists.
struct Wire {
  std::vector<json> editor, engine;
  Relay relay{[this](std::string_view body) { editor.push_back(json::parse(body)); },
              [this](std::string_view body) { engine.push_back(json::parse(body)); }};

  void from_editor(const std::string& body) { relay.on_editor_body(body); }
  void from_engine(const std::string& body) { relay.on_engine_body(body); }
  void start() {
    from_editor(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":7}})");
    from_engine(R"({"jsonrpc":"2.0","id":1,"result":{"capabilities":{"positionEncoding":"utf-8"}}})");
    from_editor(R"({"jsonrpc":"2.0","method":"initialized","params":{}})");
    editor.clear();
    engine.clear();
  }
};

TEST_CASE("relay: a sign of life is asked for and kept from the editor") {
  Wire wire;
  wire.start();
  CHECK(wire.relay.client_process() == 7);
  CHECK(!wire.relay.is_waiting());
  wire.relay.ping();
  REQUIRE(wire.engine.size() == 1);
  CHECK(wire.engine[0]["method"] == "seedling/ping");
  CHECK(!wire.relay.is_waiting());  // the editor does not
  wire.from_engine(dump(make_result(wire.engine[0]["id"], {{"overdueMs", 1500}})));
  CHECK(wire.relay.overdue() == std::chrono::milliseconds(1500));
  CHECK(wire.editor.empty());
  wire.relay.on_engine_gone();
  CHECK(wire.relay.overdue().count() == 0);
  wire.relay.ping();
  CHECK(wire.engine.size() == 1);
}

TEST_CASE("relay: what an engine asks the editor is answered to that engine alone") {
  Wire wire;
  wire.start();
  const std::string asks = R"({"jsonrpc":"2.0","id":5,"method":"workspace/configuration","params":{}})";
  wire.from_engine(asks);
  REQUIRE(wire.editor.size() == 1);
  const json first = wire.editor[0]["id"];
  wire.from_editor(dump(make_result(first, json::array({"settings"}))));
  REQUIRE(wire.engine.size() == 1);
  CHECK(wire.engine[0]["id"] == 5);
  CHECK(wire.engine[0]["result"] == json::array({"settings"}));

  wire.from_engine(asks);
  wire.relay.on_engine_gone();
  wire.relay.on_engine_back();
  wire.from_engine(asks);
  wire.engine.clear();
  CHECK(wire.editor[1]["id"] == first);
  CHECK(wire.editor[2]["id"] != first);
  wire.from_editor(dump(make_result(wire.editor[1]["id"], "late")));
  CHECK(wire.engine.empty());
  wire.from_editor(dump(make_result(wire.editor[2]["id"], "now")));
  CHECK(wire.engine.at(0)["result"] == "now");
  wire.from_editor(dump(make_result(first, "later still")));
  wire.from_editor(dump(make_result(77, "to nothing")));
  CHECK(wire.engine.size() == 1);
}

TEST_CASE("relay: the editor is not asked a second time to register the same") {
  Wire wire;
  wire.start();
  const std::string registers =
      R"({"jsonrpc":"2.0","id":1,"method":"client/registerCapability","params":{"registrations":[{"id":"a","method":"m"}]}})";
  wire.from_engine(registers);
  CHECK(wire.editor.size() == 1);
  wire.relay.on_engine_gone();
  wire.relay.on_engine_back();
  wire.engine.clear();
  wire.from_engine(registers);
  CHECK(wire.editor.size() == 1);
  REQUIRE(wire.engine.size() == 1);
  CHECK(wire.engine[0] == json::parse(R"({"jsonrpc":"2.0","id":1,"result":null})"));
}

TEST_CASE("relay: progress that an engine began ends with it") {
  Wire wire;
  wire.start();
  const auto progress = [&](const char* token, const char* kind) {
    wire.from_engine(dump(make_notification("$/progress", {{"token", token}, {"value", {{"kind", kind}}}})));
  };
  progress("a", "begin");
  progress("b", "begin");
  progress("a", "end");
  wire.editor.clear();
  wire.relay.on_engine_gone();
  REQUIRE(wire.editor.size() == 1);
  CHECK(wire.editor[0]["params"] == json::parse(R"({"token":"b","value":{"kind":"end"}})"));
}

TEST_CASE("relay: a new engine is told everything once, in order") {
  Wire wire;
  wire.start();
  wire.from_editor(R"({"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"off"}})");
  wire.from_editor(R"({"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"verbose"}})");
  wire.from_editor(
      R"({"jsonrpc":"2.0","method":"workspace/didChangeWorkspaceFolders","params":{"event":1}})");
  wire.from_editor(R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":
      {"uri":"u","languageId":"c","version":3,"text":"é\n"}}})");
  wire.from_editor(R"({"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":
      {"uri":"u","version":4},"contentChanges":[{"range":{"start":{"line":0,"character":2},
      "end":{"line":0,"character":2}},"text":"x"}]}})");
  wire.relay.on_engine_gone();
  wire.engine.clear();
  wire.relay.on_engine_back();
  std::vector<std::string> methods;
  for (const json& message : wire.engine) methods.push_back(message["method"]);
  CHECK(methods == std::vector<std::string>{"initialize", "initialized",
                                            "workspace/didChangeWorkspaceFolders", "$/setTrace",
                                            "textDocument/didOpen"});
  CHECK(wire.engine[0]["params"] == json::parse(R"({"processId":7})"));
  CHECK(wire.engine[3]["params"]["value"] == "verbose");
  CHECK(wire.engine[4]["params"]["textDocument"] ==
        json::parse(R"({"uri":"u","languageId":"c","version":4,"text":"éx\n"})"));
  wire.from_engine(dump(make_result(wire.engine[0]["id"], json::object())));
  CHECK(wire.editor.empty());
}

TEST_CASE("relay: an initialize that is refused may be sent again") {
  Wire wire;
  wire.from_editor(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":[]})");
  wire.from_engine(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})");
  wire.start();
  wire.relay.on_engine_gone();
  wire.relay.on_engine_back();
  CHECK(wire.engine.at(0)["params"] == json::parse(R"({"processId":7})"));
}

// Any order of typing, asking, dying and coming back: one answer to each request, and no lost edit.
TEST_CASE("relay: a random session in which engines die") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&random](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    LspClient client(std::nullopt, /*is_relayed=*/true);
    client.start();
    std::map<std::string, std::string> texts;
    bool is_alive = true;
    int id = 1, version = 1;
    for (int step = 0; step < 120; ++step) {
      const std::string uri = "file:///w/" + std::to_string(below(3)) + ".py";
      const std::size_t what = below(12);
      if (!texts.contains(uri)) {
        texts[uri] = "x = 1\ny = 2\n";
        client.open(uri, "python", texts[uri], ++version);
      } else if (what < 5) {
        std::string& text = texts[uri];
        const std::size_t begin = below(text.size() + 1);
        const std::size_t length = below(std::min<std::size_t>(text.size() - begin, 3) + 1);
        const std::string typed = what == 0 ? "\n" : what == 1 ? "" : "ab";
        const ByteRange range{{static_cast<std::uint32_t>(begin)},
                              {static_cast<std::uint32_t>(begin + length)}};
        client.notify("textDocument/didChange",
                      {{"textDocument", {{"uri", uri}, {"version", ++version}}},
                       {"contentChanges",
                        {{{"range", to_json(to_range(text, LineIndex(text), range, PositionEncoding::utf16))},
                          {"text", typed}}}}});
        text.replace(begin, length, typed);
      } else if (what == 5) {
        client.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
        texts.erase(uri);
      } else if (what < 9) {
        client.script.is_holding = below(2) == 0;
        client.request(++id, "textDocument/inlineCompletion",
                       {{"textDocument", {{"uri", uri}}}, {"position", {{"line", 0}, {"character", 0}}}});
      } else if (what == 9) {
        client.notify("$/cancelRequest", {{"id", id}});
      } else if (what == 10) {
        client.release();
      } else if (is_alive) {
        client.engine_dies();
        is_alive = false;
      } else {
        client.engine_returns();
        is_alive = true;
      }
    }
    if (!is_alive) client.engine_returns();
    while (client.release()) {
    }
    client.take();
    for (const auto& [uri, text] : texts) {
      client.open("file:///w/copy", "python", text);
      const auto hash_of = [&](const std::string& of) {
        client.request(++id, "seedling/documentHash", {{"textDocument", {{"uri", of}}}});
        return client.take_one()["result"]["hash"];
      };
      CHECK(hash_of(uri).is_string());
      CHECK(hash_of(uri) == hash_of("file:///w/copy"));
    }
    CHECK(client.unanswered().empty());
    CHECK(client.violations.empty());
  }
}

}  // namespace
}  // namespace seedling
