#include "lsp/protocol.h"

#include <limits>
#include <utility>

#include "lsp/fields.h"

namespace seedling {
namespace {

constexpr std::int64_t kMinInteger = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int32_t>::max();

// Of a list of WorkspaceFolder.
std::vector<std::string> folder_uris(const json* folders) {
  std::vector<std::string> uris;
  if (!folders || !folders->is_array()) return uris;
  for (const json& folder : *folders) {
    const json* uri = find_path(folder, "uri");
    if (uri && uri->is_string()) uris.push_back(uri->get<std::string>());
  }
  return uris;
}

std::vector<std::string> parse_folders(const json& params) {
  std::vector<std::string> uris = folder_uris(find_path(params, "workspaceFolders"));
  const json* root = find_path(params, "rootUri");
  if (uris.empty() && root && root->is_string()) uris.push_back(root->get<std::string>());
  return uris;
}

std::string document_uri(Fields& params) {
  Fields document = params.object("textDocument");
  std::string uri = document.text("uri");
  params.adopt(document);
  return uri;
}

TraceValue parse_trace(const json& value) {
  if (value == "messages") return TraceValue::messages;
  return value == "verbose" ? TraceValue::verbose : TraceValue::off;
}

// Diagnostic.message is a string or MarkupContent; its code an integer or a string.
std::string text_or_member(const json* value, const char* member) {
  if (!value) return {};
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());
  const json* inner = find_path(*value, member);
  return inner && inner->is_string() ? inner->get<std::string>() : std::string{};
}

LspDiagnostic parse_diagnostic(const json& value, Fields& params) {
  Fields fields(value, "params.context.diagnostics[]");
  LspDiagnostic diagnostic;
  diagnostic.range = fields.range("range");
  diagnostic.message = text_or_member(fields.find("message"), "value");
  diagnostic.source = text_or_member(fields.find("source"), "");
  diagnostic.code = text_or_member(fields.find("code"), "value");
  diagnostic.original = value;
  params.adopt(fields);
  return diagnostic;
}

}  // namespace

Result<InitializeParams> InitializeParams::parse(const json& params) {
  Fields fields(params, "params");
  TRY(fields.status());
  InitializeParams parsed;
  if (const json* id = fields.find("processId"); id && id->is_number_integer())
    parsed.process_id = id->get<std::int64_t>();
  parsed.folder_uris = parse_folders(params);
  parsed.client = parse_capabilities(params);
  if (const json* trace = fields.find("trace")) parsed.trace = parse_trace(*trace);
  if (const json* options = fields.find("initializationOptions")) parsed.options = *options;
  return parsed;
}

Result<CancelParams> CancelParams::parse(const json& params) {
  Fields fields(params, "params");
  CancelParams parsed;
  if (const json* id = fields.find("id")) parsed.id = *id;
  TRY(fields.status());
  return parsed;
}

Result<DidOpenParams> DidOpenParams::parse(const json& params) {
  Fields fields(params, "params");
  Fields document = fields.object("textDocument");
  DidOpenParams parsed;
  parsed.uri = document.text("uri");
  parsed.language = document.text("languageId");
  parsed.version = document.integer("version", kMinInteger, kMaxInteger);
  parsed.text = document.text("text");
  fields.adopt(document);
  TRY(fields.status());
  return parsed;
}

Result<DidChangeParams> DidChangeParams::parse(const json& params) {
  Fields fields(params, "params");
  Fields document = fields.object("textDocument");
  DidChangeParams parsed;
  parsed.uri = document.text("uri");
  if (document.find("version")) parsed.version = document.integer("version", kMinInteger, kMaxInteger);
  TRY(document.status());
  for (const json& value : fields.array("contentChanges")) {
    Fields change(value, "params.contentChanges[]");
    TextChange parsed_change;
    if (change.find("range")) parsed_change.range = change.range("range");
    parsed_change.text = change.text("text");
    parsed.changes.push_back(std::move(parsed_change));
    fields.adopt(change);
  }
  if (const Status status = fields.status(); !status.ok()) parsed.problem = status.error().message;
  return parsed;
}

