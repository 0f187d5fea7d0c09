// What transcripts cannot say: what the engine is asked, and which members an answer must not have.

#include "lsp/server.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/support/lsp_client.h"

namespace seedling {
namespace {

const std::string kUri = "file:///w/src/a.py";

json ask(json id, int line, int character, int trigger = 2) {
  return {{"jsonrpc", "2.0"},
          {"id", std::move(id)},
          {"method", "textDocument/inlineCompletion"},
          {"params",
           {{"textDocument", {{"uri", kUri}}},
            {"position", {{"line", line}, {"character", character}}},
            {"context", {{"triggerKind", trigger}}}}}};
}

TEST_CASE("server: the engine gets the snapshot, the byte offset and the limits") {
  LspClient client;
  client.start(json::object(), {{"maxLines", 4}, {"maxTokens", 50}, {"latencyBudgetMs", 70}});
  client.open(kUri, "python", "\u00e9\U0001f600 = \r\n", 9);
  client.send(ask(1, 0, 6));
  REQUIRE(client.script.completes.size() == 1);
  const CompleteRequest& request = client.script.completes[0];
  CHECK(request.snapshot->path == "src/a.py");
  CHECK(request.snapshot->language == "python");
  CHECK(request.snapshot->version == 9);
  CHECK(request.snapshot->text == "\u00e9\U0001f600 = \r\n");
  CHECK(request.cursor.value == 9);
  CHECK(request.limits.candidates == 1);
  CHECK(request.limits.max_lines == 4);
  CHECK(request.limits.max_tokens == 50);
  CHECK(request.limits.latency_budget_ms == 70);
  client.send(ask(2, 0, 6, 1));
  CHECK(client.script.completes[1].limits.candidates == 3);
}

TEST_CASE("server: the engine gets what else is open, the nearest first, and nothing that is excluded") {
  LspClient client;
  client.start(json::object(), {{"exclude", {"**/secret.py"}}, {"diagnostics", true}});
  client.open("file:///w/lib/far.py", "python", "far = 1");
  client.open("file:///w/src/old.py", "python", "old = 1");
  client.open("file:///w/src/new.py", "python", "new = 1");
  client.open("file:///w/src/secret.py", "python", "secret = 1");
  client.open("file:///w/src/a.js", "javascript", "other = 1");
  client.open(kUri, "python", "x = ");
  client.send(ask(1, 0, 4));
  const auto texts_seen = [&] {
    std::vector<std::string> texts;
    for (const SnapshotPtr& snapshot : client.script.completes.back().neighbours)
      texts.push_back(snapshot->text);
    return texts;
  };
  CHECK(texts_seen() == std::vector<std::string>{"new = 1", "old = 1", "far = 1"});
  // Unsaved text, and what was changed last comes first.
  client.open("file:///w/src/old.py", "python", "old = 2");
  client.send(ask(2, 0, 4));
  CHECK(texts_seen() == std::vector<std::string>{"old = 2", "new = 1", "far = 1"});

  client.send({{"jsonrpc", "2.0"},
               {"id", 3},
               {"method", "textDocument/diagnostic"},
               {"params", {{"textDocument", {{"uri", kUri}}}}}});
  REQUIRE(!client.script.checks.empty());
  const std::vector<OpenFile>& open = client.script.checks.back().open;
  REQUIRE(open.size() == 3);
  CHECK(open[0].path == "/w/src/old.py");
  CHECK(open[0].snapshot->text == "old = 2");
}

TEST_CASE("server: an item has no members that say nothing") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "x = ");
  client.take();
  client.send(ask(1, 0, 4));
  CHECK(client.take_one()["result"] == json::parse(R"({"items":[{"insertText":"answer",
                     "range":{"start":{"line":0,"character":4},"end":{"line":0,"character":4}},
                     "command":{"title":"Accepted","command":"seedling.accepted","arguments":["file:///w/src/a.py",10]}}]})"));
}

