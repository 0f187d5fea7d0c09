// Editor windows and the engine they share, each in a process of its own, over real sockets: who starts it,
// who notices when it dies or hangs, and when it goes.

#include "lsp/forward.h"

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "lsp/socket_server.h"
#include "tests/support/fake_generator.h"
#include "tests/support/server_process.h"
#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

using test::TemporaryFolder;

// An engine whose completions name its process, so that a test sees who answers.
Result<std::unique_ptr<Generator>> engine_with_a_name() {
  static FakeGenerator::Script script;
  script.on_complete = FakeGenerator::insert(std::to_string(getpid()));
  return std::unique_ptr<Generator>(std::make_unique<FakeGenerator>(script));
}

// An engine that stands still inside a call, as one that is caught in a loop: nobody is answered.
class StuckGenerator final : public Generator {
 public:
  explicit StuckGenerator(std::chrono::milliseconds overdue) : overdue_(overdue) {}
  void complete(CompleteRequest, std::stop_token, OnDone<std::vector<Completion>>) override {}
  void list_actions(ListActionsRequest, std::stop_token, OnDone<std::vector<Action>>) override {}
  void resolve_action(ResolveActionRequest, std::stop_token, OnDone<ResolvedAction>) override {}
  void check(CheckRequest, std::stop_token, OnDone<std::vector<Diagnostic>>) override {}
  void forget(const std::string&) override {}
  std::chrono::milliseconds overdue() override { return overdue_; }

 private:
  const std::chrono::milliseconds overdue_;
};

constexpr int kSocket = 3;

