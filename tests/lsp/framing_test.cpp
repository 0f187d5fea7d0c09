// The framer: every way to cut a stream gives the same messages; bad headers cost one message, not the
// session.

#include "lsp/framing.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/memory_transport.h"

namespace seedling {
namespace {

std::vector<Framed> read_in_chunks(std::string_view stream, const std::vector<std::size_t>& cuts) {
  Framer framer;
  std::vector<Framed> events;
  std::size_t begin = 0;
  const auto feed_until = [&](std::size_t end) {
    framer.feed(stream.substr(begin, end - begin));
    begin = end;
    while (auto event = framer.next()) events.push_back(std::move(*event));
  };
  for (std::size_t cut : cuts) feed_until(cut);
  feed_until(stream.size());
  return events;
}

std::vector<std::size_t> every_byte(std::string_view stream) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < stream.size(); ++i) cuts.push_back(i);
  return cuts;
}

std::string length_header(std::size_t length) {
  return "Content-Length: " + std::to_string(length) + "\r\n";
}

TEST_CASE("framing: three messages, cut at every two points and at every byte") {
  const std::vector<Framed> expected = {Body{"{}"}, Body{"{\"a\":\"\\r\\n\xC3\xA9\"}"}, Body{"[1,2]\n"}};
  std::string stream;
  for (const Framed& body : expected) stream += frame(std::get<Body>(body).text);
  CHECK(read_in_chunks(stream, {}) == expected);
  CHECK(read_in_chunks(stream, every_byte(stream)) == expected);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      REQUIRE(read_in_chunks(stream, {first, second}) == expected);
    }
  }
}

struct Quirk {
  std::string name;
  std::string stream;
  std::vector<std::string> bodies;
  std::size_t problem_count;
};

TEST_CASE("framing: header quirks") {
  const std::string good = frame("ok");
  const std::vector<Quirk> quirks = {
      {"lower case name", "content-length: 2\r\n\r\nok", {"ok"}, 0},
      {"no space after the colon", "Content-Length:2\r\n\r\nok", {"ok"}, 0},
      {"spaces around the value", "Content-Length:   2 \t\r\n\r\nok", {"ok"}, 0},
      {"bare line feeds", "Content-Length: 2\n\nok", {"ok"}, 0},
      {"other headers",
       "X-A: b\r\nContent-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\nok",
       {"ok"},
       0},
      {"blank lines between messages", "\r\n\r\n" + good + "\r\n\n" + good, {"ok", "ok"}, 0},
      {"empty body", length_header(0) + "\r\n" + good, {"", "ok"}, 0},
      {"duplicate length, last one counts",
       "Content-Length: 7\r\nContent-Length: 2\r\n\r\nok" + good,
       {"ok", "ok"},
       1},
      {"no length", "X-A: b\r\n\r\n" + good, {"ok"}, 1},
      {"no length and a body glued to the next header",
       "X-A: b\r\n\r\n{\"x\":1}" + good + good,
       {"ok", "ok"},
       1},
      {"length that is no number", "Content-Length: two\r\n\r\n" + good, {"ok"}, 1},
      {"negative length", "Content-Length: -2\r\n\r\n" + good, {"ok"}, 1},
      {"empty length", "Content-Length: \r\n\r\n" + good, {"ok"}, 1},
      {"number with more behind it", "Content-Length: 2x\r\n\r\n" + good, {"ok"}, 1},
      {"hexadecimal", "Content-Length: 0x2\r\n\r\n" + good, {"ok"}, 1},
      {"length that is too small: the rest of the body is skipped",
       length_header(2) + "\r\n{\"id\":1}\r\n" + good,
       {"{\"", "ok"},
       1},
      {"length that is too large takes in what follows", length_header(4) + "\r\nok" + good, {"okCo"}, 1},
      {"other headers before and behind the length",
       "Content-Type: application/vscode-jsonrpc; charset-utf-8\r\nX-Test: Testing\r\n" + length_header(2) +
           "Content-Type: x\r\n\r\nok" + good,
       {"ok", "ok"},
       0},
      {"a comment between messages, glued to the body",
       good + "\r\n# hello\r\n#  CHECK: x\r\n\r\n" + good,
       {"ok", "ok"},
       1},
      {"two gigabytes", "Content-Length: 2147483648\r\n\r\n" + good, {}, 1},
      {"a line that is no header", "hello\r\n" + good, {"ok"}, 1},
      {"a comment", "# hello\r\n" + good, {"ok"}, 1},
      {"length beyond 64 bits", "Content-Length: 99999999999999999999999\r\n\r\n" + good, {}, 1},
      {"length beyond the limit", length_header(Framer::kMaxBodyBytes + 1) + "\r\n" + good, {}, 1},
      {"endless line", std::string(Framer::kMaxHeaderLineBytes + 100, 'x') + "\r\n" + good, {"ok"}, 1},
      {"endless line that ends in a header",
       std::string(Framer::kMaxHeaderLineBytes + 100, 'x') + good,
       {"ok"},
       1},
      {"many wrong lines are reported once", "a b\r\nc d\r\ne f\r\n\r\ng h\r\n\r\n" + good, {"ok"}, 1},
      {"out of step twice is reported twice", "a b\r\n" + good + "a b\r\n" + good, {"ok", "ok"}, 2},
  };
  for (const Quirk& quirk : quirks) {
    CAPTURE(quirk.name);
    for (const auto& cuts : {std::vector<std::size_t>{}, every_byte(quirk.stream)}) {
      std::vector<std::string> bodies;
      std::size_t problem_count = 0;
      for (const Framed& event : read_in_chunks(quirk.stream, cuts)) {
        if (const auto* body = std::get_if<Body>(&event)) bodies.push_back(body->text);
        problem_count += std::holds_alternative<FramingProblem>(event) ? 1 : 0;
      }
      CHECK(bodies == quirk.bodies);
      CHECK(problem_count == quirk.problem_count);
    }
  }
}

TEST_CASE("framing: a refused length ends the stream, and says so") {
  const auto events = read_in_chunks("Content-Length: 9999999999999999\r\n\r\n" + frame("ok"), {});
  REQUIRE(events.size() == 1);
  CHECK(std::get<FramingProblem>(events.front()).is_fatal);
}

TEST_CASE("framing: the largest length is not allocated before its bytes are there") {
  Framer framer;
  framer.feed(length_header(Framer::kMaxBodyBytes) + "\r\nabc");
  CHECK(!framer.next());
  CHECK(framer.is_inside_message());
}

TEST_CASE("framing: an end inside a message is noticed") {
  Framer framer;
  CHECK(!framer.is_inside_message());
  framer.feed("Content-Le");
  CHECK(!framer.next());
  CHECK(framer.is_inside_message());
  framer.feed("ngth: 2\r\n\r\nok");
  CHECK(framer.next() == Framed(Body{"ok"}));
  CHECK(!framer.is_inside_message());
}

TEST_CASE("transport: bodies, problems and the end come in order") {
  MemoryTransport transport(frame("a") + "nonsense\r\n" + frame("b") + "Content-Length: 5\r\n\r\nab", 3);
  std::string events;
  transport.run({.on_body = [&](std::string body) { events += "body " + body + ";"; },
                 .on_problem = [&](FramingProblem problem) { events += problem.message + ";"; },
                 .on_end = [&] { events += "end"; }});
  CHECK(events ==
        "body a;a line that is not a header was skipped;body b;the input ended inside a message;end");
}

}  // namespace
}  // namespace seedling
