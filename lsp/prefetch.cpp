#include "lsp/prefetch.h"

#include <utility>

namespace seedling {
namespace {

bool are_same(const CompleteRequest& a, const CompleteRequest& b) {
  const Limits& x = a.limits;
  const Limits& y = b.limits;
  return a.cursor == b.cursor && a.is_automatic == b.is_automatic &&
         a.least_confidence == b.least_confidence && x.max_tokens == y.max_tokens &&
         x.max_lines == y.max_lines && x.candidates == y.candidates &&
         x.latency_budget_ms == y.latency_budget_ms && document_of(*a.snapshot) == document_of(*b.snapshot) &&
         a.snapshot->language == b.snapshot->language && a.snapshot->text == b.snapshot->text;
}

}  // namespace

std::optional<Prefetch::Started> Prefetch::start(const CompleteRequest& request) {
  stop();
  if (running_) return std::nullopt;
  running_ = Running{request, std::stop_source{}, {}, {}};
  return Started{++number_, running_->source.get_token()};
}

void Prefetch::finish(std::uint64_t number, const Result<std::vector<Completion>>& result) {
  if (number != number_ || !running_) return;
  const OnDone on_done = std::move(running_->on_done);
  running_.reset();
  if (on_done) on_done(result);
}

bool Prefetch::adopt(const CompleteRequest& request, std::stop_token stop, OnDone on_done) {
  if (!running_ || running_->on_done || !are_same(running_->request, request)) return false;
  const auto pass_on = [source = running_->source] { std::stop_source(source).request_stop(); };
  running_->link = std::make_shared<std::stop_callback<decltype(pass_on)>>(std::move(stop), pass_on);
  running_->on_done = std::move(on_done);
  return true;
}

void Prefetch::stop() {
  if (!running_ || running_->on_done) return;
  running_->source.request_stop();
  running_.reset();
}

}  // namespace seedling
