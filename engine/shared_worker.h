// engine/shared_worker.h
//
// SharedWorker: one engine for several clients, each with a Generator of its own.
//   The engine is opened for the first client and stays until the last client's Generator, and whatever
//   keep() gave out, is gone. add_client() may be called by any thread and blocks while another one opens the
//   engine. After a Generator's destructor nothing calls its `done` functions any more. Errors: those of
//   opening; the next client tries again.
#pragma once

#include <memory>
#include <mutex>

#include "engine/worker.h"

namespace seedling {

class SharedWorker {
 public:
  explicit SharedWorker(OpenEngine open) : open_(std::move(open)) {}

  Result<std::unique_ptr<Generator>> add_client();
  // What is open now, until the result is dropped.
  std::shared_ptr<void> keep();

 private:
  const OpenEngine open_;  // constant after construction
  std::mutex mutex_;       // held while the engine is opened
  std::weak_ptr<Worker> worker_;
  ClientId last_client_ = 0;
};

}  // namespace seedling
