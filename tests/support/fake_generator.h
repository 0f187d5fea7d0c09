// tests/support/fake_generator.h
//
// FakeGenerator: an engine without a model. Answers are scripted, and held until the test lets them go.
//   Zero threads: `done` is called from the call itself or from release(), on the test's thread.
//   A held request that was stopped meanwhile is answered with `stopped`, as a real engine does.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/generator.h"

namespace seedling {

class FakeGenerator final : public Generator {
 public:
  // What the script says and what was asked. Lives with the test, as a server owns its generator.
  struct Script {
    bool is_holding = false;
    std::function<Result<std::vector<Completion>>(const CompleteRequest&)> on_complete = insert("answer");
    std::function<Result<std::vector<Action>>(const ListActionsRequest&)> on_list =
        [](const ListActionsRequest&) { return std::vector<Action>{}; };
    std::function<Result<ResolvedAction>(const ResolveActionRequest&)> on_resolve =
        [](const ResolveActionRequest&) { return ResolvedAction{}; };

    std::function<Result<std::vector<Diagnostic>>(const CheckRequest&)> on_check = [](const CheckRequest&) {
      return std::vector<Diagnostic>{};
    };

    std::vector<CompleteRequest> completes;
    std::vector<ListActionsRequest> lists;
    std::vector<ResolveActionRequest> resolves;
    std::vector<CheckRequest> checks;
    std::vector<std::string> forgotten;
    std::deque<std::function<void()>> held;
    int destroyed = 0;

    // Lets the oldest held request go; false if there is none.
    bool release() {
      if (held.empty()) return false;
      const auto answer = std::move(held.front());
      held.pop_front();
      answer();
      return true;
    }
  };

  // Inserts `text` at the cursor, as many times as candidates are asked for.
  static std::function<Result<std::vector<Completion>>(const CompleteRequest&)> insert(std::string text) {
    return [text = std::move(text)](const CompleteRequest& request) {
      std::vector<Completion> completions;
      for (int i = 0; i < request.limits.candidates; ++i) {
        completions.push_back(
            {{request.cursor, request.cursor}, i == 0 ? text : text + std::to_string(i + 1), 1.0f, {}});
      }
      return completions;
    };
  }

  explicit FakeGenerator(Script& script) : script_(script) {}
  ~FakeGenerator() override { ++script_.destroyed; }

  void complete(CompleteRequest request, std::stop_token stop,
                OnDone<std::vector<Completion>> done) override {
    script_.completes.push_back(request);
    submit(
        [this, request, done](bool is_stopped) {
          done(is_stopped ? Result<std::vector<Completion>>(stopped()) : script_.on_complete(request));
        },
        stop);
  }
  void list_actions(ListActionsRequest request, std::stop_token stop,
                    OnDone<std::vector<Action>> done) override {
    script_.lists.push_back(request);
    submit(
        [this, request, done](bool is_stopped) {
          done(is_stopped ? Result<std::vector<Action>>(stopped()) : script_.on_list(request));
        },
        stop);
  }
  void resolve_action(ResolveActionRequest request, std::stop_token stop,
                      OnDone<ResolvedAction> done) override {
    script_.resolves.push_back(request);
    submit(
        [this, request, done](bool is_stopped) {
          done(is_stopped ? Result<ResolvedAction>(stopped()) : script_.on_resolve(request));
        },
        stop);
  }
  void check(CheckRequest request, std::stop_token stop, OnDone<std::vector<Diagnostic>> done) override {
    script_.checks.push_back(request);
    submit(
        [this, request, done](bool is_stopped) {
          done(is_stopped ? Result<std::vector<Diagnostic>>(stopped()) : script_.on_check(request));
        },
        stop);
  }
  void forget(const std::string& path) override { script_.forgotten.push_back(path); }

 private:
  void submit(std::function<void(bool is_stopped)> answer, std::stop_token stop) {
    auto release = [answer = std::move(answer), stop = std::move(stop)] { answer(stop.stop_requested()); };
    if (script_.is_holding) {
      script_.held.push_back(std::move(release));
    } else {
      release();
    }
  }

  Script& script_;
};

}  // namespace seedling