struct Sharing {
  TemporaryFolder folder;
  std::chrono::milliseconds hung_after{20'000};
  std::chrono::seconds linger{0};
  std::function<void()> before_serving = [] {};
  GeneratorSource source = engine_with_a_name;

  std::string socket() const { return folder / "engine.sock"; }

  // What an editor starts.
  std::function<int()> window() const {
    return [this] {
      ForwardOptions options;
      options.socket_path = socket();
      options.log_level = "off";
      options.log_path = "the log";
      options.hung_after = hung_after;
      options.first_delay = std::chrono::milliseconds(1);
      options.start_engine = [this](const Descriptor& listening) -> Result<pid_t> {
        std::ofstream(folder / "starts", std::ios::app) << "x";
        const pid_t engine = fork();
        if (engine != 0) return engine;
        // As a program that is started has it: nothing of the window's but the socket.
        setsid();
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        dup2(listening.get(), kSocket);
        close_range(kSocket + 1, ~0U, 0);
        before_serving();
        const SocketServerOptions serving{.log_level = "off", .server = {.answers_document_hash = true}};
        const Result<int> code = serve_engine(socket(), Descriptor(kSocket), source, linger, serving);
        _exit(code.ok() ? *code : 2);
      };
      const Result<int> code = forward_stdio(std::move(options));
      return code.ok() ? *code : 3;
    };
  }

  std::size_t starts() const { return std::filesystem::file_size(folder / "starts"); }
};

// The process that answers this window, by its name. While the engine is being replaced it is asked again.
pid_t engine_of(ServerProcess& window, int id) {
  for (int turn = 0; turn < kPatienceMs / 10; ++turn) {
    window.ask(id);
    const json answer = window.receive();
    REQUIRE(answer["id"] == id);
    if (answer.contains("result"))
      return std::stoi(answer["result"]["items"].at(0)["insertText"].get<std::string>());
    CHECK(answer["error"]["code"] == rpc_error::request_cancelled);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("no engine answers");
  return 0;
}

void end(ServerProcess& window) {
  window.request(99, "shutdown");
  CHECK(window.receive()["id"] == 99);
  window.notify("exit");
  CHECK(window.receive().is_null());
  CHECK(window.wait() == 0);
}

json hash_of(ServerProcess& window, int id) {
  window.request(id, "seedling/documentHash", {{"textDocument", {{"uri", "file:///w/a.py"}}}});
  const json answer = window.receive();
  REQUIRE(answer["id"] == id);
  return answer["result"];
}

void await(const std::function<bool()>& is_true) {
  for (int turn = 0; turn < kPatienceMs / 10 && !is_true(); ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(is_true());
}

// A process that has ended and that nobody has asked about has no memory left.
bool is_running(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  return maps.peek() != std::ifstream::traits_type::eof();
}

TEST_CASE("forward: windows share one engine, which goes after the last of them") {
  const Sharing sharing;
  ServerProcess first(sharing.window());
  first.start();
  const pid_t engine = engine_of(first, 1);
  CHECK(engine != first.process());
  {
    ServerProcess second(sharing.window());
    second.start();
    CHECK(engine_of(second, 1) == engine);
    CHECK(hash_of(second, 2) == hash_of(first, 2));
    end(second);
  }
  CHECK(engine_of(first, 3) == engine);
  CHECK(sharing.starts() == 1);
  struct stat status {};
  REQUIRE(stat(sharing.socket().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  end(first);
  await([&] { return !std::filesystem::exists(sharing.socket()); });
}

TEST_CASE("forward: an engine whose socket somebody has removed goes as well") {
  const Sharing sharing;
  ServerProcess window(sharing.window());
  window.start();
  const pid_t engine = engine_of(window, 1);
  std::filesystem::remove_all(sharing.folder.path());
  CHECK(engine_of(window, 2) == engine);
  end(window);
  await([&] { return !is_running(engine); });
}

TEST_CASE("forward: windows that open at the same time start one engine") {
  const Sharing sharing;
  std::vector<std::unique_ptr<ServerProcess>> windows;
  for (int i = 0; i < 6; ++i) windows.push_back(std::make_unique<ServerProcess>(sharing.window()));
  std::vector<pid_t> engines;
  for (auto& window : windows) {
    window->start();
    engines.push_back(engine_of(*window, 1));
  }
  CHECK(std::count(engines.begin(), engines.end(), engines[0]) == 6);
  CHECK(sharing.starts() == 1);
}

TEST_CASE("forward: an engine that is killed is replaced, and no edit is lost") {
  Sharing sharing;
  sharing.linger = std::chrono::seconds(30);
  ServerProcess first(sharing.window());
  ServerProcess second(sharing.window());
  first.start();
  second.start();
  const pid_t engine = engine_of(first, 1);
  first.notify("textDocument/didChange", {{"textDocument", {{"uri", "file:///w/a.py"}, {"version", 2}}},
                                          {"contentChanges", {{{"text", "y = "}}}}});
  const json before = hash_of(first, 2);
  REQUIRE(kill(engine, SIGKILL) == 0);
  const pid_t next = engine_of(first, 20);
  CHECK(next != engine);
  CHECK(hash_of(first, 21) == before);
  await([&] {
    second.ask(3);
    const json answer = second.receive();
    return answer.contains("result") && answer["result"]["items"].at(0)["insertText"] == std::to_string(next);
  });
  CHECK(sharing.starts() == 2);
  end(first);
  end(second);
  kill(next, SIGTERM);
}

TEST_CASE("forward: an engine that hangs is killed and replaced") {
  Sharing sharing;
  sharing.hung_after = std::chrono::milliseconds(1000);
  ServerProcess window(sharing.window());
  window.start();
  const pid_t engine = engine_of(window, 1);
  REQUIRE(kill(engine, SIGSTOP) == 0);
  window.ask(2);
  CHECK(window.receive()["error"]["code"] == rpc_error::request_cancelled);
  CHECK(engine_of(window, 3) != engine);
  await([&] { return !is_running(engine); });
  end(window);
}

TEST_CASE("forward: an engine with a call that does not end is replaced") {
  Sharing sharing;
  sharing.hung_after = std::chrono::milliseconds(1000);
  sharing.source = [&]() -> Result<std::unique_ptr<Generator>> {
    if (sharing.starts() > 1) return engine_with_a_name();
    return std::unique_ptr<Generator>(std::make_unique<StuckGenerator>(std::chrono::hours(1)));
  };
  ServerProcess window(sharing.window());
  window.start();
  window.ask(1);
  CHECK(window.receive()["error"]["code"] == rpc_error::request_cancelled);
  CHECK(engine_of(window, 2) > 0);
  CHECK(sharing.starts() == 2);
  end(window);
}

TEST_CASE("forward: a window that was stopped with its engine does not take that for a hang") {
  Sharing sharing;
  sharing.hung_after = std::chrono::milliseconds(2000);
  sharing.source = []() -> Result<std::unique_ptr<Generator>> {
    return std::unique_ptr<Generator>(std::make_unique<StuckGenerator>(std::chrono::milliseconds(0)));
  };
  ServerProcess window(sharing.window());
  window.start();
  window.ask(1);  // and waits
  window.request(2, "no/such");
  CHECK(window.receive()["id"] == 2);
  const pid_t engine = SocketLock::take(sharing.socket()).value().engine();
  REQUIRE(kill(engine, SIGSTOP) == 0);
  REQUIRE(kill(window.process(), SIGSTOP) == 0);
  std::this_thread::sleep_for(sharing.hung_after * 5 / 4);
  REQUIRE(kill(window.process(), SIGCONT) == 0);
  REQUIRE(kill(engine, SIGCONT) == 0);
  window.request(3, "no/such");
  CHECK(window.receive()["error"]["code"] == rpc_error::method_not_found);
  window.notify("$/cancelRequest", {{"id", 1}});
  CHECK(window.receive()["id"] == 1);
  end(window);
  CHECK(sharing.starts() == 1);
}

TEST_CASE("forward: an engine that ends at once again and again is told, and every request is answered") {
  Sharing sharing;
  sharing.before_serving = [] { _exit(1); };
  ServerProcess window(sharing.window());
  window.request(0, "initialize", {{"capabilities", json::object()}});
  const json told = window.receive();
  CHECK(told["method"] == "window/showMessage");
  CHECK(told["params"]["message"].get<std::string>().find("the log") != std::string::npos);
  window.ask(1);
  CHECK(window.receive()["error"]["code"] == rpc_error::request_cancelled);
  window.end_input();
  CHECK(window.receive()["id"] == 0);  // initialize, at last
  CHECK(window.receive().is_null());
  CHECK(window.wait() == 1);
}

TEST_CASE("forward: what an editor sends before it closes its end is answered") {
  const Sharing sharing;
  ServerProcess window(sharing.window());
  window.request(0, "initialize", {{"capabilities", json::object()}});
  window.request(1, "no/such");
  window.end_input();
  CHECK(window.receive()["result"]["serverInfo"]["name"] == "seedling");
  CHECK(window.receive()["error"]["code"] == rpc_error::method_not_found);
  CHECK(window.receive().is_null());
  CHECK(window.wait() == 1);
}

TEST_CASE("forward: no engine can be had where there is no place for its socket") {
  Sharing sharing;
  ForwardOptions options;
  options.log_level = "off";
  options.start_engine = [](const Descriptor&) -> Result<pid_t> { return not_found("no such program"); };
  options.socket_path = sharing.folder / "no/such/folder/engine.sock";
  CHECK(!forward_stdio(options).ok());
  options.socket_path = sharing.folder / std::string(200, 'x');
  CHECK(forward_stdio(options).error().message.find("too long") != std::string::npos);
  options.socket_path = sharing.folder / "engine.sock";
  CHECK(forward_stdio(options).error().message == "no such program");
}

}  // namespace
}  // namespace seedling
