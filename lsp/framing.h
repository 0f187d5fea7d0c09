// lsp/framing.h
//
// Framer: turns a byte stream into the bodies of LSP messages.
//   feed() takes chunks of any size, one byte included; next() gives what has become complete, in order.
//   Pure: no I/O, no clock. Not thread-safe; the reader thread owns it.
//   Errors: a header block with a bad or missing Content-Length is skipped and reported once per loss of
//   step; a duplicated Content-Length is reported and the last one counts; a length over kMaxBodyBytes is
//   refused and nothing more comes out of the stream.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace seedling {

struct Body {
  std::string text;
  bool operator==(const Body&) const = default;
};

struct FramingProblem {
  std::string message;
  bool is_fatal = false;  // the stream cannot be read any further
  bool operator==(const FramingProblem&) const = default;
};

using Framed = std::variant<Body, FramingProblem>;

class Framer {
 public:
  static constexpr std::size_t kMaxBodyBytes = std::size_t{128} << 20;
  static constexpr std::size_t kMaxHeaderLineBytes = std::size_t{16} << 10;

  void feed(std::string_view bytes);
  std::optional<Framed> next();

  // True while a message has begun and not ended: an end of input here cuts it off.
  bool is_inside_message() const;

 private:
  enum class State { headers, body, refused };

  std::optional<std::string> next_line();
  std::optional<Framed> take_header(std::string_view line);
  std::optional<Framed> take_length(std::string_view digits);
  std::optional<Framed> end_headers();
  std::optional<Framed> report_once(std::string message);

  State state_ = State::headers;
  std::string buffer_;
  std::size_t read_ = 0;     // bytes of buffer_ already used
  std::size_t scanned_ = 0;  // no line end before this index
  std::optional<std::size_t> length_;
  bool has_headers_ = false;
  bool is_skipping_line_ = false;
  bool is_out_of_step_ = false;
};

// The bytes that carry one body over the wire.
std::string frame(std::string_view body);

}  // namespace seedling
