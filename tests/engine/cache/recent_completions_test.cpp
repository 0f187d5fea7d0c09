#include "engine/cache/recent_completions.h"

#include <doctest/doctest.h>

using namespace seedling;

namespace {

constexpr std::size_t kPlenty = 1 << 20;

// '^' is the cursor.
CompleteRequest at_cursor(std::string_view marked, std::string_view path = "a.py") {
  const std::size_t cursor = marked.find('^');
  REQUIRE(cursor != std::string_view::npos);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = path;
  snapshot->language = "python";
  snapshot->text = std::string(marked.substr(0, cursor)) + std::string(marked.substr(cursor + 1));
  CompleteRequest request;
  request.snapshot = std::move(snapshot);
  request.cursor = ByteOffset{static_cast<std::uint32_t>(cursor)};
  return request;
}

std::vector<Completion> offers(const CompleteRequest& request, const std::vector<std::string>& texts) {
  std::vector<Completion> completions;
  for (const std::string& text : texts) {
    Completion completion;
    completion.replaces = {request.cursor, request.cursor};
    completion.text = text;
    completion.confidence = 0.5f;
    completions.push_back(completion);
  }
  return completions;
}

// The texts that are found; "?" alone where the model would have to be asked.
std::vector<std::string> found(RecentCompletions& recent, const CompleteRequest& request) {
  const std::optional<std::vector<Completion>> known = recent.find(request);
  if (!known) return {"?"};
  std::vector<std::string> texts;
  for (const Completion& completion : *known) {
    CHECK(completion.replaces == ByteRange{request.cursor, request.cursor});
    CHECK(completion.stats.reused_canvas);
    texts.push_back(completion.text);
  }
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("recent completions: what is typed of an offer goes on with its rest") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest asked = at_cursor("x = 1\n^\ny = 2\n");
  recent.remember(asked, offers(asked, {"print(x)\n    z"}));
  CHECK(found(recent, asked) == Texts{"print(x)\n    z"});
  CHECK(found(recent, at_cursor("x = 1\np^\ny = 2\n")) == Texts{"rint(x)\n    z"});
  CHECK(found(recent, at_cursor("x = 1\nprint(x)\n   ^\ny = 2\n")) == Texts{" z"});
  CHECK(found(recent, at_cursor("x = 1\nprint(x)\n    z^\ny = 2\n")) == Texts{"?"});  // all of it
  CHECK(found(recent, at_cursor("x = 1\nprint(x)\n    zz^\ny = 2\n")) == Texts{"?"});
  CHECK(found(recent, at_cursor("x = 1\nq^\ny = 2\n")) == Texts{"?"});
  CHECK(found(recent, asked) == Texts{"print(x)\n    z"});  // back again
}

TEST_CASE("recent completions: any other edit ends an offer") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest asked = at_cursor("x = 1\n^\ny = 2\n");
  recent.remember(asked, offers(asked, {"print"}));
  for (const char* other : {"x = 3\np^\ny = 2\n", "x = 1\np^\ny = 3\n", "x = 1\n ^\ny = 2\n", "x = 1\np^\n",
                            "^x = 1\n\ny = 2\n", "x = 1\n^p\ny = 2\n", "^", "x = 1^\n\ny = 2\n"}) {
    CAPTURE(other);
    CHECK(found(recent, at_cursor(other)) == Texts{"?"});
  }
  CHECK(found(recent, at_cursor("x = 1\n^\ny = 2\n", "b.py")) == Texts{"?"});
  CompleteRequest causal = asked, seeded = asked, longer = asked, timed = asked, c = asked;
  causal.mode = Mode::causal;
  seeded.seed = 1;
  longer.limits.max_lines += 1;
  timed.limits.latency_budget_ms = 10;
  auto snapshot = std::make_shared<Snapshot>(*asked.snapshot);
  snapshot->language = "c";
  c.snapshot = snapshot;
  for (const CompleteRequest& other : {causal, seeded, longer, timed, c})
    CHECK(found(recent, other) == Texts{"?"});
}

TEST_CASE("recent completions: a bracket that the editor closed by itself is part of the offer") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest asked = at_cursor("x = ^\ny");
  recent.remember(asked, offers(asked, {"f(g[1])"}));
  CHECK(found(recent, at_cursor("x = f(^)\ny")) == Texts{"g[1]"});
  CHECK(found(recent, at_cursor("x = f(g[^])\ny")) == Texts{"1"});
  CHECK(found(recent, at_cursor("x = f(g[1^])\ny")) == Texts{"?"});  // nothing is left
  CHECK(found(recent, at_cursor("x = f(g[1]^)\ny")) == Texts{"?"});
  CHECK(found(recent, at_cursor("x = f(^]\ny")) == Texts{"?"});
  CHECK(found(recent, at_cursor("x = f(g[1])^])\ny")) == Texts{"?"});  // typed and closed overlap
}

