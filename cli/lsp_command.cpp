// `seedling lsp`: the language server over standard input and output.
#include <fstream>
#include <functional>
#include <memory>
#include <string_view>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/worker.h"
#include "lsp/serve.h"

namespace seedling::cli {
namespace {

// A model that cannot be loaded is told when the session starts, not at the first completion.
Result<std::unique_ptr<Generator>> open_generator(const EngineOptions& options) {
  const EngineFunctions functions = TRY(engine_opener(options)());
  const OpenEngine opened = [functions]() -> Result<EngineFunctions> { return functions; };
  return std::unique_ptr<Generator>(std::make_unique<Worker>(opened));
}

// Line by line, so that the last thing that happened before a crash is there.
Result<std::function<void(std::string_view)>> open_trace(const std::string& path) {
  const auto file = std::make_shared<std::ofstream>(path);
  if (!*file) return invalid_input("cannot write the trace to " + path);
  return std::function<void(std::string_view)>([file](std::string_view line) { *file << line << std::endl; });
}

}  // namespace

Result<int> run_lsp(const LspOptions& options, const GlobalOptions& global) {
  ServeOptions serve;
  serve.log_level = options.log_level;
  serve.log_text = options.logs_text;
  if (!options.trace_file.empty()) serve.trace = TRY(open_trace(options.trace_file));
  const EngineOptions engine = engine_options(global, {}, Usual::adaptive);
  return serve_stdio([engine] { return open_generator(engine); }, serve);
}

}  // namespace seedling::cli
