// What the client is told that we offer: in the answer to initialize, or, where the client can be told later,
// by registrations that follow the settings. A client that is switched off then asks nothing at all.

#include <utility>

#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

const char* name_of(PositionEncoding encoding) {
  switch (encoding) {
    case PositionEncoding::utf8:
      return "utf-8";
    case PositionEncoding::utf16:
      return "utf-16";
    case PositionEncoding::utf32:
      return "utf-32";
  }
  return "utf-16";
}

json diagnostic_options() {
  return {{"identifier", "seedling"}, {"interFileDependencies", true}, {"workspaceDiagnostics", false}};
}

json completion_options() {
  return {{"resolveProvider", false}};
}

// null: every document that the client gives us.
json document_selector(const Settings& settings) {
  const auto rest = settings.languages.find("*");
  if (rest == settings.languages.end() || rest->second) return nullptr;
  json selector = json::array();
  for (const auto& [language, is_on] : settings.languages) {
    if (is_on) selector.push_back({{"language", language}});
  }
  return selector;
}

std::map<std::string, json> wanted_registrations(const Session& session) {
  const ClientCapabilities& client = session.client;
  std::map<std::string, json> wanted;
  if (client.registers_configuration) wanted["workspace/didChangeConfiguration"] = {{"section", "seedling"}};
  if (!session.settings.enable) return wanted;
  const auto with_selector = [&](json options) {
    options["documentSelector"] = document_selector(session.settings);
    return options;
  };
  if (client.registers_inline_completion)
    wanted["textDocument/inlineCompletion"] = with_selector(json::object());
  if (client.registers_completion && !client.completes_inline)
    wanted["textDocument/completion"] = with_selector(completion_options());
  if (client.registers_diagnostics && session.settings.diagnostics)
    wanted["textDocument/diagnostic"] = with_selector(diagnostic_options());
  return wanted;
}

}  // namespace

json server_capabilities(const Session& session) {
  const ClientCapabilities& client = session.client;
  json capabilities = {
      {"positionEncoding", name_of(client.encoding)},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}}},
      {"codeActionProvider",
       {{"codeActionKinds", {"quickfix", "refactor.extract", "refactor.rewrite"}},
        {"resolveProvider", true}}},
      {"executeCommandProvider", {{"commands", {command::accepted, command::apply, command::snooze}}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}}};
  if (!client.registers_inline_completion) capabilities["inlineCompletionProvider"] = true;
  if (!client.completes_inline && !client.registers_completion)
    capabilities["completionProvider"] = completion_options();
  if (client.pulls_diagnostics && !client.registers_diagnostics)
    capabilities["diagnosticProvider"] = diagnostic_options();
  return capabilities;
}

void update_registrations(Session& session) {
  if (!session.is_initialized || session.lifecycle != Lifecycle::running) return;
  std::map<std::string, json> wanted = wanted_registrations(session);
  json gone = json::array();
  json fresh = json::array();
  for (const auto& [method, options] : session.registered) {
    const auto still = wanted.find(method);
    if (still == wanted.end() || still->second != options)
      gone.push_back({{"id", "seedling/" + method}, {"method", method}});
  }
  for (const auto& [method, options] : wanted) {
    const auto before = session.registered.find(method);
    if (before == session.registered.end() || before->second != options)
      fresh.push_back({{"id", "seedling/" + method}, {"method", method}, {"registerOptions", options}});
  }
  // "unregisterations" is how the protocol spells it.
  if (!gone.empty()) session.request("client/unregisterCapability", {{"unregisterations", std::move(gone)}});
  if (!fresh.empty()) session.request("client/registerCapability", {{"registrations", std::move(fresh)}});
  session.registered = std::move(wanted);
}

}  // namespace seedling
