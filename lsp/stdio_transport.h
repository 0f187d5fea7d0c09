// lsp/stdio_transport.h
//
// StdioTransport: the protocol over two file descriptors, as editors start us.
//   Takes standard output for itself: what other code prints there goes to standard error, so that no library
//   can spoil the protocol. Standard output is given back on destruction.
#pragma once

#include "lsp/transport.h"

namespace seedling {

class StdioTransport final : public Transport {
 public:
  StdioTransport();
  ~StdioTransport() override;
  StdioTransport(const StdioTransport&) = delete;
  StdioTransport& operator=(const StdioTransport&) = delete;

  void run(const TransportEvents& events) override;
  bool write(std::string_view body) override;
  void stop() override;

 private:
  int output_ = -1;
  int wake_[2] = {-1, -1};  // a byte here ends run()
};

}  // namespace seedling
