#include "cli/eval/sandbox.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace seedling::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kMemoryBytes = 1024 * kMiB;
constexpr std::size_t kCompilerMemoryBytes = 3072 * kMiB;
constexpr std::size_t kFileBytes = 64 * kMiB;
constexpr std::size_t kMostOutputBytes = 4000;

struct Limits {
  int cpu_seconds, wall_seconds;  // the second leaves room for a machine that is busy with other things
};
constexpr Limits kScript{4, 30}, kCompiler{20, 90}, kVirtualMachine{10, 60};

// Written at a program's end.
constexpr std::string_view kReached = "reached";
constexpr std::string_view kPythonEnd = "\nimport os as _os\n_os.write(3, b'reached')\n";
constexpr std::string_view kNodeEnd = "\n;require('fs').writeSync(3, 'reached');\n";
// Node's own only prints; the tests mean to fail.
constexpr std::string_view kNodeAssert =
    "console.assert = (is, ...says) => { if (!is) throw new Error(says[0] || 'assertion failed'); };";
constexpr std::string_view kPythonCheck = "compile(open('program.py').read(), 'program.py', 'exec')";

std::string program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code problem;
    const fs::path file = fs::path(folder) / name;
    if (fs::is_regular_file(file, problem)) return file.string();
  }
  return {};
}

// Where the interpreter that "python3" starts really is.
std::string python_path() {
  if (program_in_path("python3").empty()) return {};
  ChildCommand ask;
  ask.arguments = {"python3", "-c", "import sys; print(sys.executable)"};
  ask.keeps_output = true;
  ask.wall_seconds = kScript.wall_seconds;
  const Result<ChildResult> answer = run_child(ask);
  if (!answer.ok() || answer->exit_code != 0) return {};
  const std::string path = answer->output.substr(0, answer->output.find('\n'));
  return fs::exists(path) ? path : std::string();
}

bool same_words(const std::string& a, const std::string& b) {
  std::istringstream words_a(a), words_b(b);
  for (std::string word_a, word_b;;) {
    const bool has_a = static_cast<bool>(words_a >> word_a), has_b = static_cast<bool>(words_b >> word_b);
    if (has_a != has_b || (has_a && word_a != word_b)) return false;
    if (!has_a) return true;
  }
}

std::string_view file_name(Runner runner) {
  switch (runner) {
    case Runner::javascript:
    case Runner::javascript_syntax:
      return "program.js";
    case Runner::cpp:
    case Runner::cpp_syntax:
      return "program.cpp";
    case Runner::java:
      return "Main.java";
    case Runner::python:
    case Runner::python_syntax:
      break;
  }
  return "program.py";
}

// The text of the file that is run; one that reads and prints is left as it is.
std::string source_of(Runner runner, const std::string& program, bool has_tests) {
  if (runner == Runner::python && !has_tests) return program + std::string(kPythonEnd);
  if (runner == Runner::javascript && !has_tests)
    return std::string(kNodeAssert) + program + std::string(kNodeEnd);
  return program;
}

// One run of what stands in the folder.
void set_program(ChildCommand& command, Runner runner, const std::string& python) {
  Limits limits = kScript;
  command.memory_bytes = kMemoryBytes;
  switch (runner) {
    case Runner::python:
      command.arguments = {python, "-I", "-S", "-B", "program.py"};
      break;
    case Runner::python_syntax:
      command.arguments = {python, "-I", "-S", "-B", "-c", std::string(kPythonCheck)};
      break;
    case Runner::javascript:
      // Node reserves far more addresses than it uses, so its own limit has to do.
      command.arguments = {"node", "--max-old-space-size=512", "program.js"};
      command.memory_bytes = 0;
      break;
    case Runner::javascript_syntax:
      command.arguments = {"node", "--check", "program.js"};
      command.memory_bytes = 0;
      break;
    case Runner::java:
      command.arguments = {
          "java", "-Xmx512m", "-Xss64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
          ".",    "-ea",      "Main"};
      command.memory_bytes = 0;
      limits = kVirtualMachine;
      break;
    case Runner::cpp:
    case Runner::cpp_syntax:
      command.arguments = {"./program"};
      break;
  }
  command.cpu_seconds = limits.cpu_seconds;
  command.wall_seconds = limits.wall_seconds;
}

bool needs_report(Runner runner, bool has_test) {
  return !has_test && (runner == Runner::python || runner == Runner::javascript);
}

ProgramRun run_of(const ChildResult& result, const std::string& why) {
  ProgramRun run;
  run.passed = result.exit_code == 0 && !result.timed_out;
  run.output = result.output.substr(0, kMostOutputBytes);
  // Who crashes or uses up the processor time or memory is ended by a signal.
  if (!run.passed) run.why = result.timed_out ? "out of time" : result.exit_code < 0 ? "is killed" : why;
  return run;
}

}  // namespace

