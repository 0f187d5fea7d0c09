// What is cached changes nothing but the work: random typing in several documents, against engines that
// remember nothing.
#include "engine/engine.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "engine/tokenizer/special_tokens.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

const std::shared_ptr<const Model>& model() {
  static const std::shared_ptr<const Model> loaded = load_tiny_model();
  return loaded;
}

std::unique_ptr<Engine> open_engine(const Backend& backend, std::size_t cache_bytes,
                                    std::size_t recent_bytes) {
  EngineOptions options;
  options.cache_bytes = cache_bytes;
  options.recent_bytes = recent_bytes;
  options.budget = {48, 16, 8, 8};
  options.block_size = 4;
  Result<std::unique_ptr<Engine>> engine = Engine::open(model(), backend, options);
  REQUIRE(engine.ok());
  return std::move(engine.value());
}

// A few documents in which somebody types here and there. No language, so that every text may stand.
class Typist {
 public:
  explicit Typist(std::uint32_t seed) : random_(seed) {
    for (const char* path : {"a.x", "b.x", "folder/c.x"}) {
      documents_.push_back({path, "name = 1\nfor name in self:\n    print(name)\n", 9});
    }
  }

  CompleteRequest next(int most_candidates) {
    Document& document = documents_[below(documents_.size())];
    edit(document);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->path = document.path;
    snapshot->language = "no such language";
    snapshot->text = document.text;
    CompleteRequest request;
    request.snapshot = std::move(snapshot);
    request.cursor = ByteOffset{static_cast<std::uint32_t>(document.cursor)};
    request.limits.max_tokens = 10;
    request.limits.candidates = 1 + static_cast<int>(below(static_cast<std::size_t>(most_candidates)));
    request.mode = below(3) == 0 ? Mode::causal : Mode::diffusion;
    return request;
  }

  std::size_t below(std::size_t n) { return random_() % n; }

 private:
  struct Document {
    std::string path, text;
    std::size_t cursor;
  };

  void edit(Document& document) {
    constexpr std::string_view kTyped = "self.name(x)\n    return ";
    switch (below(8)) {
      case 0:
        document.cursor = below(document.text.size() + 1);
        break;
      case 1:
        if (document.cursor > 0) document.text.erase(--document.cursor, 1);
        break;
      case 2:
        break;
      default:
        document.text.insert(document.cursor++, 1, kTyped[below(kTyped.size())]);
    }
  }

  std::mt19937 random_;
  std::vector<Document> documents_;
};

std::vector<Completion> completed(Engine& engine, const CompleteRequest& request) {
  Result<std::vector<Completion>> completions = engine.complete(request, {});
  REQUIRE(completions.ok());
  return std::move(completions.value());
}

FilledText filled(Engine& engine, const CompleteRequest& request, CachedFor use) {
  FillRequest hole;
  hole.prefix = std::string_view(request.snapshot->text).substr(0, request.cursor.value);
  hole.suffix = std::string_view(request.snapshot->text).substr(request.cursor.value);
  hole.path = request.snapshot->path;
  hole.limits = request.limits;
  hole.mode = request.mode;
  hole.cached_for = use;
  Result<FilledText> result = engine.fill(hole, {});
  REQUIRE(result.ok());
  return std::move(result.value());
}

std::string document_with(const CompleteRequest& request, const Completion& completion) {
  std::string text = request.snapshot->text;
  return text.insert(request.cursor.value, completion.text);
}

// With room for so many sequences.
void check_pure(const Backend& backend, std::size_t sequences, std::uint32_t seed) {
  CAPTURE(seed);
  Typist typist(seed);
  const std::unique_ptr<Engine> one = open_engine(backend, std::size_t{1} << 30, 0);
  filled(*one, typist.next(1), CachedFor::typing);
  const std::size_t cache_bytes = sequences * one->session().sequences.bytes();
  const std::unique_ptr<Engine> engine = open_engine(backend, cache_bytes, 0);
  int reused = 0;
  for (int i = 0; i < 40; ++i) {
    const CompleteRequest request = typist.next(2);
    if (typist.below(10) == 0) engine->forget(request.snapshot->path);
    const CachedFor use = typist.below(5) == 0 ? CachedFor::action : CachedFor::typing;
    const FilledText got = filled(*engine, request, use);
    CHECK(engine->session().sequences.bytes() <= cache_bytes);
    const std::unique_ptr<Engine> fresh_engine = open_engine(backend, 0, 0);
    const FilledText fresh = filled(*fresh_engine, request, use);
    CHECK(got.text == fresh.text);
    CHECK(got.confidence == fresh.confidence);
    CHECK(got.stats.steps == fresh.stats.steps);
    reused += got.stats.reused_tokens;

    const std::vector<Completion> offered = completed(*engine, request);
    const std::vector<Completion> expected = completed(*fresh_engine, request);
    REQUIRE(offered.size() == expected.size());
    for (std::size_t n = 0; n < offered.size(); ++n) CHECK(offered[n].text == expected[n].text);
  }
  CHECK((reused > 0) == (sequences > 0));
}

}  // namespace

