// lsp/prefetch.h
//
// Prefetch: the one completion that the engine works on though nobody has asked for it yet: what would
// follow if the offer on the screen were accepted. The loop thread owns it.
//   It ends when it is answered, when anything else starts in its document (the engine sees to that), or by
//   stop(). A request for the very same thing waits for it instead of beginning anew: adopt().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/generator.h"

namespace seedling {

class Prefetch {
 public:
  using OnDone = std::function<void(const Result<std::vector<Completion>>&)>;

  // What runs is stopped; nothing if somebody waits for it by now. finish(number) takes the engine's answer.
  struct Started {
    std::uint64_t number = 0;
    std::stop_token stop;
  };
  std::optional<Started> start(const CompleteRequest& request);
  void finish(std::uint64_t number, const Result<std::vector<Completion>>& result);

  // Whether what runs is exactly this; its answer then goes to `on_done`, and only `stop` ends it.
  bool adopt(const CompleteRequest& request, std::stop_token stop, OnDone on_done);
  void stop();

 private:
  struct Running {
    CompleteRequest request;
    std::stop_source source;
    OnDone on_done;
    std::shared_ptr<void> link;  // from the adopter's token to `source`
  };

  std::optional<Running> running_;
  std::uint64_t number_ = 0;
};

}  // namespace seedling
