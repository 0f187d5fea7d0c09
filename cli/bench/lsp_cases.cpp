// The cases that time a running server, as its client sees it: from its start to the first answer, and
// somebody typing in front of it at real speed.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/bench/bench.h"
#include "cli/bench/sample.h"
#include "cli/bench/server_process.h"
#include "cli/bench/typing_session.h"
#include "engine/engine.h"

namespace seedling::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kStarts = 9;
constexpr int kFirstId = 10;
// Of the sample: a function that is not written yet when a server starts.
constexpr std::string_view kWritten = "    def rows(self, limit):";
constexpr std::size_t kWrittenBytes = 320;
constexpr std::chrono::seconds kLastAnswer{1};
constexpr std::chrono::seconds kIdleTime{15};
constexpr std::chrono::seconds kSettleTime{6};  // what an engine does for itself when nobody asks

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The engine is shared by this measurement's windows and by nobody else's.
class PrivateRun {
 public:
  PrivateRun() {
    std::string pattern = std::filesystem::temp_directory_path() / "seedling-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
    const char* before = ::getenv("XDG_RUNTIME_DIR");
    if (before) before_ = before;
    ::setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
  }
  ~PrivateRun() {
    if (before_) {
      ::setenv("XDG_RUNTIME_DIR", before_->c_str(), 1);
    } else {
      ::unsetenv("XDG_RUNTIME_DIR");
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PrivateRun(const PrivateRun&) = delete;
  PrivateRun& operator=(const PrivateRun&) = delete;

  pid_t engine() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/seedling", ignored)) {
      pid_t process = 0;
      if (entry.path().extension() == ".lock" && std::ifstream(entry.path()) >> process) return process;
    }
    return 0;
  }

 private:
  std::string folder_;
  std::optional<std::string> before_;
};

std::vector<std::string> server_arguments(const GlobalOptions& global, bool is_alone) {
  std::vector<std::string> arguments = {
      "lsp",      "--stdio",     "--backend", global.backend,
      "--device", global.device, "--model",   engine_options(global).model_directory};
  if (global.threads > 0) arguments.insert(arguments.end(), {"--threads", std::to_string(global.threads)});
  if (is_alone) {
    arguments.emplace_back("--no-share");
  } else {
    arguments.insert(arguments.end(), {"--linger", "0"});
  }
  return arguments;
}