TEST_CASE("server: only what the editor can show is answered") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "ab cd\nef");
  client.take();
  struct Case {
    std::string name;
    ByteRange replaces;
    const char* text;
    std::size_t item_count;
  };
  for (const Case& c :
       {Case{"a replaced word", {{0}, {2}}, "abc", 1}, Case{"over two lines", {{1}, {7}}, "x", 0},
        Case{"away from the cursor", {{3}, {5}}, "x", 0}, Case{"past the text", {{1}, {99}}, "x", 0},
        Case{"backwards", {{2}, {1}}, "x", 0}, Case{"the same text again", {{0}, {2}}, "ab", 0},
        Case{"nothing", {{1}, {1}}, "", 0}, Case{"several lines of text", {{1}, {1}}, "x\ny", 1}}) {
    CAPTURE(c.name);
    client.script.on_complete = [&](const CompleteRequest&) {
      return std::vector<Completion>{{c.replaces, c.text, 1.0f, {}}};
    };
    client.send(ask(1, 0, 1, 1));
    CHECK(client.take_one()["result"]["items"].size() == c.item_count);
  }
}

TEST_CASE("server: with a selected entry the engine sees the text with that entry in it") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "x = prefix\n");
  client.take();
  const auto ask_selected = [&](int from, int to, int at) {
    json message = ask(1, 0, at);
    message["params"]["context"]["selectedCompletionInfo"] = {
        {"range", {{"start", {{"line", 0}, {"character", from}}}, {"end", {{"line", 0}, {"character", to}}}}},
        {"text", "print"}};
    client.send(message);
    return client.take_one();
  };
  const json answer = ask_selected(4, 10, 6);
  CHECK(client.script.completes.back().snapshot->text == "x = print\n");
  CHECK(client.script.completes.back().cursor.value == 9);
  CHECK(answer["result"]["items"][0]["insertText"] == "printanswer");
  CHECK(answer["result"]["items"][0]["range"]["end"]["character"] == 10);

  const auto replies_with = [&](ByteRange replaces, const char* text) {
    client.script.on_complete = [=](const CompleteRequest&) {
      return std::vector<Completion>{{replaces, text, 1.0f, {}}};
    };
    return ask_selected(4, 10, 6)["result"]["items"];
  };
  CHECK(replies_with({{4}, {9}}, "println")[0]["insertText"] == "println");
  CHECK(replies_with({{4}, {9}}, "prefer").empty());    // does not extend it
  CHECK(replies_with({{3}, {9}}, " println").empty());  // not the same range
  CHECK(replies_with({{9}, {10}}, "x").empty());
  CHECK(ask_selected(0, 1, 6)["error"]["code"] == rpc_error::invalid_params);
}

TEST_CASE("server: positions are agreed on as the client prefers") {
  const auto agreed = [](const char* capabilities) {
    LspClient client;
    return client.start(json::parse(capabilities))["result"]["capabilities"]["positionEncoding"]
        .get<std::string>();
  };
  CHECK(agreed("{}") == "utf-16");
  CHECK(agreed(R"({"general":{"positionEncodings":["utf-16"]}})") == "utf-16");
  CHECK(agreed(R"({"general":{"positionEncodings":["utf-32","utf-16"]}})") == "utf-16");
  CHECK(agreed(R"({"general":{"positionEncodings":["utf-32"]}})") == "utf-32");
  CHECK(agreed(R"({"general":{"positionEncodings":["utf-16","utf-32","utf-8"]}})") == "utf-8");
  CHECK(agreed(R"({"general":{"positionEncodings":"utf-8"}})") == "utf-16");
  CHECK(agreed(R"({"general":7})") == "utf-16");
}

TEST_CASE("server: the engine is loaded after initialize, once, and not at all while switched off") {
  LspClient client;
  client.request(0, "initialize",
                 {{"capabilities", json::object()}, {"initializationOptions", {{"enable", false}}}});
  CHECK(client.loads == 0);
  client.open(kUri, "python", "x = ");
  client.send(ask(1, 0, 4));
  CHECK(client.loads == 0);
  client.notify("workspace/didChangeConfiguration", {{"settings", {{"seedling", {{"enable", true}}}}}});
  client.send(ask(2, 0, 4));
  client.send(ask(3, 0, 4));
  CHECK(client.loads == 1);
  CHECK(client.unanswered().empty());
}

