// Shards: what is written is read back byte for byte; damaged files give one clear error.
#include "engine/train/corpus/shards.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/engine/train_corpus/temporary_folder.h"

using namespace seedling;

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void overwrite(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Varied enough that zstd cannot fold it into nothing.
std::vector<std::uint16_t> noise(std::size_t n, std::uint32_t seed) {
  std::vector<std::uint16_t> values(n);
  for (auto& value : values) value = static_cast<std::uint16_t>((seed = seed * 1664525u + 1013904223u) >> 16);
  return values;
}

}  // namespace

TEST_CASE("token shards come back as they were written, over several files") {
  TemporaryFolder folder;
  std::vector<PackedFile> written;
  ShardWriter writer(folder.path, "train", std::string(kTokenShardEnding), 4096);
  for (int i = 0; i < 40; ++i) {
    written.push_back({12 + i % 10, noise(static_cast<std::size_t>(i % 5), 7u),
                       noise(200 * static_cast<std::size_t>(i), 3u)});
    REQUIRE(writer.append(written.back()).ok());
  }
  REQUIRE(writer.finish().ok());
  const auto shards = ShardReader::list(folder.path, "train", kTokenShardEnding);
  CHECK(shards.size() > 1);
  CHECK(static_cast<int>(shards.size()) == writer.shard_count());
  std::size_t at = 0;
  for (const std::string& shard : shards) {
    const auto files = ShardReader::read_token_shard(shard);
    REQUIRE(files.ok());
    for (const PackedFile& file : *files) {
      REQUIRE(at < written.size());
      CHECK(file.language == written[at].language);
      CHECK(file.path == written[at].path);
      CHECK(file.tokens == written[at].tokens);
      ++at;
    }
  }
  CHECK(at == written.size());
}

TEST_CASE("text shards keep every byte and the header fields") {
  TemporaryFolder folder;
  const TextFile file{"python", "a \"quoted\"/\xc3\xa9.py", "package",
                      std::string("x = '\0\n{\"bytes\": 3}\n'", 21)};
  ShardWriter writer(folder.path, "validation", std::string(kTextShardEnding));
  REQUIRE(writer.append(file).ok());
  REQUIRE(writer.append(TextFile{"c", "empty.c", "package", ""}).ok());
  REQUIRE(writer.finish().ok());
  const auto shards = ShardReader::list(folder.path, "validation", kTextShardEnding);
  REQUIRE(shards.size() == 1);
  const auto files = ShardReader::read_text_shard(shards[0]);
  REQUIRE(files.ok());
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].language == file.language);
  CHECK((*files)[0].path == file.path);
  CHECK((*files)[0].package == file.package);
  CHECK((*files)[0].text == file.text);
  CHECK((*files)[1].text.empty());
}

TEST_CASE("a second run leaves no shard of the first behind, and other splits alone") {
  TemporaryFolder folder;
  for (int files : {30, 1}) {
    ShardWriter writer(folder.path, "train", std::string(kTokenShardEnding), 1024);
    for (int i = 0; i < files; ++i) REQUIRE(writer.append(PackedFile{12, {}, noise(1000, 5u + i)}).ok());
    REQUIRE(writer.finish().ok());
    ShardWriter other(folder.path, "train-extra", std::string(kTokenShardEnding));
    REQUIRE(other.append(PackedFile{12, {}, {1}}).ok());
    REQUIRE(other.finish().ok());
  }
  CHECK(ShardReader::list(folder.path, "train", kTokenShardEnding).size() == 1);
  CHECK(ShardReader::list(folder.path, "train-extra", kTokenShardEnding).size() == 1);
}

TEST_CASE("a truncated, foreign or missing shard is one clear error that names the file") {
  TemporaryFolder folder;
  ShardWriter writer(folder.path, "train", std::string(kTokenShardEnding));
  REQUIRE(writer.append(PackedFile{12, {1, 2}, noise(5000, 11u)}).ok());
  REQUIRE(writer.finish().ok());
  const std::string path = ShardReader::list(folder.path, "train", kTokenShardEnding).at(0);
  const std::string whole = bytes_of(path);
  for (std::size_t length :
       {std::size_t{0}, std::size_t{3}, std::size_t{9}, whole.size() / 2, whole.size() - 1}) {
    overwrite(path, std::string_view(whole).substr(0, length));
    const auto files = ShardReader::read_token_shard(path);
    INFO("length " << length);
    REQUIRE(!files.ok());
    CHECK(files.error().code == ErrorCode::invalid_input);
    CHECK(files.error().message.find(path) == 0);
    CHECK(files.error().message.find("seedling-train corpus") != std::string::npos);
  }
  overwrite(path, "hello");
  CHECK(!ShardReader::read_token_shard(path).ok());
  CHECK(ShardReader::read_token_shard(folder.path + "/none").error().code == ErrorCode::not_found);
}

TEST_CASE("a token shard whose last record is cut short inside a whole zstd frame is an error too") {
  TemporaryFolder folder;
  // A text shard is a whole zstd file that does not start with the magic.
  ShardWriter writer(folder.path, "train", std::string(kTextShardEnding));
  REQUIRE(writer.append(TextFile{"c", "a.c", "p", "int main(void) { return 0; }\n"}).ok());
  REQUIRE(writer.finish().ok());
  const std::string path = ShardReader::list(folder.path, "train", kTextShardEnding).at(0);
  const auto files = ShardReader::read_token_shard(path);
  REQUIRE(!files.ok());
  CHECK(files.error().message.find("not a token shard") != std::string::npos);
}
