// Clients at a socket: who is let in, and that they do not meet.

#include "lsp/socket_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "lsp/connection.h"
#include "tests/support/fake_generator.h"
#include "tests/support/server_process.h"
#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

using test::TemporaryFolder;

const std::string kToken = "a secret of the two of us";

FakeGenerator::Script script_of_lengths() {
  FakeGenerator::Script script;
  script.on_complete = [](const CompleteRequest& request) {
    const std::string length = std::to_string(request.snapshot->text.size());
    return std::vector<Completion>{{{request.cursor, request.cursor}, length, 1.0f, {}}};
  };
  return script;
}

// Inserts how long the text is. Several sessions may load theirs at a time.
Result<std::unique_ptr<Generator>> engine() {
  static FakeGenerator::Script script = script_of_lengths();
  return std::unique_ptr<Generator>(std::make_unique<FakeGenerator>(script));
}

// A server in a process of its own, and the port where it listens.
class Listening {
 public:
  explicit Listening(const std::string& token, const GeneratorSource& source = engine)
      : process_([this, token, source] {
          SocketServerOptions options{.log_level = "off", .token = token};
          options.on_listening = [this](const std::string& address) {
            std::ofstream(folder_ / "part") << address;
            std::filesystem::rename(folder_ / "part", folder_ / "address");
          };
          const Result<int> code = serve_tcp("127.0.0.1:0", source, std::move(options));
          return code.ok() ? *code : 2;
        }) {
    for (int turn = 0; turn < kPatienceMs / 5 && !std::filesystem::exists(folder_ / "address"); ++turn)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::string address;
    std::getline(std::ifstream(folder_ / "address"), address);
    REQUIRE(address.starts_with("127.0.0.1:"));
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(10)));
  }
  ~Listening() {
    if (process_.process() > 0) kill(process_.process(), SIGTERM);
  }

  std::uint16_t port() const { return port_; }
  int stop() {
    kill(process_.process(), SIGTERM);
    return process_.wait();
  }

 private:
  TemporaryFolder folder_;
  ServerProcess process_;
  std::uint16_t port_ = 0;
};

class Client {
 public:
  explicit Client(const Listening& server) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }

  void send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // turned away: receive() shows it
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void send(const json& message) { send_bytes(frame(dump(message))); }
  void request(int id, const char* method, json params) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  }
  void initialize(json options) {
    request(0, "initialize",
            {{"processId", nullptr}, {"capabilities", json::object()}, {"initializationOptions", options}});
  }
  // Null when the server has closed its end.
  json receive() {
    for (;;) {
      if (auto framed = framer_.next()) return json::parse(std::get<Body>(*framed).text);
      pollfd wait{socket_.get(), POLLIN, 0};
      REQUIRE(poll(&wait, 1, kPatienceMs) == 1);
      std::array<char, 4096> chunk;
      const ssize_t count = recv(socket_.get(), chunk.data(), chunk.size(), 0);
      if (count <= 0) return nullptr;
      framer_.feed({chunk.data(), static_cast<std::size_t>(count)});
    }
  }

 private:
  Descriptor socket_;
  Framer framer_;
};

Error refused(const std::string& address) {
  const auto code = serve_tcp(address, engine, {.log_level = "off"});
  REQUIRE(!code.ok());
  return code.error();
}

TEST_CASE("socket server: beyond this machine with a token only") {
  CHECK(refused("0.0.0.0:0").message.find("--token-file") != std::string::npos);
  CHECK(refused("[::]:0").message.find("--token-file") != std::string::npos);
  for (const char* address : {"", "7000", ":7000", "localhost:", "localhost:http", "localhost:123456",
                              "127.0.0.1:65536", "127.0.0.1:-1"}) {
    CAPTURE(address);
    CHECK(refused(address).message.find("expected") != std::string::npos);
  }
  CHECK(refused("no.such.host.invalid:7000").message.find("cannot be resolved") != std::string::npos);
}

