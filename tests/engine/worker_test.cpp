#include "engine/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "engine/engine.h"

using namespace seedling;

namespace {

SnapshotPtr document(const std::string& path) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = path;
  return snapshot;
}

CompleteRequest completion_of(const std::string& path) {
  CompleteRequest request;
  request.snapshot = document(path);
  return request;
}

// A promise behind an OnDone, so that a test can wait for the answer; a second answer throws.
template <class T>
struct Answer {
  std::shared_ptr<std::promise<Result<T>>> promise = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> future = promise->get_future();
  OnDone<T> done() {
    return [held = promise](Result<T> result) { held->set_value(std::move(result)); };
  }
  Result<T> get() { return future.get(); }
};
using Completions = Answer<std::vector<Completion>>;

// An engine whose completions wait for the test. The request named "quick" answers at once.
struct SlowEngine {
  std::promise<void> started;
  std::atomic<int> opened = 0, runs = 0;
  std::string forgotten;

  OpenEngine opener() {
    return [this]() -> Result<EngineFunctions> {
      ++opened;
      EngineFunctions functions;
      functions.complete = [this](const CompleteRequest& request,
                                  std::stop_token stop) -> Result<std::vector<Completion>> {
        if (++runs == 1) started.set_value();
        if (request.snapshot->path == "quick") return std::vector<Completion>{Completion{}};
        if (request.snapshot->path == "broken") throw std::runtime_error("out of paper");
        std::promise<void> told;
        const std::stop_callback on_stop(stop, [&told] { told.set_value(); });
        told.get_future().wait();
        return stopped();
      };
      functions.list_actions = [](const ListActionsRequest&, std::stop_token) {
        return Result<std::vector<Action>>(std::vector<Action>{Action{}});
      };
      functions.resolve_action = [](const ResolveActionRequest&, std::stop_token) {
        return Result<ResolvedAction>(ResolvedAction{});
      };
      functions.forget = [this](const std::string& path) { forgotten = path; };
      return functions;
    };
  }
};

}  // namespace

TEST_CASE("worker: requests of every kind are answered, the engine is opened once") {
  SlowEngine engine;
  Worker worker(engine.opener());
  CHECK(engine.opened == 0);
  Completions completions;
  Answer<std::vector<Action>> actions;
  Answer<ResolvedAction> resolved;
  worker.complete(completion_of("quick"), {}, completions.done());
  worker.list_actions({}, {}, actions.done());
  worker.resolve_action({}, {}, resolved.done());
  CHECK(completions.get().value().size() == 1);
  CHECK(actions.get().value().size() == 1);
  CHECK(resolved.get().ok());
  CHECK(engine.opened == 1);
}

TEST_CASE("worker: a newer completion of the same document stops the older ones") {
  SlowEngine engine;
  Worker worker(engine.opener());
  Completions running, waiting, newest;
  worker.complete(completion_of("a"), {}, running.done());
  engine.started.get_future().wait();
  worker.complete(completion_of("a"), {}, waiting.done());
  std::stop_source user;
  worker.complete(completion_of("a"), user.get_token(), newest.done());
  CHECK(running.get().error().code == ErrorCode::stopped);
  CHECK(waiting.get().error().code == ErrorCode::stopped);
  user.request_stop();
  CHECK(newest.get().error().code == ErrorCode::stopped);
  CHECK(engine.runs <= 2);  // what waited was never run
}

TEST_CASE("worker: spare work is done once something was answered and nobody waits") {
  std::promise<void> done;
  std::atomic<int> pieces = 0, answered = 0;
  const OpenEngine open = [&]() -> Result<EngineFunctions> {
    EngineFunctions functions;
    functions.complete = [&](const CompleteRequest&, std::stop_token) -> Result<std::vector<Completion>> {
      ++answered;
      return std::vector<Completion>{};
    };
    functions.spare_work = [&] {
      CHECK(answered >= 1);
      if (++pieces == 3) done.set_value();
      if (pieces > 3) throw std::runtime_error("no more");
      return pieces < 3;
    };
    return functions;
  };
  Worker worker(open, std::chrono::milliseconds(0));
  CHECK(pieces == 0);
  Completions first, second;
  worker.complete(completion_of("a"), {}, first.done());
  CHECK(first.get().ok());
  done.get_future().wait();
  // What it throws is nobody's concern.
  worker.complete(completion_of("a"), {}, second.done());
  CHECK(second.get().ok());
  CHECK(pieces >= 3);
}

