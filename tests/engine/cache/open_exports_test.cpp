#include "engine/cache/open_exports.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace seedling;

namespace {

SnapshotPtr document(std::string path, std::string text, std::string language = "python") {
  return std::make_shared<const Snapshot>(
      Snapshot{path, std::move(language), 0, std::move(text), "#" + path});
}

}  // namespace

TEST_CASE("open exports: what a document declares follows its text") {
  OpenExports exports;
  const std::vector<SnapshotPtr> before = {document("pkg/a.py", "one = 1\n"),
                                           document("lib/b.py", "two = 2\n")};
  const std::vector<Neighbour> found = exports.of(before, "pkg/c.py").value();
  REQUIRE(found.size() == 2);
  CHECK(found[0].exports->names == std::vector<std::string>{"one"});
  CHECK(found[0].exports->module == "a");
  CHECK(found[0].is_beside);
  CHECK(!found[1].is_beside);

  // The same text is not read again; another one is.
  const std::vector<SnapshotPtr> after = {document("pkg/a.py", "one = 1\n"),
                                          document("lib/b.py", "three = 2\n")};
  const std::vector<Neighbour> now = exports.of(after, "lib/c.py").value();
  CHECK(now[0].exports == found[0].exports);
  CHECK(now[1].exports->names == std::vector<std::string>{"three"});
  CHECK(now[1].is_beside);
  CHECK(exports.size() == 2);
  exports.forget("#pkg/a.py");
  CHECK(exports.size() == 1);
}

TEST_CASE(
    "open exports: no more documents are kept than are worth it, and none in a language without scopes") {
  OpenExports exports;
  std::vector<SnapshotPtr> many;
  for (std::size_t i = 0; i < OpenExports::kMost + 8; ++i)
    many.push_back(document("a" + std::to_string(i) + ".py", "x = 1\n"));
  CHECK(exports.of(many, "b.py").value().size() == many.size());
  CHECK(exports.size() == OpenExports::kMost);
  const std::vector<SnapshotPtr> plain = {document("a.txt", "x = 1\n", "plaintext")};
  CHECK(exports.of(plain, "b.py").value().empty());
}

TEST_CASE("open exports: it can be stopped") {
  OpenExports exports;
  std::stop_source source;
  source.request_stop();
  const std::vector<SnapshotPtr> one = {document("a.py", "x = 1\n")};
  const auto stopped = exports.of(one, "b.py", source.get_token());
  REQUIRE(!stopped.ok());
  CHECK(stopped.error().code == ErrorCode::stopped);
  CHECK(exports.of(one, "b.py").value().size() == 1);
}
