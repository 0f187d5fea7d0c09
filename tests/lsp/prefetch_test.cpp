#include "lsp/prefetch.h"

#include <doctest/doctest.h>

#include <string>

namespace seedling {
namespace {

using Answers = std::vector<Result<std::vector<Completion>>>;

CompleteRequest request(std::string text, std::uint32_t cursor = 0) {
  CompleteRequest made;
  made.snapshot = std::make_shared<const Snapshot>(Snapshot{"a.py", "python", 1, std::move(text)});
  made.cursor = {cursor};
  made.is_automatic = true;
  return made;
}

TEST_CASE("prefetch: who asks for the very same thing gets its answer") {
  Prefetch prefetch;
  Answers answers;
  const auto keep = [&](const Result<std::vector<Completion>>& answer) { answers.push_back(answer); };
  const auto started = prefetch.start(request("x = 1"));
  REQUIRE(started);
  CHECK(!prefetch.adopt(request("x = 1", 3), {}, keep));
  CHECK(!prefetch.adopt(request("x = 2"), {}, keep));
  CompleteRequest invoked = request("x = 1");
  invoked.is_automatic = false;
  CHECK(!prefetch.adopt(invoked, {}, keep));
  CHECK(prefetch.adopt(request("x = 1"), {}, keep));
  CHECK(!prefetch.adopt(request("x = 1"), {}, keep));  // it has an owner now
  prefetch.finish(started->number, std::vector<Completion>{{{}, "y", 1, {}}});
  REQUIRE(answers.size() == 1);
  CHECK((*answers[0])[0].text == "y");
  CHECK(!prefetch.adopt(request("x = 1"), {}, keep));
}

TEST_CASE("prefetch: what somebody waits for is not given up, and ends with who waits") {
  Prefetch prefetch;
  int answers = 0;
  const auto started = prefetch.start(request("x"));
  std::stop_source asker;
  CHECK(prefetch.adopt(request("x"), asker.get_token(), [&](const auto&) { ++answers; }));
  CHECK(!prefetch.start(request("y")));
  prefetch.stop();
  CHECK(!started->stop.stop_requested());
  asker.request_stop();
  CHECK(started->stop.stop_requested());
  prefetch.finish(started->number, stopped());
  CHECK(answers == 1);
}

TEST_CASE("prefetch: a newer one ends the older, whose answer then counts for nothing") {
  Prefetch prefetch;
  const auto older = prefetch.start(request("x"));
  const auto newer = prefetch.start(request("y"));
  REQUIRE((older && newer));
  CHECK(older->stop.stop_requested());
  CHECK(!newer->stop.stop_requested());
  int answers = 0;
  CHECK(prefetch.adopt(request("y"), {}, [&](const auto&) { ++answers; }));
  prefetch.finish(older->number, stopped());
  CHECK(answers == 0);
  prefetch.finish(newer->number, stopped());
  CHECK(answers == 1);
}

}  // namespace
}  // namespace seedling
