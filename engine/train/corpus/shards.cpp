#include "engine/train/corpus/shards.h"

#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/assert.h"

namespace seedling {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kMagic = "SDLT0001";
constexpr int kCompressionLevel = 9;
constexpr std::uint32_t kMostTokens = 1u << 24;  // a longer record is a damaged one

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xff);
}

void put_u16s(std::string& out, std::span<const std::uint16_t> values) {
  for (std::uint16_t value : values) {
    out += static_cast<char>(value & 0xff);
    out += static_cast<char>(value >> 8);
  }
}

Error damaged(const std::string& path, const std::string& what) {
  return invalid_input(path + ": " + what + "; build the corpus again with `seedling-train corpus`");
}

Result<std::string> read_compressed(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return not_found(path + ": cannot be opened; build the corpus with `seedling-train corpus`");
  std::string packed((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), &ZSTD_freeDStream);
  std::string text;
  std::vector<char> buffer(1 << 20);
  ZSTD_inBuffer input{packed.data(), packed.size(), 0};
  std::size_t left = 1;  // 0 once a frame is complete
  while (true) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    left = ZSTD_decompressStream(stream.get(), &output, &input);
    if (ZSTD_isError(left))
      return damaged(path, std::string("is not a whole zstd file (") + ZSTD_getErrorName(left) + ")");
    text.append(buffer.data(), output.pos);
    if (input.pos == input.size && output.pos < output.size) break;
  }
  if (left != 0) return damaged(path, "is truncated");
  return text;
}

// Reads little-endian numbers off a string; `ok` turns false at the first read past the end.
struct Cursor {
  std::string_view bytes;
  bool ok = true;

  bool take(std::size_t n, std::string_view& out) {
    if (n > bytes.size()) return ok = false;
    out = bytes.substr(0, n);
    bytes.remove_prefix(n);
    return true;
  }
  std::uint32_t u32() {
    std::string_view raw;
    if (!take(4, raw)) return 0;
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(raw[i]);
    return value;
  }
  std::vector<std::uint16_t> u16s(std::uint32_t count) {
    std::string_view raw;
    std::vector<std::uint16_t> values;
    if (!take(std::size_t{count} * 2, raw)) return values;
    values.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      values[i] = static_cast<std::uint16_t>(static_cast<unsigned char>(raw[2 * i]) |
                                             static_cast<unsigned char>(raw[2 * i + 1]) << 8);
    }
    return values;
  }
};

std::string shard_name(const std::string& split, int index, const std::string& ending) {
  char number[16];
  std::snprintf(number, sizeof number, "-%03d", index);
  return split + number + ending;
}

}  // namespace

std::vector<std::string> ShardReader::list(const std::string& dir, std::string_view split,
                                           std::string_view ending) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(std::string(split) + "-") || !name.ends_with(ending)) continue;
    const std::string_view number =
        std::string_view(name).substr(split.size() + 1, name.size() - split.size() - 1 - ending.size());
    if (number.empty() || number.find_first_not_of("0123456789") != number.npos) continue;
    found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;  // 1000 comes after 999
  });
  return found;
}

