#include "lsp/framing.h"

#include <charconv>
#include <utility>

namespace seedling {
namespace {

constexpr std::string_view kContentLength = "content-length";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view lowered) {
  if (text.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_header_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (char c : name) {
    const bool is_token =
        (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!is_token) return false;
  }
  return true;
}

// After a message without a length, its body and the next header share a line: find that header again.
std::string_view header_at_end(std::string_view line) {
  if (line.size() < kContentLength.size()) return {};
  for (std::size_t i = line.size() - kContentLength.size() + 1; i-- > 0;) {
    if (equals_ignoring_case(line.substr(i, kContentLength.size()), kContentLength)) return line.substr(i);
  }
  return {};
}

struct Length {
  bool is_number = false;
  bool is_too_large = false;
  std::size_t value = 0;
};

Length parse_length(std::string_view digits) {
  Length length;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), length.value);
  length.is_number = end == digits.data() + digits.size() && problem != std::errc::invalid_argument;
  length.is_too_large =
      length.is_number && (problem == std::errc::result_out_of_range || length.value > Framer::kMaxBodyBytes);
  return length;
}

}  // namespace

void Framer::feed(std::string_view bytes) {
  if (state_ == State::refused) return;
  if (read_ > 0 && read_ >= buffer_.size() / 2) {
    buffer_.erase(0, read_);
    scanned_ -= read_;
    read_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<Framed> Framer::next() {
  for (;;) {
    if (state_ == State::refused) return std::nullopt;
    if (state_ == State::body) {
      if (buffer_.size() - read_ < *length_) return std::nullopt;
      Body body{buffer_.substr(read_, *length_)};
      read_ += *length_;
      scanned_ = read_;
      length_.reset();
      state_ = State::headers;
      is_out_of_step_ = false;
      return body;
    }
    if (buffer_.size() - read_ > kMaxHeaderLineBytes && buffer_.find('\n', scanned_) == std::string::npos) {
      buffer_.clear();
      read_ = scanned_ = 0;
      is_skipping_line_ = true;
      if (auto problem = report_once("a header line is too long; skipped")) return problem;
      return std::nullopt;
    }
    auto line = next_line();
    if (!line) return std::nullopt;
    // What is left of a line that was too long counts as a line that is not a header.
    if (std::exchange(is_skipping_line_, false)) line->insert(0, "?");
    auto event = line->empty() ? end_headers() : take_header(*line);
    if (event) return event;
  }
}

bool Framer::is_inside_message() const {
  return state_ == State::body || has_headers_ || read_ < buffer_.size();
}

// Bare line feeds are taken too: people type messages by hand when they look for a fault.
std::optional<std::string> Framer::next_line() {
  const std::size_t end = buffer_.find('\n', scanned_);
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    return std::nullopt;
  }
  std::string line = buffer_.substr(read_, end - read_);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  read_ = scanned_ = end + 1;
  return line;
}

std::optional<Framed> Framer::take_header(std::string_view line) {
  has_headers_ = true;
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && is_header_name(trimmed(line.substr(0, colon)))) {
    if (!equals_ignoring_case(trimmed(line.substr(0, colon)), kContentLength)) return std::nullopt;
    return take_length(trimmed(line.substr(colon + 1)));
  }
  auto problem = report_once("a line that is not a header was skipped");
  const std::string_view header = header_at_end(line);
  if (header.size() <= kContentLength.size()) return problem;
  auto length_problem = take_length(trimmed(header.substr(kContentLength.size() + 1)));
  return length_problem ? length_problem : problem;
}

std::optional<Framed> Framer::take_length(std::string_view digits) {
  const Length length = parse_length(digits);
  if (!length.is_number) return report_once("Content-Length is not a number; the message was skipped");
  if (length.is_too_large) {
    state_ = State::refused;
    buffer_.clear();
    return FramingProblem{"a message of more than " + std::to_string(kMaxBodyBytes) + " bytes was refused",
                          true};
  }
  const bool is_duplicate = length_.has_value();
  length_ = length.value;
  if (is_duplicate) return FramingProblem{"Content-Length was given twice; the last one counts"};
  return std::nullopt;
}

std::optional<Framed> Framer::end_headers() {
  const bool had_headers = std::exchange(has_headers_, false);
  if (length_) {
    state_ = State::body;
    return std::nullopt;
  }
  if (!had_headers) return std::nullopt;  // a blank line between messages does no harm
  return report_once("a message without Content-Length was skipped");
}

std::optional<Framed> Framer::report_once(std::string message) {
  if (std::exchange(is_out_of_step_, true)) return std::nullopt;
  return FramingProblem{std::move(message)};
}

std::string frame(std::string_view body) {
  std::string message = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  message.append(body);
  return message;
}

}  // namespace seedling
