// `seedling lsp` as a program: who shares an engine with whom, and what is refused.
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/cli/program.h"

using namespace seedling::test;
namespace fs = std::filesystem;

namespace {

std::string framed(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A session that is over at once, as a file.
std::string session() {
  return framed(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}})") +
         framed(R"({"jsonrpc":"2.0","id":2,"method":"shutdown"})") +
         framed(R"({"jsonrpc":"2.0","method":"exit"})");
}

struct Sessions : ProgramTest {
  Sessions() { file("in", session()); }
  ~Sessions() {
    for (const pid_t engine : engines()) kill(engine, SIGKILL);
  }

  Ran serve(const std::string& arguments, const std::string& environment = "XDG_RUNTIME_DIR=$PWD/run") const {
    return shell("mkdir -p run && " + environment + " " + SEEDLING_BINARY + " lsp --threads 1 " + arguments +
                 " <in");
  }
  std::vector<pid_t> engines() const {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(*this / "run/seedling", ignored)) {
      pid_t process = 0;
      if (entry.path().extension() == ".lock" && std::ifstream(entry.path()) >> process && process > 0)
        found.push_back(process);
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

}  // namespace

TEST_CASE("cli lsp: windows that would start the same engine share one") {
  const Sessions test;
  const std::string model = "--model " + test.model();
  const Ran ran = test.serve("--stdio " + model);
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("\"inlineCompletionProvider\"") != std::string::npos);
  REQUIRE(test.engines().size() == 1);
  const pid_t engine = test.engines()[0];
  CHECK(kill(engine, 0) == 0);
  CHECK(test.serve(model).code == 0);
  CHECK(test.engines() == std::vector<pid_t>{engine});
  CHECK(test.serve(model + " --cache-mib 5").code == 0);
  CHECK(test.engines().size() == 2);
  CHECK(test.shell("cd run && stat -c %a seedling seedling/*").out == "700\n600\n600\n600\n600\n600\n600\n");
}

TEST_CASE("cli lsp: an engine goes when nobody is there") {
  const Sessions test;
  CHECK(test.serve("--linger 0 --model " + test.model()).code == 0);
  REQUIRE(test.engines().size() == 1);
  const std::string process = "/proc/" + std::to_string(test.engines()[0]) + "/maps";
  for (int turn = 0; turn < 2000 && !read_text(process).empty(); ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(read_text(process).empty());
  for (const auto& entry : fs::directory_iterator(test / "run/seedling"))
    CHECK(entry.path().extension() != ".sock");
}

TEST_CASE("cli lsp: by itself where it is told to, or where there is no place to share") {
  const Sessions test;
  const std::string model = "--model " + test.model();
  CHECK(test.serve("--no-share " + model).code == 0);
  CHECK(test.engines().empty());
  const Ran homeless = test.serve(model, "env -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME -u HOME");
  CHECK(homeless.code == 0);
  CHECK(homeless.err.starts_with("seedling: no engine is shared: neither XDG_RUNTIME_DIR nor HOME"));
  test.file("run/seedling", "in the way");
  const Ran blocked = test.serve(model);
  CHECK(blocked.code == 0);
  CHECK(blocked.err.find("is no folder: remove it") != std::string::npos);
}

TEST_CASE("cli lsp: what cannot be is refused in one line") {
  const ProgramTest test;
  check_refused(test.run_with_model("lsp --listen 0.0.0.0:0"), "--token-file");
  check_refused(test.run_with_model("lsp --listen nowhere"), "expected HOST:PORT");
  check_refused(test.run_with_model("lsp --listen 127.0.0.1:0 --token-file missing"),
                "missing: cannot be read");
  const std::string token = test.file("token", "short\n");
  check_refused(test.run_with_model("lsp --listen 127.0.0.1:0 --token-file " + token),
                "less than 16 characters");
  check_refused(test.run_with_model("lsp --token-file " + token), "--listen");
  check_refused(test.run_with_model("lsp --stdio --socket s"), "--stdio");
  check_refused(test.run_with_model("lsp --engine s"), "start seedling lsp");
  check_refused(test.run_with_model("lsp --socket " + token), "is no socket");
}