std::unique_ptr<Sandbox> Sandbox::open() {
  auto sandbox = std::make_unique<Sandbox>();
  sandbox->python_ = python_path();
  if (!sandbox->python_.empty()) sandbox->runners_.insert({Runner::python, Runner::python_syntax});
  if (!program_in_path("node").empty())
    sandbox->runners_.insert({Runner::javascript, Runner::javascript_syntax});
  if (!program_in_path("g++").empty()) sandbox->runners_.insert({Runner::cpp, Runner::cpp_syntax});
  if (!program_in_path("javac").empty() && !program_in_path("java").empty())
    sandbox->runners_.insert(Runner::java);
  const char* path = std::getenv("PATH");
  sandbox->path_variable_ = std::string("PATH=") + (path == nullptr ? "/usr/bin:/bin" : path);
  sandbox->is_offline_ = can_take_network_away();
  return sandbox;
}

ChildCommand Sandbox::command_in(const WorkFolder& folder, std::vector<std::string> arguments) const {
  ChildCommand command;
  command.arguments = std::move(arguments);
  command.folder = folder.path();
  command.file_bytes = kFileBytes;
  command.environment = {path_variable_, "LANG=C.UTF-8", "HOME=" + folder.path(), "TMPDIR=" + folder.path()};
  command.is_confined = true;
  command.keeps_output = true;
  return command;
}

// g++ reads them ten times as fast as the headers themselves. Without them it is slower, nothing else.
const std::string& Sandbox::compiled_headers() const {
  std::call_once(headers_made_, [this] {
    std::error_code problem;
    fs::create_directory(headers_ / "bits", problem);
    if (problem || !headers_.write("all.h", "#include <bits/stdc++.h>\n").ok()) return;
    ChildCommand command = command_in(
        headers_, {"g++", "-std=c++17", "-w", "-x", "c++-header", "all.h", "-o", "bits/stdc++.h.gch"});
    command.file_bytes = 0;
    command.cpu_seconds = command.wall_seconds = kCompiler.wall_seconds;
    const Result<ChildResult> made = run_child(command);
    if (made.ok() && made->exit_code == 0) headers_flag_ = "-I" + headers_.path();
  });
  return headers_flag_;
}

Result<ProgramRun> Sandbox::compile_cpp(const WorkFolder& folder, bool only_checks) const {
  ChildCommand command = command_in(folder, {"g++", "-std=c++17", "-w"});
  if (const std::string& headers = compiled_headers(); !headers.empty()) command.arguments.push_back(headers);
  if (only_checks)
    command.arguments.insert(command.arguments.end(), {"-fsyntax-only", "program.cpp"});
  else
    command.arguments.insert(command.arguments.end(), {"program.cpp", "-o", "program"});
  command.cpu_seconds = kCompiler.cpu_seconds;
  command.wall_seconds = kCompiler.wall_seconds;
  command.memory_bytes = kCompilerMemoryBytes;
  return run_of(TRY(run_child(command)), "does not compile");
}

Result<ProgramRun> Sandbox::compile_java(const WorkFolder& folder) const {
  ChildCommand command = command_in(folder, {"javac", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC",
                                             "-J-Xmx512m", "-nowarn", "-d", ".", "Main.java"});
  command.cpu_seconds = kCompiler.cpu_seconds;
  command.wall_seconds = kCompiler.wall_seconds;
  return run_of(TRY(run_child(command)), "does not compile");
}

Result<ProgramRun> Sandbox::run_once(const WorkFolder& folder, Runner runner, const InputOutput* test) const {
  ChildCommand command = command_in(folder, {});
  set_program(command, runner, python_);
  command.keeps_report = needs_report(runner, test != nullptr);
  if (test != nullptr) {
    // Programs that read character by character wait for the end of the last line.
    TRY(folder.write("input.txt", lines_with_newline(test->input)));
    command.input_file = folder / "input.txt";
    command.drops_errors = true;
  }
  const ChildResult result = TRY(run_child(command));
  ProgramRun run = run_of(result, "fails");
  const bool is_silent = command.keeps_report && result.report != kReached;
  if (run.passed && (is_silent || (test != nullptr && !same_words(result.output, test->output)))) {
    run.passed = false;
    run.why = is_silent ? "leaves early" : "wrong output";
  }
  return run;
}

Result<ProgramRun> Sandbox::run(Runner runner, const std::string& program,
                                std::span<const InputOutput> tests) const {
  const WorkFolder folder;
  TRY(folder.write(file_name(runner), source_of(runner, program, !tests.empty())));
  if (runner == Runner::cpp_syntax) return compile_cpp(folder, true);
  if (runner == Runner::cpp || runner == Runner::java) {
    ProgramRun compiled = TRY(runner == Runner::cpp ? compile_cpp(folder, false) : compile_java(folder));
    if (!compiled.passed) return compiled;
  }
  if (tests.empty()) return run_once(folder, runner, nullptr);
  ProgramRun run;
  for (const InputOutput& test : tests) {
    run = TRY(run_once(folder, runner, &test));
    if (!run.passed) break;
  }
  return run;
}

Result<std::optional<std::string>> Sandbox::run_python(const std::string& program,
                                                       const WorkFolder& folder) const {
  TRY(folder.write("program.py", program));
  ChildCommand command = command_in(folder, {});
  set_program(command, Runner::python, python_);
  command.keeps_report = true;
  const ChildResult result = TRY(run_child(command));
  if (result.exit_code != 0 || result.timed_out) return std::optional<std::string>();
  return std::optional<std::string>(result.report);
}

}  // namespace seedling::cli
