#include "engine/train/corpus/diagnosing_tools.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/train/corpus/subprocess.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// usage: python3 -c DRIVER TOOL SECONDS < jobs. A job and its answer are a line of JSON each.
constexpr const char* kPythonDriver = R"py(
import json, os, re, subprocess, sys, time
tool, end = sys.argv[1], time.monotonic() + float(sys.argv[2])

def python(text, language):
    try:
        compile(text, "file.py", "exec", dont_inherit=True)
    except SyntaxError as e:
        # The column counts characters; ours counts bytes.
        line = (e.text or "")[: max((e.offset or 1) - 1, 0)]
        return [(e.lineno or 1, len(line.encode()) + 1, e.msg)]
    except (ValueError, RecursionError, MemoryError):
        pass
    return []

def pyflakes(text, language):
    import ast
    from pyflakes import checker
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = checker.Checker(tree, "file.py").messages
    return sorted((m.lineno, m.col + 1, m.message % m.message_args) for m in found)

folders = {}
def header_exists(name, language):
    if language not in folders:
        out = subprocess.run(["g++", "-E", "-v", "-x", "c++" if language == "cpp" else "c", "/dev/null"],
                             capture_output=True, text=True).stderr
        folders[language] = [l.strip() for l in out.split("\n") if l.startswith(" /")]
    return any(os.path.exists(os.path.join(f, name)) for f in folders[language])

include = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]*)[">].*$', re.M)
error = re.compile(r"^<stdin>:(\d+):(\d+): (?:fatal )?error: (.*)$", re.M)

def compiler(command, text, language):
    text = include.sub(lambda m: m.group(0) if header_exists(m.group(1), language) else "", text)
    kind = ["-x", "c++", "-std=c++17"] if language == "cpp" else ["-x", "c", "-std=gnu11"]
    try:
        run = subprocess.run(command + kind + ["-w", "-fsyntax-only", "-"], input=text.encode(),
                             capture_output=True, timeout=20, env=dict(os.environ, LC_ALL="C"))
    except subprocess.TimeoutExpired:
        return []
    found = error.findall(run.stderr.decode("utf-8", "replace"))
    return [(int(line), int(column), message) for line, column, message in found]

ask = {
    "python": python,
    "pyflakes": pyflakes,
    "g++": lambda t, l: compiler(["g++", "-fmax-errors=0", "-fno-diagnostics-show-caret",
                                  "-fno-diagnostics-show-option"], t, l),
    "clang++": lambda t, l: compiler(["clang++", "-ferror-limit=0", "-fno-caret-diagnostics",
                                      "-fno-diagnostics-show-option"], t, l),
}[tool]
for line in sys.stdin:
    job = json.loads(line)
    answers = []
    before = ask(job["text"], job["language"]) if time.monotonic() < end else None
    known = None if before is None or len(before) > 40 else {m[2] for m in before}
    for text in job["mistaken"]:
        late = known is None or time.monotonic() > end
        new = [] if late else [m for m in ask(text, job["language"]) if m[2] not in known]
        answers.append(new[0] if new else None)
    print(json.dumps(answers))
)py";

// usage: node -e DRIVER TOOL SECONDS < jobs
constexpr const char* kNodeDriver = R"js(
const ts = require('typescript');
const fs = require('fs');
const end = Date.now() + 1000 * Number(process.argv[2]);
const endings = {typescript: '.ts', typescriptreact: '.tsx', javascript: '.js', javascriptreact: '.jsx'};
const options = {noResolve: true, allowJs: true, checkJs: true, target: ts.ScriptTarget.ES2020, types: [],
                 jsx: ts.JsxEmit.Preserve, noImplicitAny: false, skipLibCheck: true};
