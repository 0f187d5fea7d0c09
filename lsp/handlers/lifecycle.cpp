// initialize, initialized, shutdown, exit, $/cancelRequest and $/setTrace.

#include <utility>

#include "lsp/fields.h"
#include "lsp/handlers/handlers.h"
#include "lsp/uri.h"

namespace seedling {
namespace {

void on_initialize(Session& session, InitializeParams params, Reply reply) {
  if (session.lifecycle != Lifecycle::uninitialized) {
    return reply.error(rpc_error::invalid_request, "initialize was sent before");
  }
  session.lifecycle = Lifecycle::running;
  session.client = params.client;
  session.client_process = params.process_id;
  session.trace = params.trace;
  for (const std::string& uri : params.folder_uris) session.folders.push_back(path_of_uri(uri));
  reply.result({{"capabilities", server_capabilities(session)},
                {"serverInfo", {{"name", "seedling"}, {"version", SEEDLING_VERSION}}}});

  // Some clients wrap the section, some give its members.
  const json* section = find_path(params.options, "seedling");
  apply_settings(session, section ? *section : params.options);
  session.generator.watch([&session] { show_loading(session); });
  // Answered first, loaded then: the first keystroke finds the engine warm, and a missing model delays
  // nothing.
  if (session.settings.enable) session.generator.start_loading();
}

// From here on the client may be asked.
void on_initialized(Session& session, NoParams) {
  if (std::exchange(session.is_initialized, true)) return;
  update_registrations(session);
  pull_settings(session);
  show_loading(session);
}

void on_shutdown(Session& session, NoParams, Reply reply) {
  session.lifecycle = Lifecycle::shut_down;
  session.inflight.cancel_all("the server is shutting down");
  session.prefetch.stop();
  reply.result(nullptr);
}

void on_exit(Session& session, NoParams) {
  session.exit_code = session.lifecycle == Lifecycle::shut_down ? 0 : 1;
  session.inflight.cancel_all("the server ends");
}

void on_cancel(Session& session, CancelParams params) {
  session.inflight.cancel_id(params.id);
}

void on_set_trace(Session& session, SetTraceParams params) {
  session.trace = params.value;
}

}  // namespace

void add_lifecycle(Router& router) {
  router.on_request("initialize", on_initialize);
  router.on_notification("initialized", on_initialized);
  router.on_request("shutdown", on_shutdown);
  router.on_notification("exit", on_exit);
  router.on_notification("$/cancelRequest", on_cancel);
  router.on_notification("$/setTrace", on_set_trace);
}

}  // namespace seedling
