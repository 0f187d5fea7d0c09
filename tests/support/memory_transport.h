// tests/support/memory_transport.h
//
// MemoryTransport: bytes that were prepared, delivered in chunks of a chosen size; what is written is kept.
//   run() ends after the last byte, as standard input does. One thread.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lsp/transport.h"

namespace seedling {

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(std::string input, std::size_t chunk_bytes)
      : input_(std::move(input)), chunk_bytes_(chunk_bytes) {}

  void run(const TransportEvents& events) override {
    Framer framer;
    for (std::size_t at = 0; at < input_.size() && !is_stopped_; at += chunk_bytes_) {
      framer.feed(std::string_view(input_).substr(at, chunk_bytes_));
      while (auto framed = framer.next()) {
        if (auto* body = std::get_if<Body>(&*framed)) events.on_body(std::move(body->text));
        if (auto* problem = std::get_if<FramingProblem>(&*framed)) events.on_problem(std::move(*problem));
      }
    }
    if (framer.is_inside_message()) events.on_problem({"the input ended inside a message"});
    events.on_end();
  }

  bool write(std::string_view body) override {
    written.emplace_back(body);
    return true;
  }

  void stop() override { is_stopped_ = true; }

  std::vector<std::string> written;

 private:
  const std::string input_;
  const std::size_t chunk_bytes_;
  bool is_stopped_ = false;
};

}  // namespace seedling