Result<DidCloseParams> DidCloseParams::parse(const json& params) {
  Fields fields(params, "params");
  DidCloseParams parsed{document_uri(fields)};
  TRY(fields.status());
  return parsed;
}

Result<DidChangeConfigurationParams> DidChangeConfigurationParams::parse(const json& params) {
  Fields fields(params, "params");
  DidChangeConfigurationParams parsed;
  if (const json* settings = fields.find("settings")) parsed.settings = *settings;
  TRY(fields.status());
  return parsed;
}

Result<InlineCompletionParams> InlineCompletionParams::parse(const json& params) {
  Fields fields(params, "params");
  InlineCompletionParams parsed;
  parsed.uri = document_uri(fields);
  parsed.position = fields.position("position");
  if (fields.find("context")) {
    Fields context = fields.object("context");
    if (context.find("triggerKind")) parsed.is_invoked = context.integer("triggerKind", 0, kMaxInteger) == 1;
    if (context.find("selectedCompletionInfo")) {
      Fields selected = context.object("selectedCompletionInfo");
      parsed.selected = SelectedCompletionInfo{selected.range("range"), selected.text("text")};
      context.adopt(selected);
    }
    fields.adopt(context);
  }
  TRY(fields.status());
  return parsed;
}

// Typing a word counts as invoked here, so nothing in the parameters tells what was asked for by hand.
Result<CompletionParams> CompletionParams::parse(const json& params) {
  Fields fields(params, "params");
  CompletionParams parsed;
  parsed.uri = document_uri(fields);
  parsed.position = fields.position("position");
  TRY(fields.status());
  return parsed;
}

Result<DocumentDiagnosticParams> DocumentDiagnosticParams::parse(const json& params) {
  Fields fields(params, "params");
  DocumentDiagnosticParams parsed;
  parsed.uri = document_uri(fields);
  if (fields.find("previousResultId")) parsed.previous = fields.text("previousResultId");
  TRY(fields.status());
  return parsed;
}

Result<ExecuteCommandParams> ExecuteCommandParams::parse(const json& params) {
  Fields fields(params, "params");
  ExecuteCommandParams parsed;
  parsed.command = fields.text("command");
  parsed.arguments = fields.find("arguments") ? fields.array("arguments") : json::array();
  TRY(fields.status());
  return parsed;
}

Result<SetTraceParams> SetTraceParams::parse(const json& params) {
  Fields fields(params, "params");
  const std::string value = fields.text("value");
  TRY(fields.status());
  return SetTraceParams{parse_trace(value)};
}

Result<DidChangeWorkspaceFoldersParams> DidChangeWorkspaceFoldersParams::parse(const json& params) {
  Fields fields(params, "params");
  const Fields event = fields.object("event");
  fields.adopt(event);
  TRY(fields.status());
  return DidChangeWorkspaceFoldersParams{folder_uris(event.find("added")),
                                         folder_uris(event.find("removed"))};
}

Result<CodeActionParams> CodeActionParams::parse(const json& params) {
  Fields fields(params, "params");
  CodeActionParams parsed;
  parsed.uri = document_uri(fields);
  parsed.range = fields.range("range");
  Fields context = fields.object("context");
  for (const json& value : context.array("diagnostics")) {
    parsed.diagnostics.push_back(parse_diagnostic(value, context));
  }
  if (context.find("only")) {
    std::vector<std::string>& only = parsed.only.emplace();
    for (const json& kind : context.array("only")) {
      if (kind.is_string()) only.push_back(kind.get<std::string>());
    }
  }
  if (context.find("triggerKind")) parsed.is_automatic = context.integer("triggerKind", 0, kMaxInteger) == 2;
  fields.adopt(context);
  TRY(fields.status());
  return parsed;
}

Result<ResolveParams> ResolveParams::parse(const json& params) {
  TRY(Fields(params, "params").status());
  return ResolveParams{params};
}

json to_json(const Range& range) {
  return {{"start", {{"line", range.start.line}, {"character", range.start.character}}},
          {"end", {{"line", range.end.line}, {"character", range.end.character}}}};
}

}  // namespace seedling
