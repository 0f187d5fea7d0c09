#include "engine/worker.h"

#include <algorithm>
#include <exception>
#include <type_traits>

#include "engine/engine.h"

namespace seedling {
namespace {

constexpr std::chrono::seconds kMostBetweenLooks{3};
constexpr std::size_t kMostServed = 64;  // clients and documents whose turns are remembered

}  // namespace

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
    functions.forget = [engine](const std::string& document) { engine->forget(document); };
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
void Worker::post(ClientId client, Request request, std::stop_token stop, OnDone<Answer> done,
                  std::function<Result<Answer>(const Request&, std::stop_token)> EngineFunctions::*function) {
  Job job;
  job.source = {client, request.snapshot ? document_of(*request.snapshot) : std::string()};
  job.is_completion = std::is_same_v<Request, CompleteRequest>;
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
    if (job.is_completion) supersede(job);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

// Those before it for the same document. REQUIRES: the lock is held.
void Worker::supersede(const Job& newest) {
  if (is_running_completion_ && running_ == newest.source) running_stop_.request_stop();
  for (Job& other : queue_) {
    if (other.is_completion && other.source == newest.source) other.stop.request_stop();
  }
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

// Empty when the worker ends and nothing waits.
std::optional<Worker::Job> Worker::next_job() {
  std::unique_lock lock(mutex_);
  is_running_ = is_running_completion_ = false;
  overdue_ = {};
  overdue_seen_.reset();
  wait_for_job(lock);
  if (queue_.empty()) return std::nullopt;
  const auto chosen = choose();
  Job job = std::move(*chosen);
  queue_.erase(chosen);
  if (!job.stop.stop_requested()) note_served(job.source);
  running_ = job.source;
  is_running_ = true;
  is_running_completion_ = job.is_completion;
  running_stop_ = job.stop;
  if (is_ending_) running_stop_.request_stop();
  return job;
}

// Those that are stopped come first: their answer costs nothing. REQUIRES: the lock is held, a job waits.
std::deque<Worker::Job>::iterator Worker::choose() {
  const auto rank = [this](const Job& job) {
    if (job.stop.stop_requested()) return std::pair<std::size_t, std::size_t>(0, 0);
    // 1 for a client, or a document, that was not served lately; later for those that were served later.
    std::size_t of_client = 1, of_document = 1;
    for (std::size_t i = 0; i < served_.size(); ++i) {
      if (served_[i].client == job.source.client) of_client = i + 2;
      if (served_[i] == job.source) of_document = i + 2;
    }
    return std::pair(of_client, of_document);
  };
  return std::min_element(queue_.begin(), queue_.end(),
                          [&](const Job& a, const Job& b) { return rank(a) < rank(b); });
}

void Worker::note_served(const Source& source) {
  std::erase(served_, source);
  if (served_.size() == kMostServed) served_.erase(served_.begin());
  served_.push_back(source);
}

void Worker::loop() {
  while (std::optional<Job> job = next_job()) {
    job->run();
    has_spare_work_ = functions_.has_value() && functions_->spare_work;
  }
}

void Worker::complete(ClientId client, CompleteRequest request, std::stop_token stop,
                      OnDone<std::vector<Completion>> done) {
  post(client, std::move(request), stop, std::move(done), &EngineFunctions::complete);
}

void Worker::list_actions(ClientId client, ListActionsRequest request, std::stop_token stop,
                          OnDone<std::vector<Action>> done) {
  post(client, std::move(request), stop, std::move(done), &EngineFunctions::list_actions);
}

void Worker::resolve_action(ClientId client, ResolveActionRequest request, std::stop_token stop,
                            OnDone<ResolvedAction> done) {
  post(client, std::move(request), stop, std::move(done), &EngineFunctions::resolve_action);
}

void Worker::check(ClientId client, CheckRequest request, std::stop_token stop,
                   OnDone<std::vector<Diagnostic>> done) {
  post(client, std::move(request), stop, std::move(done), &EngineFunctions::check);
}

void Worker::complete(CompleteRequest request, std::stop_token stop, OnDone<std::vector<Completion>> done) {
  complete(0, std::move(request), stop, std::move(done));
}

void Worker::list_actions(ListActionsRequest request, std::stop_token stop,
                          OnDone<std::vector<Action>> done) {
  list_actions(0, std::move(request), stop, std::move(done));
}

void Worker::resolve_action(ResolveActionRequest request, std::stop_token stop, OnDone<ResolvedAction> done) {
  resolve_action(0, std::move(request), stop, std::move(done));
}

void Worker::check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) {
  check(0, std::move(request), std::move(stop), std::move(done));
}

void Worker::forget(const std::string& document) {
  Job job;
  // An engine that was never opened remembers nothing.
  job.run = [this, document] {
    if (functions_.has_value()) functions_->forget(document);
  };
  job.stop.request_stop();  // costs nothing: before everything that does
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

// Counted from one call that sees it to the next, so that stopping costs no clock. Between two that are far
// apart the whole process may have stood still, so that no more than a moment of it counts.
std::chrono::milliseconds Worker::overdue() {
  const std::lock_guard lock(mutex_);
  if (!is_running_ || !running_stop_.stop_requested()) return {};
  const auto now = std::chrono::steady_clock::now();
  if (overdue_seen_)
    overdue_ += std::min<std::chrono::steady_clock::duration>(now - *overdue_seen_, kMostBetweenLooks);
  overdue_seen_ = now;
  return std::chrono::duration_cast<std::chrono::milliseconds>(overdue_);
}

}  // namespace seedling