TEST_CASE("engine: typing here and there gives what a fresh engine gives, bit for bit") {
  for (const std::size_t sequences : {0, 2, 100}) {
    CAPTURE(sequences);
    check_pure(plain_backend(), sequences, 1);
    check_pure(cpu_backend(), sequences, 2);
  }
}

TEST_CASE("engine: a remembered completion leads to a document that was offered before") {
  Typist typist(3);
  const std::unique_ptr<Engine> engine = open_engine(cpu_backend(), 1 << 20, 1 << 20);
  std::map<std::string, std::set<std::string>> offered;  // by path: texts with an offer accepted
  int remembered = 0;
  for (int i = 0; i < 150; ++i) {
    const CompleteRequest request = typist.next(1);
    for (const Completion& completion : completed(*engine, request)) {
      const std::string text = document_with(request, completion);
      std::set<std::string>& known = offered[request.snapshot->path];
      if (completion.stats.reused_canvas) {
        ++remembered;
        CHECK(known.contains(text));
      }
      known.insert(text);
    }
  }
  CHECK(remembered > 0);
}

TEST_CASE("engine: text that is typed as it was offered does not wake the model") {
  set_script(knows(model()->tokenizer->encode("self.name(x)"), special::kMiddle, special::kEnd));
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend(), 1 << 20, 1 << 20);
  const std::string_view typed = "self.name(x)";
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->path = "a.x";
  snapshot->language = "no such language";
  for (std::size_t length = 0; length < typed.size(); ++length) {
    snapshot = std::make_shared<Snapshot>(*snapshot);
    snapshot->text = std::string(typed.substr(0, length)) + "\n";
    CompleteRequest request;
    request.snapshot = snapshot;
    request.cursor = ByteOffset{static_cast<std::uint32_t>(length)};
    const std::vector<Completion> completions = completed(*engine, request);
    REQUIRE(completions.size() == 1);
    CHECK(completions[0].text == typed.substr(length));
    CHECK(completions[0].stats.reused_canvas == (length > 0));
    if (length > 0) CHECK(scripted_state().steps == 0);
    scripted_state().steps = 0;
  }
  // At the end of the offer the model is asked what comes next, and after the document is closed too.
  snapshot = std::make_shared<Snapshot>(*snapshot);
  snapshot->text = std::string(typed) + "\n";
  CompleteRequest request;
  request.snapshot = snapshot;
  request.cursor = ByteOffset{static_cast<std::uint32_t>(typed.size())};
  completed(*engine, request);
  CHECK(scripted_state().steps > 0);
  scripted_state().steps = 0;
  completed(*engine, request);
  CHECK(scripted_state().steps == 0);
  engine->forget("a.x");
  completed(*engine, request);
  CHECK(scripted_state().steps > 0);
}

TEST_CASE("engine: caches of many documents stay within their budget") {
  set_script(knows({}, special::kMiddle, special::kEnd));
  constexpr std::size_t kBytes = 200 * kScriptedTokenBytes;
  const std::unique_ptr<Engine> engine = open_engine(scripted_backend(), kBytes, 1 << 16);
  for (int i = 0; i < 30; ++i) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->path = "file" + std::to_string(i);
    snapshot->text = std::string(30, static_cast<char>('a' + i % 26));
    CompleteRequest request;
    request.snapshot = snapshot;
    completed(*engine, request);
    CHECK(engine->session().sequences.bytes() <= kBytes);
    CHECK(engine->session().sequences.bytes() > 0);
  }
}
