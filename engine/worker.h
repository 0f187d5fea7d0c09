// engine/worker.h
//
// Worker: the Generator that runs an engine on a thread of its own.
//   Any thread may call it; `done` is called on the engine thread, exactly once per request. The engine is
//   opened there when the first request comes; where that fails, the request is answered with the error and
//   the next one tries again. The newest completion request of a client's document wins: older ones, waiting
//   or running, are told to stop and are answered with stopped. Clients take turns: next is the client that
//   was served longest ago, of its documents the one that was, and of that one's requests the oldest. The
//   destructor stops what runs, answers what waits with stopped, and joins. When nobody has asked for
//   anything for a while, and something has been answered before, spare work is done piece by piece until the
//   next request comes. Errors: those of the engine; a library's exception becomes internal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/generator.h"

namespace seedling {

// What the worker asks of an engine: functions, so that a test can play the engine.
struct EngineFunctions {
  std::function<Result<std::vector<Completion>>(const CompleteRequest&, std::stop_token)> complete;
  std::function<Result<std::vector<Action>>(const ListActionsRequest&, std::stop_token)> list_actions;
  std::function<Result<ResolvedAction>(const ResolveActionRequest&, std::stop_token)> resolve_action;
  std::function<Result<std::vector<Diagnostic>>(const CheckRequest&, std::stop_token)> check;
  std::function<void(const std::string& document)> forget;
  // Some milliseconds of work for when nobody waits; whether there is more. May be empty.
  std::function<bool()> spare_work;
};
using OpenEngine = std::function<Result<EngineFunctions>()>;

// Documents of two clients are never the same, whatever their paths.
using ClientId = std::uint64_t;

struct EngineOptions;
// Opens an Engine, which lives as long as the functions.
OpenEngine engine_opener(EngineOptions options);

class Worker : public Generator {
 public:
  explicit Worker(OpenEngine open, std::chrono::milliseconds idle_after = std::chrono::seconds(2));
  ~Worker() override;

  void complete(CompleteRequest request, std::stop_token stop, OnDone<std::vector<Completion>> done) override;
  void list_actions(ListActionsRequest request, std::stop_token stop,
                    OnDone<std::vector<Action>> done) override;
  void resolve_action(ResolveActionRequest request, std::stop_token stop,
                      OnDone<ResolvedAction> done) override;
  void check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) override;
  void forget(const std::string& document) override;
  std::chrono::milliseconds overdue() override;

  // The same for one of several clients; those above are client 0.
  void complete(ClientId client, CompleteRequest request, std::stop_token stop,
                OnDone<std::vector<Completion>> done);
  void list_actions(ClientId client, ListActionsRequest request, std::stop_token stop,
                    OnDone<std::vector<Action>> done);
  void resolve_action(ClientId client, ResolveActionRequest request, std::stop_token stop,
                      OnDone<ResolvedAction> done);
  void check(ClientId client, CheckRequest request, std::stop_token stop,
             OnDone<std::vector<Diagnostic>> done);

 private:
  struct Source {
    ClientId client = 0;
    std::string document;
    bool operator==(const Source&) const = default;
  };
  struct Job {
    Source source;
    bool is_completion = false;
    std::stop_source stop;      // set by the caller's token, by a newer request, or by the destructor
    std::function<void()> run;  // engine thread; answers
  };

  template <class Request, class Answer>
  void post(ClientId client, Request request, std::stop_token stop, OnDone<Answer> done,
            std::function<Result<Answer>(const Request&, std::stop_token)> EngineFunctions::*function);
  void supersede(const Job& newest);
  void loop();
  std::optional<Job> next_job();
  std::deque<Job>::iterator choose();
  void note_served(const Source& source);
  void wait_for_job(std::unique_lock<std::mutex>& lock);
  bool do_spare_work();
  Result<EngineFunctions*> engine();

  const OpenEngine open_;                       // constant after construction
  const std::chrono::milliseconds idle_after_;  // the same
  std::optional<EngineFunctions> functions_;    // engine thread only
  bool has_spare_work_ = false;                 // engine thread only
  std::mutex mutex_;
  std::condition_variable wake_;
  // guarded by mutex_
  std::deque<Job> queue_;
  std::vector<Source> served_;  // lately, the last one at the end, each once
  Source running_;
  bool is_running_ = false;
  bool is_running_completion_ = false;
  std::stop_source running_stop_;
  std::chrono::steady_clock::duration overdue_{};
  std::optional<std::chrono::steady_clock::time_point> overdue_seen_;  // last
  bool is_ending_ = false;

  std::thread thread_;  // last: it starts when everything else stands
};

}  // namespace seedling