TEST_CASE("socket server: clients of one process have documents of their own") {
  Listening server("");
  Client first(server), second(server);
  const auto open = [](Client& client, const char* text) {
    client.initialize(nullptr);
    CHECK(client.receive()["result"]["serverInfo"]["name"] == "seedling");
    client.send({{"jsonrpc", "2.0"},
                 {"method", "textDocument/didOpen"},
                 {"params",
                  {{"textDocument",
                    {{"uri", "file:///a.py"}, {"languageId", "python"}, {"version", 1}, {"text", text}}}}}});
  };
  const auto asks = [](Client& client) {
    client.request(1, "textDocument/inlineCompletion",
                   {{"textDocument", {{"uri", "file:///a.py"}}},
                    {"position", {{"line", 0}, {"character", 0}}},
                    {"context", {{"triggerKind", 1}}}});
    return client.receive()["result"]["items"].at(0)["insertText"];
  };
  open(first, "x");
  open(second, "yyy");
  CHECK(asks(first) == "1");
  CHECK(asks(second) == "3");
  first.send({{"jsonrpc", "2.0"}, {"method", "exit"}});
  CHECK(first.receive().is_null());
  CHECK(asks(second) == "3");
  CHECK(server.stop() == 0);
}

TEST_CASE("socket server: a client that goes while its engine is loaded holds nobody up") {
  const TemporaryFolder folder;
  // Whoever comes first waits for what never comes until the end of the test, as for a large model.
  const auto slow_for_the_first = [&folder]() -> Result<std::unique_ptr<Generator>> {
    static std::atomic<int> calls = 0;
    if (++calls > 1) return engine();
    std::ofstream(folder / "loading");
    for (int turn = 0; turn < kPatienceMs / 2 && !std::filesystem::exists(folder / "loaded"); ++turn)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return engine();
  };
  Listening server("", slow_for_the_first);
  {
    Client first(server);
    first.initialize(nullptr);
    CHECK(first.receive()["result"]["serverInfo"]["name"] == "seedling");
    first.send({{"jsonrpc", "2.0"}, {"method", "initialized"}, {"params", json::object()}});
    for (int turn = 0; turn < kPatienceMs / 2 && !std::filesystem::exists(folder / "loading"); ++turn)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    first.send({{"jsonrpc", "2.0"}, {"method", "exit"}});
    CHECK(first.receive().is_null());
  }
  for (int i = 0; i < 2; ++i) {
    Client other(server);
    other.initialize(nullptr);
    CHECK(other.receive()["result"]["serverInfo"]["name"] == "seedling");
    other.request(1, "shutdown", nullptr);
    CHECK(other.receive()["id"] == 1);
  }
  std::ofstream(folder / "loaded");
  CHECK(server.stop() == 0);
}

TEST_CASE("socket server: nothing is said to a client without the token") {
  Listening server(kToken);
  for (const json& options :
       {json(nullptr), json({{"token", ""}}), json({{"token", "a secret of the two of u"}}),
        json({{"token", kToken + "s"}}), json({{"token", 7}}), json::array({kToken})}) {
    CAPTURE(dump(options));
    Client client(server);
    client.initialize(options);
    const json answer = client.receive();
    CHECK(answer["id"] == 0);
    CHECK(answer["error"]["message"].get<std::string>().find("initializationOptions.token") !=
          std::string::npos);
    CHECK(client.receive().is_null());
  }
  Client other(server);
  other.request(1, "textDocument/inlineCompletion", {{"initializationOptions", {{"token", kToken}}}});
  CHECK(other.receive()["error"]["code"] == rpc_error::invalid_request);
  CHECK(other.receive().is_null());
  Client noisy(server);
  noisy.send_bytes("GET / HTTP/1.1\r\n\r\n");
  CHECK(noisy.receive().is_null());
  Client long_winded(server);
  long_winded.send_bytes("Content-Length: 100000000\r\n\r\n" + std::string(std::size_t{2} << 20, ' '));
  CHECK(long_winded.receive().is_null());

  Client friendly(server);
  friendly.initialize({{"token", kToken}});
  CHECK(friendly.receive()["result"]["serverInfo"]["name"] == "seedling");
  friendly.request(1, "shutdown", nullptr);
  CHECK(friendly.receive()["id"] == 1);
}

TEST_CASE("socket server: secrets are compared whole") {
  CHECK(is_same_secret("abc", "abc"));
  CHECK(!is_same_secret("abc", "abd"));
  CHECK(!is_same_secret("abc", "abca"));
  CHECK(!is_same_secret("abc", "ab"));
  CHECK(!is_same_secret("abc", ""));
  CHECK(!is_same_secret("abcabc", "abc"));
}

TEST_CASE("socket server: one process serves a socket") {
  const TemporaryFolder folder;
  const std::string path = folder / "s";
  const Descriptor listening = std::move(listen_at(path).value());
  const auto code = serve_unix(path, engine, {.log_level = "off"});
  REQUIRE(!code.ok());
  CHECK(code.error().message.find("is served by another process") != std::string::npos);
}

}  // namespace
}  // namespace seedling
