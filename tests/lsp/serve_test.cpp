// The whole program over real pipes, in a process of its own: threads, standard output, exit codes.

#include "lsp/serve.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "tests/support/fake_generator.h"
#include "tests/support/server_process.h"

namespace seedling {
namespace {

Result<std::unique_ptr<Generator>> fake_engine() {
  static FakeGenerator::Script script;
  std::printf("a library that prints\n");
  std::fflush(stdout);
  return std::unique_ptr<Generator>(std::make_unique<FakeGenerator>(script));
}

std::function<int()> serve(GeneratorSource source) {
  return [source = std::move(source)] { return serve_stdio(source, {.log_level = "off"}); };
}

TEST_CASE("serve: a session from initialize to exit, and standard output is the protocol only") {
  ServerProcess server(serve(fake_engine));
  server.start();
  server.ask(1);
  CHECK(server.receive()["result"]["items"][0]["insertText"] == "answer");
  server.request(2, "shutdown");
  CHECK(server.receive() == json::parse(R"({"jsonrpc":"2.0","id":2,"result":null})"));
  server.notify("exit");
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 0);
}

TEST_CASE("serve: the end of the input ends the process") {
  ServerProcess server(serve(fake_engine));
  server.start();
  server.ask(1);
  CHECK(server.receive()["id"] == 1);
  server.end_input();
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 1);
}

TEST_CASE("serve: exit without shutdown, while the input stays open") {
  ServerProcess server(serve(fake_engine));
  server.start();
  server.notify("exit");
  CHECK(server.receive().is_null());
  CHECK(server.wait() == 1);
}

TEST_CASE("serve: a missing model is told once and the session goes on") {
  ServerProcess server(
      serve([]() -> Result<std::unique_ptr<Generator>> { return not_found("no model: run setup"); }));
  server.start();
  CHECK(server.receive()["method"] == "window/showMessage");
  server.ask(1);
  CHECK(server.receive()["result"] == json::parse(R"({"items":[]})"));
  server.ask(2);
  CHECK(server.receive()["result"] == json::parse(R"({"items":[]})"));
  server.request(3, "shutdown");
  CHECK(server.receive()["id"] == 3);
  server.notify("exit");
  CHECK(server.wait() == 0);
}

}  // namespace
}  // namespace seedling