std::string message(const char* method, json params, std::optional<int> id = std::nullopt) {
  json body = {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
  if (id) body["id"] = *id;
  return body.dump();
}

// What a client opens, and where its cursor is.
struct Opened {
  std::string file, language, text;
  TypingPlace cursor;
};

// The sample with a function that is not there yet.
Opened sample_to_write() {
  const std::string text(sample_text());
  const std::size_t begin = text.find(kWritten);
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  return {std::string(kSamplePath),
          std::string(kSampleLanguage),
          text.substr(0, begin) + text.substr(begin + kWrittenBytes),
          {static_cast<int>(line), 0}};
}

std::string uri_of(const std::string& file) {
  return "file:///" + file;
}

json position_of(TypingPlace place) {
  return {{"line", place.line}, {"character", place.character}};
}

Status open_session(ServerProcess& server, const Opened& opened) {
  TRY(server.send(message("initialize", {{"processId", nullptr}, {"capabilities", json::object()}}, 1)));
  TRY(server.answer_to(1));
  TRY(server.send(message("initialized", json::object())));
  const json document = {
      {"uri", uri_of(opened.file)}, {"languageId", opened.language}, {"version", 1}, {"text", opened.text}};
  return server.send(message("textDocument/didOpen", {{"textDocument", document}}));
}

std::string asks(int id, const std::string& file, TypingPlace cursor, int trigger) {
  return message("textDocument/inlineCompletion",
                 {{"textDocument", {{"uri", uri_of(file)}}},
                  {"position", position_of(cursor)},
                  {"context", {{"triggerKind", trigger}}}},
                 id);
}

// From the start of the process to the first completion, as a client asks for it.
Result<std::string> first_answer(ServerProcess& server, const std::vector<std::string>& arguments) {
  const Opened opened = sample_to_write();
  TRY(server.start(arguments));
  TRY(open_session(server, opened));
  TRY(server.send(asks(2, opened.file, opened.cursor, 1)));
  const std::string answer = TRY(server.answer_to(2));
  if (answer.find("\"error\"") == std::string::npos) return answer;
  return Error{ErrorCode::internal, "the language server answers with an error: " + answer};
}

// alone: a process for this window. shared: the first window of a day, which starts the engine. window: a
// further one, which finds it.
enum class Start { alone, shared, window };

Status run_start(const BenchRun& run, const std::string& name, Start kind) {
  std::vector<double> ms;
  std::string checksum;
  const std::vector<std::string> arguments = server_arguments(run.global, kind == Start::alone);
  const bool is_counted_out = run.options.passes > 0;
  for (int i = 0; i < (is_counted_out ? run.options.passes : kStarts + 1); ++i) {
    if (run.is_stopped()) return Done{};
    run.show_progress(name);
    const PrivateRun place;
    ServerProcess first, server;
    if (kind == Start::window) TRY(first_answer(first, arguments));
    const Clock::time_point start = Clock::now();
    const std::string answer = TRY(first_answer(server, arguments));
    if (i > 0 || is_counted_out) ms.push_back(ms_since(start));  // the first one reads the files
    Checksum sum;
    sum.add(answer);
    checksum = sum.text();
  }
  BenchLine line{.name = name};
  line.p50_ms = quantile(ms, 0.5);
  line.p95_ms = quantile(ms, 0.95);
  line.n = static_cast<int>(ms.size());
  line.checksum = checksum;
  run.report(line);
  return Done{};
}

double cpu_seconds(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(stat, text);
  const std::size_t behind_name = text.rfind(')');
  if (behind_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(behind_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double memory_mib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

// The messages that each event of a session makes, as an editor sends them that asks with every key.
class Typing {
 public:
  Typing(ServerProcess& server, const TypingSession& session) : server_(server), session_(session) {}

  Status press(const TypingEvent& event) {
    if (waiting_) TRY(server_.send(message("$/cancelRequest", {{"id", *waiting_}})));
    waiting_.reset();
    json changes = json::array();
    for (const TypingEdit& edit : event.edits) {
      changes.push_back(
          {{"range", {{"start", position_of(edit.begin)}, {"end", position_of(edit.end)}}}, {"text", edit.text}});
    }
    const json document = {{"uri", uri_of(session_.file)}, {"version", ++version_}};
    pressed_ = Clock::now();
    TRY(server_.send(message("textDocument/didChange",
                             {{"textDocument", document}, {"contentChanges", std::move(changes)}})));
    if (!event.cursor) return Done{};
    waiting_ = kFirstId + version_;
    return server_.send(asks(*waiting_, session_.file, *event.cursor, 2));
  }

  // Takes what is answered until then.
  Status wait(Clock::time_point until) {
    while (Clock::now() < until) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      const std::optional<std::string> answer = TRY(server_.next_answer(left));
      if (answer) TRY(take(*answer));
    }
    return Done{};
  }

  std::vector<double> ms;
  int overtaken = 0;

 private:
  Status take(const std::string& answer) {
    const json body = json::parse(answer, nullptr, /*allow_exceptions=*/false);
    const bool is_newest = waiting_ && body.value("id", 0) == *waiting_;
    if (body.contains("result")) {
      if (is_newest) ms.push_back(ms_since(pressed_));
    } else if (is_newest) {
      return Error{ErrorCode::internal, "the language server answers with an error: " + answer};
    } else {
      ++overtaken;
    }
    if (is_newest) waiting_.reset();
    return Done{};
  }

  ServerProcess& server_;
  const TypingSession& session_;
  int version_ = 1;
  std::optional<int> waiting_;
  Clock::time_point pressed_;
};

Status run_lsp_typing(const BenchRun& run, const std::string& name, const TypingSession& session) {
  const PrivateRun place;
  const Opened opened{session.file, session.language, session.text, {}};
  ServerProcess server;
  TRY(server.start(server_arguments(run.global, /*is_alone=*/false)));
  TRY(open_session(server, opened));
  TRY(server.send(asks(2, session.file, {}, 1)));
  TRY(server.answer_to(2));
  const pid_t processes[] = {place.engine(), server.process()};
  const auto cpu = [&] { return cpu_seconds(processes[0]) + cpu_seconds(processes[1]); };

  Typing typing(server, session);
  const double cpu_before = cpu();
  const Clock::time_point begin = Clock::now();
  int pressed = 0;
  for (const TypingEvent& event : session.events) {
    if (run.is_stopped() || (run.options.passes > 0 && pressed == run.options.passes)) break;
    if (pressed % 20 == 0) run.show_progress(name + ", key " + std::to_string(pressed));
    TRY(typing.wait(begin + std::chrono::milliseconds(event.ms)));
    TRY(typing.press(event));
    ++pressed;
  }
  TRY(typing.wait(Clock::now() + kLastAnswer));
  const double typing_s = ms_since(begin) / 1e3;
  const double typing_cpu = cpu() - cpu_before;
  if (typing.ms.empty()) return Error{ErrorCode::internal, "no keystroke was answered"};

  BenchLine line{.name = name};
  line.p50_ms = quantile(typing.ms, 0.5);
  line.p95_ms = quantile(typing.ms, 0.95);
  line.n = static_cast<int>(typing.ms.size());
  line.overtaken = typing.overtaken;
  line.cpu_ms = typing_cpu * 1e3 / static_cast<double>(typing.ms.size());
  line.cpu_s_per_minute = typing_cpu / typing_s * 60;
  line.resident_mib = memory_mib(processes[0]);
  line.window_mib = memory_mib(processes[1]);
  if (run.options.passes == 0 && !run.is_stopped()) {
    run.show_progress(name + ", at rest");
    TRY(typing.wait(Clock::now() + kSettleTime));
    const double rest_before = cpu();
    TRY(typing.wait(Clock::now() + kIdleTime));
    line.idle_cpu_s_per_minute = (cpu() - rest_before) * 60 / static_cast<double>(kIdleTime.count());
  }
  line.checksum = "-";  // which answers come depends on the time that they take
  run.report(line);
  return Done{};
}

}  // namespace

std::vector<BenchCase> lsp_cases() {
  const auto start = [](Start kind) {
    return [kind](const BenchRun& run, const std::string& name) { return run_start(run, name, kind); };
  };
  std::vector<BenchCase> cases = {{"start.alone", start(Start::alone)},
                                  {"start.shared", start(Start::shared)},
                                  {"start.window", start(Start::window)}};
  for (TypingSession& session : typing_sessions()) {
    const std::string name = "lsp.typing." + session.name;
    cases.push_back({name, [session = std::move(session)](const BenchRun& run, const std::string& case_name) {
                       return run_lsp_typing(run, case_name, session);
                     }});
  }
  return cases;
}

}  // namespace seedling::cli
