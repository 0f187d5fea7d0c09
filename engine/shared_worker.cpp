#include "engine/shared_worker.h"

#include <set>
#include <string>
#include <utility>

namespace seedling {
namespace {

// Lets answers through until its client has gone.
class Gate {
 public:
  template <class Answer>
  static OnDone<Answer> guard(const std::shared_ptr<Gate>& gate, OnDone<Answer> done) {
    return [gate, done = std::move(done)](Result<Answer> answer) {
      const std::lock_guard lock(gate->mutex_);
      if (gate->is_open_) done(std::move(answer));
    };
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }

 private:
  std::mutex mutex_;  // held while an answer is handed over, which takes no time
  bool is_open_ = true;
};

class ClientGenerator final : public Generator {
 public:
  ClientGenerator(std::shared_ptr<Worker> worker, ClientId id) : worker_(std::move(worker)), id_(id) {}
  ~ClientGenerator() override {
    gate_->close();
    for (const std::string& document : documents_) worker_->forget(document);
  }

  void complete(CompleteRequest request, std::stop_token stop,
                OnDone<std::vector<Completion>> done) override {
    note(request.snapshot);
    worker_->complete(id_, std::move(request), std::move(stop), Gate::guard(gate_, std::move(done)));
  }
  void list_actions(ListActionsRequest request, std::stop_token stop,
                    OnDone<std::vector<Action>> done) override {
    note(request.snapshot);
    worker_->list_actions(id_, std::move(request), std::move(stop), Gate::guard(gate_, std::move(done)));
  }
  void resolve_action(ResolveActionRequest request, std::stop_token stop,
                      OnDone<ResolvedAction> done) override {
    note(request.snapshot);
    worker_->resolve_action(id_, std::move(request), std::move(stop), Gate::guard(gate_, std::move(done)));
  }
  void check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) override {
    note(request.snapshot);
    worker_->check(id_, std::move(request), std::move(stop), Gate::guard(gate_, std::move(done)));
  }
  void forget(const std::string& document) override {
    documents_.erase(document);
    worker_->forget(document);
  }
  std::chrono::milliseconds overdue() override { return worker_->overdue(); }

 private:
  void note(const SnapshotPtr& snapshot) {
    if (snapshot) documents_.insert(document_of(*snapshot));
  }

  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const std::shared_ptr<Worker> worker_;
  const ClientId id_;
  std::set<std::string> documents_;  // that the engine may remember
};

}  // namespace

Result<std::unique_ptr<Generator>> SharedWorker::add_client() {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Worker> worker = worker_.lock();
  if (!worker) {
    const EngineFunctions functions = TRY(open_());
    worker = std::make_shared<Worker>([functions]() -> Result<EngineFunctions> { return functions; });
    worker_ = worker;
  }
  return std::unique_ptr<Generator>(std::make_unique<ClientGenerator>(std::move(worker), ++last_client_));
}

std::shared_ptr<void> SharedWorker::keep() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return lock ? worker_.lock() : nullptr;
}

}  // namespace seedling
