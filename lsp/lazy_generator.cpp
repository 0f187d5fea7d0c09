#include "lsp/lazy_generator.h"

#include <utility>

namespace seedling {

LazyGenerator::LazyGenerator(GeneratorSource source, Post post, Loading loading,
                             std::function<void(const Error&)> on_failure)
    : source_(std::move(source)),
      post_(std::move(post)),
      loading_(loading),
      on_failure_(std::move(on_failure)) {}

void LazyGenerator::start_loading() {
  if (state_ != State::idle) return;
  state_ = State::loading;
  auto load = [this] {
    // Posted functions are copied, a generator cannot be: it travels behind a shared pointer.
    auto made = std::make_shared<Result<std::unique_ptr<Generator>>>(source_());
    post_([this, made] { finish(std::move(*made)); });
  };
  if (loading_ == Loading::on_a_thread) {
    loader_ = std::jthread(std::move(load));
  } else {
    post_(std::move(load));
  }
  on_change_();
}

void LazyGenerator::when_ready(std::function<void(Generator*)> use) {
  was_used_ = true;
  start_loading();
  if (state_ == State::loading) {
    waiting_.push_back(std::move(use));
  } else {
    use(generator_.get());
  }
}

void LazyGenerator::unload_if_idle(std::chrono::steady_clock::time_point now, std::chrono::minutes limit) {
  if (std::exchange(was_used_, false) || state_ != State::ready) {
    last_use_ = now;
  } else if (now - last_use_ >= limit) {
    generator_.reset();
    state_ = State::idle;
  }
}

void LazyGenerator::finish(Result<std::unique_ptr<Generator>> made) {
  state_ = made.ok() ? State::ready : State::failed;
  if (made.ok()) generator_ = std::move(*made);
  on_change_();
  if (!made.ok()) on_failure_(made.error());
  for (auto& use : std::exchange(waiting_, {})) use(generator_.get());
}

}  // namespace seedling