Result<std::vector<PackedFile>> ShardReader::read_token_shard(const std::string& path) {
  const std::string bytes = TRY(read_compressed(path));
  Cursor cursor{bytes};
  std::string_view magic;
  if (!cursor.take(kMagic.size(), magic) || magic != kMagic)
    return damaged(path, "is not a token shard (no SDLT0001)");
  std::vector<PackedFile> files;
  while (!cursor.bytes.empty()) {
    PackedFile file;
    file.language = static_cast<TokenId>(cursor.u32());
    const std::uint32_t path_count = cursor.u32();
    const std::uint32_t count = cursor.u32();
    if (!cursor.ok || path_count > kMostTokens || count > kMostTokens)
      return damaged(path, "ends in a broken record");
    file.path = cursor.u16s(path_count);
    file.tokens = cursor.u16s(count);
    if (!cursor.ok) return damaged(path, "ends in the middle of a record");
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::vector<TextFile>> ShardReader::read_text_shard(const std::string& path) {
  const std::string bytes = TRY(read_compressed(path));
  std::string_view rest = bytes;
  std::vector<TextFile> files;
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    if (newline == rest.npos) return damaged(path, "ends in the middle of a header line");
    const auto header = nlohmann::json::parse(rest.substr(0, newline), nullptr, false);
    if (!header.is_object() || !header.value("bytes", nlohmann::json()).is_number_unsigned()) {
      return damaged(path, "has a header line that is not JSON with a \"bytes\" field");
    }
    const std::size_t size = header["bytes"].get<std::size_t>();
    rest.remove_prefix(newline + 1);
    if (size > rest.size()) return damaged(path, "ends in the middle of a file");
    auto field = [&](const char* name) {
      return header.contains(name) && header[name].is_string() ? header[name].get<std::string>()
                                                               : std::string();
    };
    files.push_back({field("language"), field("path"), field("package"), std::string(rest.substr(0, size))});
    rest.remove_prefix(size);
  }
  return files;
}

struct ShardWriter::Impl {
  std::string dir, split, ending;
  std::size_t limit = 0;
  int count = 0;
  bool started = false;
  std::unique_ptr<ZSTD_CStream, decltype(&ZSTD_freeCStream)> stream{ZSTD_createCStream(), &ZSTD_freeCStream};
  std::string packed;  // of the open shard
  bool open = false;

  Status start() {
    std::error_code failed;
    fs::create_directories(dir, failed);
    if (failed) return invalid_input(dir + ": cannot be created (" + failed.message() + ")");
    for (const std::string& old : ShardReader::list(dir, split, ending)) fs::remove(old, failed);
    started = true;
    return Done{};
  }

  void compress(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::vector<char> buffer(ZSTD_CStreamOutSize());
    while (true) {
      ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
      const std::size_t left = ZSTD_compressStream2(stream.get(), &output, &input, directive);
      SEEDLING_ASSERT(!ZSTD_isError(left));
      packed.append(buffer.data(), output.pos);
      if (directive == ZSTD_e_end ? left == 0 : input.pos == input.size) break;
    }
  }

  Status close() {
    if (!open) return Done{};
    compress({}, ZSTD_e_end);
    const std::string path = dir + "/" + shard_name(split, count, ending);
    const std::string unfinished = path + ".part";
    std::ofstream out(unfinished, std::ios::binary);
    out.write(packed.data(), static_cast<std::streamsize>(packed.size()));
    out.close();
    std::error_code failed;
    if (out) fs::rename(unfinished, path, failed);
    if (!out || failed) return invalid_input(path + ": cannot be written; is the disk full?");
    ++count;
    packed.clear();
    open = false;
    return Done{};
  }

  Status append(std::string_view record) {
    if (!started) TRY(start());
    if (!open) {
      ZSTD_CCtx_reset(stream.get(), ZSTD_reset_session_only);
      ZSTD_CCtx_setParameter(stream.get(), ZSTD_c_compressionLevel, kCompressionLevel);
      open = true;
      if (ending == kTokenShardEnding) compress(kMagic, ZSTD_e_continue);
    }
    compress(record, ZSTD_e_continue);
    return packed.size() >= limit ? close() : Status(Done{});
  }
};

ShardWriter::ShardWriter(std::string dir, std::string split, std::string ending, std::size_t limit_bytes)
    : impl_(new Impl{std::move(dir), std::move(split), std::move(ending), limit_bytes}) {}

ShardWriter::~ShardWriter() = default;

Status ShardWriter::append(const TextFile& file) {
  SEEDLING_ASSERT(impl_->ending == kTextShardEnding);
  const nlohmann::json header = {{"language", file.language},
                                 {"path", file.path},
                                 {"package", file.package},
                                 {"bytes", file.text.size()}};
  return impl_->append(header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" +
                       file.text);
}

Status ShardWriter::append(const PackedFile& file) {
  SEEDLING_ASSERT(impl_->ending == kTokenShardEnding);
  std::string record;
  record.reserve(12 + 2 * (file.path.size() + file.tokens.size()));
  put_u32(record, static_cast<std::uint32_t>(file.language));
  put_u32(record, static_cast<std::uint32_t>(file.path.size()));
  put_u32(record, static_cast<std::uint32_t>(file.tokens.size()));
  put_u16s(record, file.path);
  put_u16s(record, file.tokens);
  return impl_->append(record);
}

Status ShardWriter::finish() {
  if (!impl_->started) TRY(impl_->start());
  return impl_->close();
}

int ShardWriter::shard_count() const {
  return impl_->count;
}

}  // namespace seedling
