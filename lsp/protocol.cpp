#include "lsp/protocol.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lsp/fields.h"

namespace seedling {
namespace {

constexpr std::int64_t kMinInteger = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int32_t>::max();

bool has_entry(const json* list, const json& entry) {
  return list && list->is_array() && std::find(list->begin(), list->end(), entry) != list->end();
}

bool is_true(const json* value) {
  return value && value->is_boolean() && value->get<bool>();
}

PositionEncoding choose_encoding(const json* offered) {
  if (has_entry(offered, "utf-8")) return PositionEncoding::utf8;
  if (has_entry(offered, "utf-16") || !has_entry(offered, "utf-32")) return PositionEncoding::utf16;
  return PositionEncoding::utf32;
}

ClientCapabilities parse_capabilities(const json& params) {
  ClientCapabilities client;
  const json* given = find_path(params, "capabilities");
  if (!given) return client;
  client.encoding = choose_encoding(find_path(*given, "general", "positionEncodings"));
  client.resolves_edits =
      has_entry(find_path(*given, "textDocument", "codeAction", "resolveSupport", "properties"), "edit");
  client.marks_generated_actions =
      has_entry(find_path(*given, "textDocument", "codeAction", "tagSupport", "valueSet"), 1) ||
      has_entry(find_path(*given, "textDocument", "codeAction", "tagSupport"), 1);
  client.takes_document_changes = is_true(find_path(*given, "workspace", "workspaceEdit", "documentChanges"));
  return client;
}

std::vector<std::string> parse_folders(const json& params) {
  std::vector<std::string> uris;
  if (const json* folders = find_path(params, "workspaceFolders"); folders && folders->is_array()) {
    for (const json& folder : *folders) {
      const json* uri = find_path(folder, "uri");
      if (uri && uri->is_string()) uris.push_back(uri->get<std::string>());
    }
  }
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
