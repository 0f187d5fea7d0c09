// engine/result.h
//
// Result<T>: a value or one clear error. Used for bad input and bad files; broken invariants use
// SEEDLING_ASSERT.
//   `auto x = TRY(f());` unwraps or returns the error to the caller.
//   Not an exception: library exceptions are caught at the border where they arise and turned into an Error.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace seedling {

enum class ErrorCode {
  invalid_input,  // the caller's data is wrong: message says what and what to do
  not_found,      // a file or document is missing
  unsupported,    // valid, but this build or model cannot do it
  stopped,        // the stop token was set; not a failure
  internal,       // our bug
};

struct Error {
  ErrorCode code = ErrorCode::invalid_input;
  std::string message;  // one line, no trailing newline, says what to do next
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

inline Error invalid_input(std::string message) {
  return {ErrorCode::invalid_input, std::move(message)};
}
inline Error not_found(std::string message) {
  return {ErrorCode::not_found, std::move(message)};
}
inline Error unsupported(std::string message) {
  return {ErrorCode::unsupported, std::move(message)};
}
inline Error stopped() {
  return {ErrorCode::stopped, "stopped"};
}

}  // namespace seedling

// A GNU statement expression, so that the value can be used where it is computed (gcc, clang and nvcc take
// it).
#define TRY(expression)                                           \
  ({                                                              \
    auto try_result_ = (expression);                              \
    if (!try_result_.ok()) return std::move(try_result_.error()); \
    std::move(try_result_).value();                               \
  })