TEST_CASE("server: loading that takes its time is shown, and only that") {
  const auto begin = [](LspClient& client) {
    client.start(json::parse(R"({"window":{"workDoneProgress":true}})"), {{"enable", false}});
    client.notify("workspace/didChangeConfiguration", {{"settings", {{"seedling", {{"enable", true}}}}}});
    client.take();
  };
  LspClient quick;
  begin(quick);
  quick.open(kUri, "python", "x = ");
  quick.send(ask(1, 0, 4));
  quick.run_later();
  CHECK(quick.take().size() == 1);

  // The wait ends while the model is still being loaded.
  LspClient slow;
  begin(slow);
  slow.open(kUri, "python", "x = ");
  slow.is_running_posted = false;
  slow.send(ask(1, 0, 4));
  slow.run_later();
  const json create = slow.take_one();
  CHECK(create["method"] == "window/workDoneProgress/create");
  slow.respond(create["id"], nullptr);
  json shown = slow.take_one();
  CHECK(shown["method"] == "$/progress");
  CHECK(shown["params"]["token"] == create["params"]["token"]);
  CHECK(shown["params"]["value"]["kind"] == "begin");
  slow.is_running_posted = true;
  slow.run();
  const std::vector<json> rest = slow.take();
  REQUIRE(rest.size() == 2);
  CHECK(rest[0]["params"]["value"]["kind"] == "end");
  CHECK(rest[1]["id"] == 1);
}

TEST_CASE("server: an idle engine is unloaded and comes back") {
  LspClient client;
  client.start(json::object(), {{"idleUnloadMinutes", 10}});
  client.open(kUri, "python", "x = ");
  const std::chrono::steady_clock::time_point begin{};
  const auto tick = [&](int minutes) { client.server().on_tick(begin + std::chrono::minutes(minutes)); };
  tick(0);
  client.send(ask(1, 0, 4));
  tick(9);
  tick(18);
  CHECK(client.unloads() == 0);
  tick(20);
  CHECK(client.unloads() == 1);
  tick(60);
  CHECK(client.loads == 1);
  client.send(ask(2, 0, 4));
  CHECK(client.loads == 2);

  client.script.is_holding = true;
  client.send(ask(3, 0, 4));
  tick(100);
  tick(200);
  CHECK(client.unloads() == 1);  // at work
  client.release();
  client.notify("workspace/didChangeConfiguration",
                {{"settings", {{"seedling", {{"idleUnloadMinutes", 0}}}}}});
  tick(300);
  tick(1000);
  CHECK(client.unloads() == 1);
  CHECK(client.unanswered().empty());
}

TEST_CASE("server: a closed document is forgotten by the engine") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "x = ");
  client.send(ask(1, 0, 4));
  client.notify("textDocument/didClose", {{"textDocument", {{"uri", kUri}}}});
  const std::string document = client.script.completes.at(0).snapshot->document;
  CHECK(client.script.forgotten == std::vector<std::string>{document});
}

TEST_CASE("server: the engine tells documents apart that have one path for the model") {
  LspClient first, second;
  std::set<std::string> documents, paths;
  for (LspClient* client : {&first, &second}) {
    client->start();
    client->open(kUri, "python", "x = ");
    client->send(ask(1, 0, 4));
    client->notify("textDocument/didChange", {{"textDocument", {{"uri", kUri}, {"version", 2}}},
                                              {"contentChanges", {{{"text", "x = y."}}}}});
    client->send(ask(2, 0, 6));
    REQUIRE(client->script.completes.size() == 2);
    for (const CompleteRequest& request : client->script.completes) {
      documents.insert(request.snapshot->document);
      paths.insert(request.snapshot->path);
    }
  }
  CHECK(documents.size() == 2);  // a change makes no other document of it
  CHECK(paths.size() == 1);
}

TEST_CASE("server: of a document that is out of step or opened again the engine keeps nothing") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "x = ");
  client.open(kUri, "python", "y = ");
  CHECK(client.script.forgotten.size() == 1);
  client.notify(
      "textDocument/didChange",
      {{"textDocument", {{"uri", kUri}, {"version", 2}}},
       {"contentChanges",
        {{{"range", {{"start", {{"line", 9}, {"character", 0}}}, {"end", {{"line", 9}, {"character", 0}}}}},
          {"text", "z"}}}}});
  CHECK(client.script.forgotten.size() == 2);
  CHECK(client.script.forgotten[0] != client.script.forgotten[1]);
}

