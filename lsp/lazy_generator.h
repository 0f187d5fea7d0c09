// lsp/lazy_generator.h
//
// LazyGenerator: the engine, loaded when it is first needed and not before initialize is answered.
//   The loop thread owns it; loading runs on its own thread, or inside the loop where tests want no threads.
//   when_ready() never blocks: its function runs on the loop, at once if the engine is there, after loading
//   otherwise, with nullptr if there is no engine to be had.
//   Errors: a failure to load is told once through on_failure; it is not tried again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "engine/generator.h"

namespace seedling {

using GeneratorSource = std::function<Result<std::unique_ptr<Generator>>()>;
// Runs a function on the loop, later; any thread may call it.
using Post = std::function<void(std::function<void()>)>;

enum class Loading { on_a_thread, on_the_loop };

class LazyGenerator {
 public:
  LazyGenerator(GeneratorSource source, Post post, Loading loading,
                std::function<void(const Error&)> on_failure);

  void start_loading();
  void when_ready(std::function<void(Generator*)> use);
  // Gives the engine's memory back when nobody used it for `limit`; the next when_ready() loads it again.
  // REQUIRES: no request is with the engine. Time is counted from call to call.
  void unload_if_idle(std::chrono::steady_clock::time_point now, std::chrono::minutes limit);
  bool is_loading() const { return state_ == State::loading; }
  // Called on the loop whenever is_loading() has changed.
  void watch(std::function<void()> on_change) { on_change_ = std::move(on_change); }
  // What is loaded; nothing is started.
  Generator* loaded() const { return generator_.get(); }

 private:
  enum class State { idle, loading, ready, failed };

  void finish(Result<std::unique_ptr<Generator>> made);

  GeneratorSource source_;
  Post post_;
  Loading loading_;
  std::function<void(const Error&)> on_failure_;
  std::function<void()> on_change_ = [] {};
  State state_ = State::idle;
  bool was_used_ = false;  // since the last unload_if_idle
  std::chrono::steady_clock::time_point last_use_;
  std::vector<std::function<void(Generator*)>> waiting_;
  std::unique_ptr<Generator> generator_;
  std::jthread loader_;
};

}  // namespace seedling
