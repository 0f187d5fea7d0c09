// seedling/ping: a sign of life for the process in front of a shared engine. seedling/documentHash: what the
// server takes a document's text to be, for tests that compare it with the client's.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "lsp/fields.h"
#include "lsp/handlers/handlers.h"

namespace seedling {
namespace {

struct DocumentHashParams {
  std::string uri;
  static Result<DocumentHashParams> parse(const json& params) {
    Fields fields(params, "params");
    Fields document = fields.object("textDocument");
    DocumentHashParams parsed{document.text("uri")};
    fields.adopt(document);
    TRY(fields.status());
    return parsed;
  }
};

// FNV-1a: short enough to be written down again by whoever compares.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// Answered by the loop itself: an engine at work does not delay it.
void on_ping(Session& session, NoParams, Reply reply) {
  Generator* generator = session.generator.loaded();
  reply.result({{"overdueMs", generator ? generator->overdue().count() : 0}});
}

void on_document_hash(Session& session, DocumentHashParams params, Reply reply) {
  const Result<DocumentPtr> document = session.documents.find(params.uri);
  if (!document.ok()) return reply.error(document.error());
  const Snapshot& snapshot = *(*document)->snapshot;
  reply.result({{"version", snapshot.version},
                {"bytes", snapshot.text.size()},
                {"hash", std::to_string(hash_of(snapshot.text))}});
}

}  // namespace

void add_health(Router& router) {
  router.on_request("seedling/ping", on_ping);
}

void add_document_hash(Router& router) {
  router.on_request("seedling/documentHash", on_document_hash);
}

}  // namespace seedling
