// lsp/protocol.h
//
// The structs of LSP that we use, and of those only the members that we use; names are LSP's.
//   parse() is total: wrong JSON gives an error that names the member; the router makes it InvalidParams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/result.h"
#include "lsp/capabilities.h"
#include "lsp/document.h"
#include "lsp/position.h"
#include "lsp/rpc.h"

namespace seedling {

struct NoParams {
  static Result<NoParams> parse(const json&) { return NoParams{}; }
};

enum class TraceValue { off, messages, verbose };

struct InitializeParams {
  std::optional<std::int64_t> process_id;
  std::vector<std::string> folder_uris;
  ClientCapabilities client;
  json options;  // initializationOptions
  TraceValue trace = TraceValue::off;
  static Result<InitializeParams> parse(const json& params);
};

struct CancelParams {
  json id;
  static Result<CancelParams> parse(const json& params);
};

struct DidOpenParams {
  std::string uri;
  std::string language;
  std::int64_t version = 0;
  std::string text;
  static Result<DidOpenParams> parse(const json& params);
};

struct DidChangeParams {
  std::string uri;
  std::optional<std::int64_t> version;
  std::vector<TextChange> changes;
  // Not empty when the changes cannot be read: the document has changed all the same, and we do not know how.
  std::string problem;
  static Result<DidChangeParams> parse(const json& params);
};

struct DidCloseParams {
  std::string uri;
  static Result<DidCloseParams> parse(const json& params);
};

struct DidChangeConfigurationParams {
  json settings;
  static Result<DidChangeConfigurationParams> parse(const json& params);
};

// The entry that is selected in the editor's own completion menu.
struct SelectedCompletionInfo {
  Range range;
  std::string text;
};

struct InlineCompletionParams {
  std::string uri;
  Position position;
  bool is_invoked = false;  // asked for by hand, not by typing
  std::optional<SelectedCompletionInfo> selected;
  static Result<InlineCompletionParams> parse(const json& params);
};

struct CompletionParams {
  std::string uri;
  Position position;
  static Result<CompletionParams> parse(const json& params);
};

struct DocumentDiagnosticParams {
  std::string uri;
  std::optional<std::string> previous;  // previousResultId
  static Result<DocumentDiagnosticParams> parse(const json& params);
};

struct ExecuteCommandParams {
  std::string command;
  json arguments;  // a list
  static Result<ExecuteCommandParams> parse(const json& params);
};

struct SetTraceParams {
  TraceValue value = TraceValue::off;
  static Result<SetTraceParams> parse(const json& params);
};

struct DidChangeWorkspaceFoldersParams {
  std::vector<std::string> added;  // URIs
  std::vector<std::string> removed;
  static Result<DidChangeWorkspaceFoldersParams> parse(const json& params);
};

// Any tool's diagnostic. `original` goes back to the client untouched; its `data` is not ours to read.
struct LspDiagnostic {
  Range range;
  std::string message;
  std::string source;
  std::string code;
  json original;
};

struct CodeActionParams {
  std::string uri;
  Range range;
  std::vector<LspDiagnostic> diagnostics;
  std::optional<std::vector<std::string>> only;
  bool is_automatic = false;  // the cursor rested; nobody asked
  static Result<CodeActionParams> parse(const json& params);
};

struct ResolveParams {
  json action;
  static Result<ResolveParams> parse(const json& params);
};

json to_json(const Range& range);

}  // namespace seedling
