#include "engine/worker.h"

#include <algorithm>
#include <exception>

#include "engine/engine.h"

namespace seedling {

OpenEngine engine_opener(EngineOptions options) {
  return [options = std::move(options)]() -> Result<EngineFunctions> {
    const std::shared_ptr<Engine> engine = TRY(Engine::open(options));
    EngineFunctions functions;
    functions.complete = [engine](const CompleteRequest& r, std::stop_token s) {
      return engine->complete(r, s);
    };
    functions.list_actions = [engine](const ListActionsRequest& r, std::stop_token s) {
      return engine->list_actions(r, s);
    };
    functions.resolve_action = [engine](const ResolveActionRequest& r, std::stop_token s) {
      return engine->resolve_action(r, s);
    };
    functions.check = [engine](const CheckRequest& r, std::stop_token s) { return engine->check(r, s); };
    functions.forget = [engine](const std::string& path) { engine->forget(path); };
    functions.spare_work = [engine] { return engine->measure_some(); };
    return functions;
  };
}

Worker::Worker(OpenEngine open, std::chrono::milliseconds idle_after)
    : open_(std::move(open)), idle_after_(idle_after), thread_([this] { loop(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    running_stop_.request_stop();
    for (Job& job : queue_) job.stop.request_stop();
  }
  wake_.notify_all();
  thread_.join();
}

Result<EngineFunctions*> Worker::engine() {
  if (!functions_.has_value()) functions_ = TRY(open_());
  return &*functions_;
}

template <class Request, class Answer>
void Worker::post(std::string completes, Request request, std::stop_token stop, OnDone<Answer> done,
                  std::function<Result<Answer>(const Request&, std::stop_token)> EngineFunctions::*function) {
  Job job;
  job.completes = std::move(completes);
  const std::stop_source source = job.stop;
  const auto pass_on = [source] { std::stop_source(source).request_stop(); };
  // The caller's token stops the job as long as the job exists.
  const auto link = std::make_shared<std::stop_callback<decltype(pass_on)>>(stop, pass_on);
  job.run = [this, link, source, request = std::move(request), done = std::move(done), function] {
    const auto answer = [&]() -> Result<Answer> {
      if (source.stop_requested()) return stopped();
      try {
        EngineFunctions* functions = TRY(engine());
        return (functions->*function)(request, source.get_token());
      } catch (const std::exception& problem) {
        return Error{ErrorCode::internal, std::string("the engine failed: ") + problem.what()};
      }
    };
    done(answer());
  };
  {
    const std::lock_guard lock(mutex_);
    if (!job.completes.empty()) {
      if (running_completes_ == job.completes) running_stop_.request_stop();
      for (Job& other : queue_) {
        if (other.completes == job.completes) other.stop.request_stop();
      }
    }
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

// Until a job waits or the worker ends.
void Worker::wait_for_job(std::unique_lock<std::mutex>& lock) {
  const auto is_wanted = [this] { return is_ending_ || !queue_.empty(); };
  if (has_spare_work_ && !wake_.wait_for(lock, idle_after_, is_wanted)) {
    while (has_spare_work_ && !is_wanted()) {
      lock.unlock();
      has_spare_work_ = do_spare_work();
      lock.lock();
    }
  }
  wake_.wait(lock, is_wanted);
}

bool Worker::do_spare_work() {
  try {
    return functions_->spare_work();
  } catch (const std::exception&) {
    return false;  // nobody asked for it
  }
}

// Those that are stopped come first: their answer costs nothing. Empty when the worker ends and nothing
// waits.
std::optional<Worker::Job> Worker::next_job() {
  std::unique_lock lock(mutex_);
  running_completes_.clear();
  wait_for_job(lock);
  if (queue_.empty()) return std::nullopt;
  auto chosen =
      std::find_if(queue_.begin(), queue_.end(), [](const Job& job) { return job.stop.stop_requested(); });
  if (chosen == queue_.end()) chosen = queue_.begin();
  Job job = std::move(*chosen);
  queue_.erase(chosen);
  running_completes_ = job.completes;
  running_stop_ = job.stop;
  if (is_ending_) running_stop_.request_stop();
  return job;
}

void Worker::loop() {
  while (std::optional<Job> job = next_job()) {
    job->run();
    has_spare_work_ = functions_.has_value() && functions_->spare_work;
  }
}

void Worker::complete(CompleteRequest request, std::stop_token stop, OnDone<std::vector<Completion>> done) {
  std::string path = request.snapshot ? request.snapshot->path : std::string();
  post(std::move(path), std::move(request), stop, std::move(done), &EngineFunctions::complete);
}

void Worker::list_actions(ListActionsRequest request, std::stop_token stop,
                          OnDone<std::vector<Action>> done) {
  post({}, std::move(request), stop, std::move(done), &EngineFunctions::list_actions);
}

void Worker::resolve_action(ResolveActionRequest request, std::stop_token stop, OnDone<ResolvedAction> done) {
  post({}, std::move(request), stop, std::move(done), &EngineFunctions::resolve_action);
}

void Worker::check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) {
  post({}, std::move(request), stop, std::move(done), &EngineFunctions::check);
}

void Worker::forget(const std::string& path) {
  Job job;
  // An engine that was never opened remembers nothing.
  job.run = [this, path] {
    if (functions_.has_value()) functions_->forget(path);
  };
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

}  // namespace seedling