TEST_CASE("worker: a request does not wait for spare work to end") {
  std::promise<void> begun;
  std::atomic<int> pieces = 0;
  const OpenEngine open = [&]() -> Result<EngineFunctions> {
    EngineFunctions functions;
    functions.complete = [&](const CompleteRequest&, std::stop_token) -> Result<std::vector<Completion>> {
      return std::vector<Completion>{};
    };
    functions.spare_work = [&] {
      if (++pieces == 1) begun.set_value();
      return true;  // never ends
    };
    return functions;
  };
  Worker worker(open, std::chrono::milliseconds(0));
  Completions first, second;
  worker.complete(completion_of("a"), {}, first.done());
  CHECK(first.get().ok());
  begun.get_future().wait();
  worker.complete(completion_of("a"), {}, second.done());
  CHECK(second.get().ok());
}

TEST_CASE("worker: another document's completion is left alone") {
  SlowEngine engine;
  Worker worker(engine.opener());
  Completions first, second;
  std::stop_source user;
  worker.complete(completion_of("a"), user.get_token(), first.done());
  engine.started.get_future().wait();
  worker.complete(completion_of("quick"), {}, second.done());
  CHECK(first.future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  user.request_stop();
  CHECK(first.get().error().code == ErrorCode::stopped);
  CHECK(second.get().ok());
}

TEST_CASE("worker: a request that was stopped before it ran is not run") {
  SlowEngine engine;
  Worker worker(engine.opener());
  std::stop_source user;
  user.request_stop();
  Completions completions;
  worker.complete(completion_of("quick"), user.get_token(), completions.done());
  CHECK(completions.get().error().code == ErrorCode::stopped);
  CHECK(engine.runs == 0);
}

TEST_CASE("worker: an engine that does not open is an answer, and is tried again") {
  int attempts = 0;
  SlowEngine engine;
  const OpenEngine real = engine.opener();
  Worker worker([&]() -> Result<EngineFunctions> {
    if (++attempts == 1) return not_found("no model here");
    return real();
  });
  Completions first, second;
  worker.complete(completion_of("quick"), {}, first.done());
  const Result<std::vector<Completion>> failed = first.get();
  REQUIRE(!failed.ok());
  CHECK(failed.error().message == "no model here");
  worker.complete(completion_of("quick"), {}, second.done());
  CHECK(second.get().ok());
}

TEST_CASE("worker: an exception becomes an error") {
  SlowEngine engine;
  Worker worker(engine.opener());
  Completions broken, next;
  worker.complete(completion_of("broken"), {}, broken.done());
  CHECK(broken.get().error().code == ErrorCode::internal);
  worker.complete(completion_of("quick"), {}, next.done());
  CHECK(next.get().ok());
}

TEST_CASE("worker: its end stops what runs and answers what waits") {
  SlowEngine engine;
  Completions running, waiting;
  {
    Worker worker(engine.opener());
    worker.complete(completion_of("a"), {}, running.done());
    engine.started.get_future().wait();
    worker.complete(completion_of("b"), {}, waiting.done());
  }
  CHECK(running.get().error().code == ErrorCode::stopped);
  CHECK(waiting.get().error().code == ErrorCode::stopped);
}

TEST_CASE("worker: forgetting reaches the engine, and opens none") {
  SlowEngine engine;
  {
    Worker worker(engine.opener());
    worker.forget("unopened");
    Completions completions;
    worker.complete(completion_of("quick"), {}, completions.done());
    CHECK(completions.get().ok());
    CHECK(engine.forgotten.empty());
    worker.forget("a");
  }
  CHECK(engine.forgotten == "a");
}

TEST_CASE("worker: a missing model is named") {
  EngineOptions options;
  options.model_directory = "/nonexistent/model";
  Worker worker(engine_opener(options));
  Completions completions;
  worker.complete(completion_of("a"), {}, completions.done());
  const Result<std::vector<Completion>> result = completions.get();
  REQUIRE(!result.ok());
  CHECK(result.error().message.find("/nonexistent/model") != std::string::npos);
}