TEST_CASE("recent completions: nothing but blanks is no offer") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest asked = at_cursor("^");
  recent.remember(asked, offers(asked, {"a \n  "}));
  CHECK(found(recent, at_cursor("a^")) == Texts{"?"});
}

TEST_CASE("recent completions: that nothing was found is remembered for the place alone") {
  RecentCompletions recent(kPlenty);
  recent.remember(at_cursor("x^y"), {});
  CHECK(found(recent, at_cursor("x^y")) == Texts{});
  CHECK(found(recent, at_cursor("xx^y")) == Texts{"?"});
}

TEST_CASE("recent completions: candidates stay as long as they agree with what is typed") {
  RecentCompletions recent(kPlenty);
  CompleteRequest asked = at_cursor("^"), automatic = at_cursor("ab^");
  asked.limits.candidates = 3;
  recent.remember(asked, offers(asked, {"abc", "xyz", "abd"}));
  CompleteRequest typed = automatic;
  typed.limits.candidates = 3;
  CHECK(found(recent, typed) == Texts{"c", "d"});
  CHECK(found(recent, automatic) == Texts{"c"});  // typing on after an explicit request
  typed.limits.candidates = 4;
  CHECK(found(recent, typed) == Texts{"?"});
  CHECK(found(recent, at_cursor("^")) == Texts{"?"});  // at the same place, one asks for exactly as many
}

TEST_CASE("recent completions: the newest offer that stands is gone on with") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest first = at_cursor("a^"), second = at_cursor("^");
  recent.remember(first, offers(first, {"bc"}));
  recent.remember(second, offers(second, {"axy"}));
  CHECK(found(recent, first) == Texts{"xy"});
  CHECK(found(recent, at_cursor("ab^")) == Texts{"c"});
  CHECK(found(recent, first) == Texts{"bc"});  // the other one was seen last
}

TEST_CASE("recent completions: memory is bounded, and freed with its document") {
  RecentCompletions recent(4096);
  std::string text = "^";
  for (int i = 0; i < 200; ++i) {
    text.insert(0, "x");
    const CompleteRequest asked = at_cursor(text, i % 2 == 0 ? "a.py" : "b.py");
    recent.remember(asked, offers(asked, {std::string(50, 'y')}));
    CHECK(recent.bytes() <= 4096);
  }
  CHECK(found(recent, at_cursor(text, "b.py")) == Texts{std::string(50, 'y')});
  recent.forget("b.py");
  CHECK(found(recent, at_cursor(text, "b.py")) == Texts{"?"});
  CHECK(recent.bytes() > 0);
  recent.forget("a.py");
  CHECK(recent.bytes() == 0);
  RecentCompletions none(0);
  none.remember(at_cursor("^"), {});
  CHECK(found(none, at_cursor("^")) == Texts{"?"});
}

TEST_CASE("recent completions: an offer over a closed bracket goes on over it") {
  RecentCompletions recent(kPlenty);
  const CompleteRequest asked = at_cursor("if (^)\n");
  std::vector<Completion> offer = offers(asked, {"x) {\n}"});
  offer[0].replaces.end.value += 1;
  recent.remember(asked, offer);
  const auto rest = recent.find(at_cursor("if (x^)\n"));
  REQUIRE(rest);
  REQUIRE(rest->size() == 1);
  CHECK((*rest)[0].text == ") {\n}");
  CHECK((*rest)[0].replaces == ByteRange{{5}, {6}});
  const auto same = recent.find(asked);
  REQUIRE(same);
  CHECK((*same)[0].replaces == offer[0].replaces);
  CHECK(!recent.find(at_cursor("if (x)^\n")));
  CHECK(!recent.find(at_cursor("if (y^)\n")));
}

TEST_CASE("recent completions: who asks by hand is not put off with what typing brought") {
  RecentCompletions recent(kPlenty);
  CompleteRequest typed = at_cursor("x = ^\n");
  typed.is_automatic = true;
  recent.remember(typed, offers(typed, {"12"}));
  CHECK(found(recent, typed) == Texts{"12"});
  CHECK(found(recent, at_cursor("x = ^\n")) == Texts{"?"});
  CHECK(found(recent, at_cursor("x = 1^\n")) == Texts{"?"});
  CompleteRequest surer = typed;
  surer.least_confidence = 0.9f;
  CHECK(found(recent, surer) == Texts{"?"});

  // But typing goes on with what was asked for by hand.
  RecentCompletions invoked(kPlenty);
  invoked.remember(at_cursor("x = ^\n"), offers(at_cursor("x = ^\n"), {"12"}));
  CompleteRequest next = at_cursor("x = 1^\n");
  next.is_automatic = true;
  CHECK(found(invoked, next) == Texts{"2"});
}
