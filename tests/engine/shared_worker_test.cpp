#include "engine/shared_worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"

using namespace seedling;

namespace {

CompleteRequest completion_of(const std::string& path) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = path;
  CompleteRequest request;
  request.snapshot = std::move(snapshot);
  return request;
}

ListActionsRequest actions_of(const std::string& path) {
  return {completion_of(path).snapshot, {}, {}};
}

// An engine that stands still until it is let go, and notes whom it served.
struct GatedEngine {
  std::promise<void> begun, gate;
  std::shared_future<void> open_gate = gate.get_future().share();
  std::vector<std::string> served;  // engine thread
  std::atomic<int> opened = 0, closed = 0;
  std::vector<std::string> forgotten;  // engine thread

  OpenEngine opener() {
    return [this]() -> Result<EngineFunctions> {
      ++opened;
      const std::shared_ptr<void> life(nullptr, [this](void*) { ++closed; });
      EngineFunctions functions;
      functions.complete = [this, life](const CompleteRequest& request,
                                        std::stop_token) -> Result<std::vector<Completion>> {
        serve(request.snapshot->path);
        return std::vector<Completion>{};
      };
      functions.list_actions = [this](const ListActionsRequest& request,
                                      std::stop_token) -> Result<std::vector<Action>> {
        serve(request.snapshot->path);
        return std::vector<Action>{};
      };
      functions.resolve_action = [](const ResolveActionRequest&, std::stop_token) -> Result<ResolvedAction> {
        return ResolvedAction{};
      };
      functions.forget = [this](const std::string& path) { forgotten.push_back(path); };
      return functions;
    };
  }
  void serve(const std::string& path) {
    if (path == "gate") {
      begun.set_value();
      open_gate.wait();
    } else {
      served.push_back(path);
    }
  }
};

const OnDone<std::vector<Completion>> kIgnore = [](const Result<std::vector<Completion>>&) {};
const OnDone<std::vector<Action>> kIgnoreActions = [](const Result<std::vector<Action>>&) {};

}  // namespace

TEST_CASE("shared worker: clients take turns, and so do a client's documents") {
  GatedEngine engine;
  {
    SharedWorker shared(engine.opener());
    const auto busy = std::move(shared.add_client().value());
    const auto calm = std::move(shared.add_client().value());
    busy->complete(completion_of("gate"), {}, kIgnore);
    engine.begun.get_future().wait();
    for (const char* path : {"busy 1", "busy 1", "busy 1", "busy 2"})
      busy->list_actions(actions_of(path), {}, kIgnoreActions);
    for (const char* path : {"calm", "calm"}) calm->list_actions(actions_of(path), {}, kIgnoreActions);
    std::promise<void> last;
    calm->list_actions(actions_of("calm"), {}, [&](const Result<std::vector<Action>>&) { last.set_value(); });
    engine.gate.set_value();
    last.get_future().wait();
  }
  engine.served.resize(std::min<std::size_t>(engine.served.size(), 5));
  CHECK(engine.served == std::vector<std::string>{"calm", "busy 1", "calm", "busy 2", "calm"});
}

TEST_CASE("shared worker: one engine, which stays as long as somebody has it") {
  GatedEngine engine;
  SharedWorker shared(engine.opener());
  CHECK(shared.keep() == nullptr);
  auto first = std::move(shared.add_client().value());
  auto second = std::move(shared.add_client().value());
  CHECK(engine.opened == 1);
  first.reset();
  CHECK(engine.closed == 0);
  auto kept = shared.keep();
  second.reset();
  CHECK(engine.closed == 0);
  kept.reset();
  CHECK(engine.closed == 1);
  second = std::move(shared.add_client().value());
  CHECK(engine.opened == 2);
}

TEST_CASE("shared worker: the same path of two clients is two documents") {
  GatedEngine engine;
  SharedWorker shared(engine.opener());
  const auto first = std::move(shared.add_client().value());
  const auto second = std::move(shared.add_client().value());
  first->complete(completion_of("gate"), {}, kIgnore);
  engine.begun.get_future().wait();
  std::promise<bool> of_first, of_second, of_third;
  const auto tells = [](std::promise<bool>& promise) -> OnDone<std::vector<Completion>> {
    return [&promise](const Result<std::vector<Completion>>& result) { promise.set_value(result.ok()); };
  };
  first->complete(completion_of("a"), {}, tells(of_first));
  second->complete(completion_of("a"), {}, tells(of_second));
  second->complete(completion_of("a"), {}, tells(of_third));
  engine.gate.set_value();
  CHECK(of_first.get_future().get());
  CHECK(!of_second.get_future().get());  // the newest wins
  CHECK(of_third.get_future().get());
}

TEST_CASE("shared worker: a client that has gone is not called, and what it had open is forgotten") {
  GatedEngine engine;
  SharedWorker shared(engine.opener());
  auto gone = std::move(shared.add_client().value());
  const auto stays = std::move(shared.add_client().value());
  std::atomic<int> calls = 0;
  gone->complete(completion_of("gate"), {}, [&](const Result<std::vector<Completion>>&) { ++calls; });
  engine.begun.get_future().wait();
  gone->complete(completion_of("a"), {}, [&](const Result<std::vector<Completion>>&) { ++calls; });
  gone.reset();
  std::promise<void> answered;
  stays->complete(completion_of("b"), {},
                  [&](const Result<std::vector<Completion>>&) { answered.set_value(); });
  engine.gate.set_value();
  answered.get_future().wait();
  CHECK(calls == 0);
  CHECK(engine.forgotten == std::vector<std::string>{"a", "gate"});
}

TEST_CASE("shared worker: an engine that cannot be opened is tried again by the next client") {
  int tries = 0;
  SharedWorker shared([&]() -> Result<EngineFunctions> {
    if (++tries == 1) return not_found("no model");
    return EngineFunctions{};
  });
  CHECK(shared.add_client().error().message == "no model");
  CHECK(shared.add_client().ok());
  CHECK(tries == 2);
}

TEST_CASE("shared worker: a call that ignores that it was stopped is overdue") {
  GatedEngine engine;
  SharedWorker shared(engine.opener());
  const auto client = std::move(shared.add_client().value());
  std::stop_source stop;
  client->complete(completion_of("gate"), stop.get_token(), kIgnore);
  engine.begun.get_future().wait();
  CHECK(client->overdue().count() == 0);
  stop.request_stop();
  client->overdue();  // counts from here
  while (client->overdue().count() == 0) std::this_thread::yield();
  engine.gate.set_value();
  std::promise<void> answered;
  client->complete(completion_of("b"), {},
                   [&](const Result<std::vector<Completion>>&) { answered.set_value(); });
  answered.get_future().wait();
  while (client->overdue().count() != 0) std::this_thread::yield();
}
