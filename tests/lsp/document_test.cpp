// Documents: incremental changes give what replacing the whole text gives; a bad change drops the document.

#include "lsp/document.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace seedling {
namespace {

const std::string kUri = "file:///w/a.py";

DocumentStore store_with(std::string text) {
  DocumentStore store;
  store.open(kUri, {"a.py", "python", 1, std::move(text)});
  return store;
}

std::string text_of(const DocumentStore& store) {
  return (*store.find(kUri))->snapshot->text;
}

// A text that is easy to count in: one entry for each character.
std::string join(const std::vector<std::string>& characters) {
  std::string text;
  for (const std::string& character : characters) text += character;
  return text;
}

// The position before character `index`, counted the slow way.
Position position_of(const std::vector<std::string>& characters, std::size_t index,
                     PositionEncoding encoding) {
  Position position;
  for (std::size_t i = 0; i < index; ++i) {
    if (characters[i] == "\n" || characters[i] == "\r\n") {
      position = {position.line + 1, 0};
      continue;
    }
    const auto bytes = static_cast<std::uint32_t>(characters[i].size());
    position.character += encoding == PositionEncoding::utf8    ? bytes
                          : encoding == PositionEncoding::utf16 ? (bytes == 4 ? 2 : 1)
                                                                : 1;
  }
  return position;
}

TEST_CASE("document: random edit scripts, incremental equals full replacement") {
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> alphabet = {"a", "(", " ", "\n", "\r\n", "\u00e9", "\u4e2d", "\U0001f600"};
  const auto random_characters = [&](std::uint32_t at_most) {
    std::vector<std::string> characters;
    for (std::uint32_t n = pick(random, at_most + 1); n > 0; --n)
      characters.push_back(alphabet[pick(random, alphabet.size())]);
    return characters;
  };
  for (const PositionEncoding encoding :
       {PositionEncoding::utf8, PositionEncoding::utf16, PositionEncoding::utf32}) {
    for (int script = 0; script < 100; ++script) {
      std::vector<std::string> expected = random_characters(40);
      DocumentStore store = store_with(join(expected));
      std::vector<std::string> originals;
      for (int version = 2; version < 12; ++version) {
        std::vector<TextChange> changes;
        for (std::uint32_t n = 1 + pick(random, 3); n > 0; --n) {
          const std::size_t begin = pick(random, expected.size() + 1);
          const std::size_t end = begin + pick(random, expected.size() - begin + 1);
          const std::vector<std::string> inserted = random_characters(6);
          if (pick(random, 10) == 0) {
            expected = inserted;
            changes.push_back({std::nullopt, join(inserted)});
            continue;
          }
          changes.push_back(
              {Range{position_of(expected, begin, encoding), position_of(expected, end, encoding)},
               join(inserted)});
          expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(begin),
                         expected.begin() + static_cast<std::ptrdiff_t>(end));
          expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(begin), inserted.begin(),
                          inserted.end());
        }
        REQUIRE(store.change(kUri, version, changes, encoding).ok());
        REQUIRE(text_of(store) == join(expected));
        const DocumentPtr document = *store.find(kUri);
        CHECK(document->snapshot->version == version);
        CHECK(document->lines.line_count() == LineIndex(document->snapshot->text).line_count());
      }
    }
  }
}

TEST_CASE("document: each change sees the text that the one before left") {
  DocumentStore store = store_with("one\n");
  const std::vector<TextChange> changes = {
      {Range{{0, 3}, {0, 3}}, "\ntwo"}, {Range{{1, 0}, {1, 3}}, "zwei"}, {Range{{0, 0}, {1, 0}}, ""}};
  REQUIRE(store.change(kUri, 2, changes, PositionEncoding::utf16).ok());
  CHECK(text_of(store) == "zwei\n");
}

TEST_CASE("document: an edit and its inverse give the text back") {
  const std::string text = "a\r\n\U0001f600b\n";
  DocumentStore store = store_with(text);
  const std::vector<TextChange> edit = {{Range{{0, 1}, {1, 2}}, "-\n-"}};
  REQUIRE(store.change(kUri, 2, edit, PositionEncoding::utf16).ok());
  CHECK(text_of(store) == "a-\n-b\n");
  const std::vector<TextChange> inverse = {{Range{{0, 1}, {1, 1}}, "\r\n\U0001f600"}};
  REQUIRE(store.change(kUri, 3, inverse, PositionEncoding::utf16).ok());
  CHECK(text_of(store) == text);
}

TEST_CASE("document: a bad range drops the document until it is opened again") {
  DocumentStore store = store_with("one\n");
  const DocumentPtr before = *store.find(kUri);
  const std::vector<TextChange> changes = {{Range{{0, 0}, {0, 1}}, "x"}, {Range{{5, 0}, {5, 0}}, "y"}};
  CHECK(!store.change(kUri, 2, changes, PositionEncoding::utf16).ok());
  REQUIRE(!store.find(kUri).ok());
  CHECK(store.find(kUri).error().message.find("open it again") != std::string::npos);
  CHECK(before->snapshot->text == "one\n");  // who holds a document keeps it
  store.open(kUri, {"a.py", "python", 1, "two"});
  CHECK(text_of(store) == "two");
}

TEST_CASE("document: without a version the next number is taken") {
  DocumentStore store = store_with("one\n");
  REQUIRE(
      store.change(kUri, std::nullopt, std::vector<TextChange>{{std::nullopt, "x"}}, PositionEncoding::utf16)
          .ok());
  CHECK((*store.find(kUri))->snapshot->version == 2);
}

TEST_CASE("document: unknown documents are an error, closing them is not") {
  DocumentStore store;
  CHECK(store.find(kUri).error().code == ErrorCode::not_found);
  CHECK(!store.change(kUri, 1, std::vector<TextChange>{}, PositionEncoding::utf16).ok());
  store.close(kUri);
}

TEST_CASE("document: a revision names one text for ever") {
  DocumentStore store = store_with("one");
  const std::uint64_t first = (*store.find(kUri))->revision;
  store.close(kUri);
  store.open(kUri, {"a.py", "python", 1, "two"});
  CHECK((*store.find(kUri))->revision != first);
}

}  // namespace
}  // namespace seedling
