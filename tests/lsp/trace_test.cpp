// A trace tells everything about a session but what the user wrote.

#include "lsp/trace.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/lsp_client.h"

namespace seedling {
namespace {

const std::string kSecret = "hunter2";

bool tells(const json& value) {
  return dump(value).find(kSecret) != std::string::npos;
}

TEST_CASE("redact: texts become lengths, positions and the protocol's words stay") {
  Redactor redactor;
  const json message = json::parse(R"({"jsonrpc":"2.0","id":5,"method":"textDocument/didChange","params":{
      "textDocument":{"uri":"file:///home/hunter2/a.py","version":3},
      "contentChanges":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":4}},
                         "text":"hunter2"}]}})");
  CHECK(redactor.redact(message) == json::parse(R"({"jsonrpc":"2.0","id":5,"method":"textDocument/didChange",
      "params":{"textDocument":{"uri":"document-1.py","version":3},
      "contentChanges":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":4}},
                         "text":"<7 bytes>"}]}})"));
}

TEST_CASE("redact: a document keeps its number") {
  Redactor redactor;
  const auto name = [&](const char* uri) {
    return redactor.redact({{"uri", uri}})["uri"].get<std::string>();
  };
  CHECK(name("file:///a.py") == "document-1.py");
  CHECK(name("file:///b.h") == "document-2.h");
  CHECK(name("file:///a.py") == "document-1.py");
  CHECK(name("file:///x.hunter2hunter2") == "document-3");
  CHECK(name("untitled:hunter2") == "document-4");
}

TEST_CASE("redact: nothing that a user may have written gets through") {
  Redactor redactor;
  for (const json& message :
       {json({{"method", "x " + kSecret}}), json({{"id", kSecret + " " + kSecret}}),
        json({{kSecret + ".txt", 1}}),
        json({{"params", {{"settings", {{"seedling", {{"exclude", {kSecret}}}}}}}}}),
        json({{"params", {{"data", {{kSecret, kSecret}}}}}}), json({{"params", {{"arguments", {kSecret}}}}}),
        json({{"error", {{"message", kSecret}}}}),
        json({{"result", {{"items", {{{"insertText", kSecret}}}}}}}),
        json({{"result", {{"changes", {{"file:///" + kSecret, json::array()}}}}}}),
        json({{"context", {{"diagnostics", {{{"code", kSecret}, {"source", kSecret}}}}}}}),
        json({{"label", {kSecret, {{"value", kSecret}}}}}), json(kSecret), json::array({kSecret})}) {
    CAPTURE(dump(message));
    CHECK(!tells(redactor.redact(message)));
  }
}

TEST_CASE("redact: what the client can do is told") {
  Redactor redactor;
  const json message = {{"capabilities", {{"general", {{"positionEncodings", {"utf-8", "utf-16"}}}}}},
                        {"clientInfo", {{"name", "Some Editor"}, {"version", "1.2"}}},
                        {"trace", "off"}};
  CHECK(redactor.redact(message) == message);
}

TEST_CASE("trace: an answer is told with what it answers and how long that took") {
  Trace trace;
  const Trace::TimePoint begin{};
  const auto at = [&](int ms) { return begin + std::chrono::milliseconds(ms); };
  CHECK(trace.record(Sender::client, R"({"id":1,"method":"shutdown"})", at(10)).summary ==
        "client: shutdown (1), 28 bytes");
  // The server's own request may have the same id.
  CHECK(trace.record(Sender::server, R"({"id":1,"method":"workspace/applyEdit"})", at(20)).summary ==
        "server: workspace/applyEdit (1), 39 bytes");
  const Trace::Entry answer = trace.record(Sender::server, R"({"id":1,"result":"hunter2"})", at(35));
  CHECK(answer.summary == "server: answer to shutdown (1) after 25.0 ms, 27 bytes");
  CHECK(answer.line["ms"] == 25.0);
  CHECK(answer.line["took_ms"] == 25.0);
  CHECK(answer.line["answers"] == "shutdown");
  CHECK(!tells(answer.line));
  CHECK(trace.record(Sender::client, R"({"id":1,"result":null})", at(50)).line["answers"] ==
        "workspace/applyEdit");
  CHECK(trace.record(Sender::client, R"({"id":9,"result":null})", at(50)).summary ==
        "client: answer (9), 22 bytes");
  CHECK(trace.record(Sender::client, "hunter2", at(60)).summary == "client: no message, 7 bytes");
}

TEST_CASE("trace: a whole session, without the user's text in it") {
  LspClient client;
  client.start(json::object(), {{"exclude", {kSecret}}});
  client.script.on_complete = FakeGenerator::insert(kSecret);
  client.open("file:///w/" + kSecret + ".py", "python", kSecret + " = ");
  client.request(1, "textDocument/inlineCompletion",
                 {{"textDocument", {{"uri", "file:///w/" + kSecret + ".py"}}},
                  {"position", {{"line", 0}, {"character", 10}}},
                  {"context", {{"triggerKind", 1}}}});
  client.request(2, "textDocument/codeAction", {{"textDocument", {{"uri", kSecret}}}});
  client.send_text(kSecret);
  client.send_text("{\"" + kSecret + "\xff");
  REQUIRE(client.traced.size() == 12);
  for (const std::string& line : client.traced) {
    CAPTURE(line);
    CHECK(!tells(json::parse(line)));
  }
  CHECK(json::parse(client.traced[4])["message"]["params"]["position"]["character"] == 10);
}

TEST_CASE("trace: $/logTrace comes when it is asked for") {
  LspClient client;
  client.start();
  client.take();
  client.notify("$/setTrace", {{"value", "messages"}});
  client.notify("textDocument/didClose", {{"textDocument", {{"uri", "file:///a"}}}});
  json told = client.take_one();
  CHECK(told["method"] == "$/logTrace");
  CHECK(told["params"]["message"].get<std::string>().starts_with("client: textDocument/didClose, "));
  CHECK(!told["params"].contains("verbose"));
  client.notify("$/setTrace", {{"value", "verbose"}});
  client.take();
  client.open("file:///" + kSecret, "python", kSecret);
  told = client.take_one();
  CHECK(told["params"].contains("verbose"));
  CHECK(!tells(told));
  client.notify("$/setTrace", {{"value", "off"}});
  client.take();
  client.open("file:///b", "python", "");
  CHECK(client.take().empty());
}

}  // namespace
}  // namespace seedling