let name = '', text = '', version = 0;
const libraries = new Map();
const read = (file) => {
  if (!libraries.has(file)) libraries.set(file, ts.ScriptSnapshot.fromString(ts.sys.readFile(file) ?? ''));
  return libraries.get(file);
};
const host = {
  getCompilationSettings: () => options,
  getScriptFileNames: () => [name],
  getScriptVersion: (file) => (file === name ? String(version) : '1'),
  getScriptSnapshot: (file) => (file === name ? ts.ScriptSnapshot.fromString(text) : read(file)),
  getCurrentDirectory: () => '/',
  getDefaultLibFileName: (o) => ts.getDefaultLibFilePath(o),
  fileExists: (file) => file === name || ts.sys.fileExists(file),
  readFile: ts.sys.readFile,
};
const service = ts.createLanguageService(host, ts.createDocumentRegistry());
// Names that are unknown, and what does not parse; types need the packages that are not there.
const about = new Set([2304, 2552, 2503, 18004]);
function ask(of, language) {
  name = '/file' + endings[language];
  text = of;
  ++version;
  const syntax = service.getSyntacticDiagnostics(name);
  const all = syntax.length ? syntax : service.getSemanticDiagnostics(name).filter((d) => about.has(d.code));
  return all.map((d) => {
    const before = text.slice(0, d.start ?? 0), line = before.split('\n');
    return [line.length, Buffer.byteLength(line[line.length - 1]) + 1,
            ts.flattenDiagnosticMessageText(d.messageText, '\n').split('\n')[0]];
  });
}
for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
  if (!line) continue;
  const job = JSON.parse(line);
  const known = Date.now() < end ? new Set(ask(job.text, job.language).map((m) => m[2])) : null;
  console.log(JSON.stringify(job.mistaken.map((of) => {
    if (!known || Date.now() > end) return null;
    return ask(of, job.language).find((m) => !known.has(m[2])) ?? null;
  })));
}
)js";

// A file of jobs that is removed at the end of the scope.
class JobFile {
 public:
  explicit JobFile(const std::vector<ToolJob>& jobs) {
    path_ = (fs::temp_directory_path() / "seedling-jobs-XXXXXX").string();
    const int file = mkstemp(path_.data());
    if (file >= 0) close(file);
    std::ofstream out(path_, std::ios::binary);
    for (const ToolJob& job : jobs) {
      const json line = {{"language", job.language}, {"text", job.text}, {"mistaken", job.mistaken}};
      out << line.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
    }
  }
  ~JobFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  JobFile(const JobFile&) = delete;
  JobFile& operator=(const JobFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<std::vector<ToolMessage>> messages_in(const std::string& line, std::size_t count) {
  const json answers = json::parse(line, nullptr, false);
  if (!answers.is_array() || answers.size() != count) return invalid_input("a tool's answer cannot be read");
  std::vector<ToolMessage> messages;
  for (const json& answer : answers) {
    ToolMessage message;
    if (answer.is_array() && answer.size() == 3)
      message = {answer[0].get<int>(), answer[1].get<int>(), answer[2].get<std::string>()};
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace

std::string_view name_of(DiagnosingTool tool) {
  constexpr std::string_view kNames[] = {"python", "pyflakes", "g++", "clang++", "typescript"};
  return kNames[static_cast<std::size_t>(tool)];
}

bool speaks(DiagnosingTool tool, std::string_view language) {
  switch (tool) {
    case DiagnosingTool::python:
    case DiagnosingTool::pyflakes:
      return language == "python";
    case DiagnosingTool::gcc:
    case DiagnosingTool::clang:
      return language == "c" || language == "cpp";
    case DiagnosingTool::typescript:
      return language.starts_with("typescript") || language.starts_with("javascript");
  }
  return false;
}

bool is_installed(DiagnosingTool tool, const ToolPaths& paths) {
  const bool is_python = speaks(tool, "python");
  const ToolJob job = speaks(tool, "c") ? ToolJob{"c", "int x;\n", {"int x\n"}}
                      : is_python       ? ToolJob{"python", "a = 1\nb = a\n", {"a = 1\nb = c\n"}}
                                        : ToolJob{"typescript", "let x = 1;\n", {"let x = (1;\n"}};
  ToolJob asked = job;
  if (tool == DiagnosingTool::python) asked.mistaken = {"a = (1\n"};
  const auto said = diagnose(tool, {asked}, 60, paths);
  return said.ok() && said.value()[0][0].line > 0;
}

Result<std::vector<std::vector<ToolMessage>>> diagnose(DiagnosingTool tool, const std::vector<ToolJob>& jobs,
                                                       double seconds, const ToolPaths& paths) {
  const JobFile file(jobs);
  Command command;
  const bool is_node = tool == DiagnosingTool::typescript;
  command.words = {is_node ? "node" : "python3", is_node ? "-e" : "-c", is_node ? kNodeDriver : kPythonDriver,
                   std::string(name_of(tool)), std::to_string(seconds)};
  command.input = file.path();
  if (!paths.python.empty()) command.environment.emplace_back("PYTHONPATH", paths.python);
  if (!paths.node.empty()) command.environment.emplace_back("NODE_PATH", paths.node);
  std::istringstream lines(TRY(run_command(command)));
  std::vector<std::vector<ToolMessage>> all;
  std::string line;
  for (const ToolJob& job : jobs) {
    if (!std::getline(lines, line)) return invalid_input(std::string(name_of(tool)) + " stopped too early");
    all.push_back(TRY(messages_in(line, job.mistaken.size())));
  }
  return all;
}

}  // namespace seedling