TEST_CASE(
    "server: code actions get the diagnostics in bytes, of any source, without those that no longer fit") {
  LspClient client;
  client.start(json::parse(R"({"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}})"));
  client.open(kUri, "python", "\U0001f600 = y\n");
  client.take();
  client.script.on_list = [](const ListActionsRequest& request) {
    Action fix{Action::Kind::fix, "fix", "Fix", request.diagnostics.at(1).range, {request.diagnostics.at(1)}};
    return std::vector<Action>{fix};
  };
  const json fits = {{"start", {{"line", 0}, {"character", 5}}}, {"end", {{"line", 0}, {"character", 6}}}};
  const json gone = {{"start", {{"line", 9}, {"character", 0}}}, {"end", {{"line", 9}, {"character", 1}}}};
  const json second = {
      {"range", fits}, {"message", "other"}, {"code", "E1"}, {"data", {{"deep", {1, nullptr}}}}};
  client.request(1, "textDocument/codeAction",
                 {{"textDocument", {{"uri", kUri}}},
                  {"range", fits},
                  {"context",
                   {{"diagnostics",
                     {{{"range", gone}, {"message", "gone"}},
                      {{"range", fits}, {"message", {{"kind", "plaintext"}, {"value", "rich"}}}, {"code", 7}},
                      second}}}}});
  const json actions = client.take_one()["result"];
  REQUIRE(actions.size() == 1);
  CHECK(!actions[0].contains("isPreferred"));
  CHECK(!actions[0].contains("tags"));
  CHECK(!actions[0].contains("edit"));
  CHECK(actions[0]["diagnostics"] == json::array({second}));
  const auto& diagnostics = client.script.lists.at(0).diagnostics;
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].message == "rich");
  CHECK(diagnostics[0].code == "7");
  CHECK(diagnostics[0].range == ByteRange{{7}, {8}});

  // What was put into `data` comes back whole.
  client.script.on_resolve = [](const ResolveActionRequest&) { return ResolvedAction{}; };
  client.request(2, "codeAction/resolve", actions[0]);
  const Action& resolved = client.script.resolves.at(0).action;
  CHECK(resolved.kind == Action::Kind::fix);
  CHECK(resolved.name == "fix");
  CHECK(resolved.title == "Fix");
  CHECK(resolved.range == ByteRange{{7}, {8}});
  REQUIRE(resolved.diagnostics.size() == 1);
  CHECK(resolved.diagnostics[0].message == "other");
  CHECK(resolved.diagnostics[0].code == "E1");
}

TEST_CASE("server: data that was tampered with is refused") {
  LspClient client;
  client.start(json::parse(R"({"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}})"));
  client.open(kUri, "python", "x = 1\n");
  client.take();
  const json good = {{"uri", kUri}, {"version", 1}, {"revision", 1}, {"fix", 0},
                     {"name", "n"}, {"begin", 0},   {"end", 1},      {"diagnostics", json::array()}};
  const auto code_of = [&](json data) {
    client.request(1, "codeAction/resolve", {{"title", "t"}, {"data", std::move(data)}});
    return client.take().back().value("/error/code"_json_pointer, 0);
  };
  CHECK(code_of(good) == 0);
  for (const std::string patch :
       {R"({"begin":-1})", R"({"end":7})", R"({"begin":2})", R"({"fix":2})", R"({"name":null})",
        R"({"uri":7})", R"({"revision":-1})", R"({"revision":"1"})", R"({"diagnostics":null})",
        R"({"end":18446744073709551615})", R"({"diagnostics":[{"begin":0,"end":99}]})"}) {
    CAPTURE(patch);
    json data = good;
    data.merge_patch(json::parse(patch));
    CHECK(code_of(data) == rpc_error::invalid_params);
  }
  CHECK(client.script.resolves.size() == 1);
}

TEST_CASE("server: an id that still waits is not taken a second time") {
  LspClient client;
  client.start();
  client.open(kUri, "python", "x = ");
  client.script.is_holding = true;
  client.take();
  client.send(ask(1, 0, 4));
  client.request(1, "textDocument/codeAction", json::object());
  CHECK(client.take_one()["error"]["code"] == rpc_error::invalid_request);
  client.release();
  CHECK(client.take_one()["result"]["items"].size() == 1);
}

TEST_CASE("server: after the end nothing is answered") {
  LspClient client;
  client.start();
  client.take();
  client.notify("exit");
  CHECK(client.exit_code() == 1);
  client.request(1, "shutdown");
  CHECK(client.take().empty());
}

}  // namespace
}  // namespace seedling
