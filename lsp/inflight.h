// lsp/inflight.h
//
// The requests that wait for the engine. The loop thread owns it.
//   A request is answered by whoever takes it out first: the engine's answer (take) or a cancellation. What
//   comes later finds nothing and is dropped; that is how each request gets one answer. Tickets are never
//   used twice, ids may be.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "lsp/reply.h"

namespace seedling {

enum class Purpose { inline_completion, completion, code_action, diagnostics };

using Ticket = std::uint64_t;

class Inflight {
 public:
  struct Started {
    Ticket ticket = 0;
    std::stop_token stop;
  };

  Started start(Reply reply, std::string uri, Purpose purpose);
  bool contains(Ticket ticket) const { return waiting_.contains(ticket); }
  bool is_empty() const { return waiting_.empty(); }
  bool contains_id(const json& id) const;
  bool contains_document(const std::string& uri) const;

  // The reply of a request that still waits; nothing when it was answered meanwhile.
  std::optional<Reply> take(Ticket ticket);

  // These stop the engine's work and answer at once.
  void cancel_id(const json& id);
  void cancel_document(const std::string& uri, Purpose purpose, int code, std::string_view message,
                       const json& data = nullptr);
  void cancel_all(std::string_view message);

 private:
  struct Waiting {
    Reply reply;
    std::string uri;
    Purpose purpose;
    std::stop_source stop;
  };

  template <class Matches>
  void cancel_where(Matches matches, int code, std::string_view message, const json& data = nullptr);

  std::map<Ticket, Waiting> waiting_;
  Ticket last_ticket_ = 0;
};

}  // namespace seedling
