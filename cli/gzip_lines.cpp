#include "cli/gzip_lines.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace seedling::cli {

void GzipLines::Close::operator()(void* file) const {
  gzclose(static_cast<gzFile>(file));
}

Result<GzipLines> GzipLines::open(const std::string& path) {
  std::error_code problem;
  if (std::filesystem::is_directory(path, problem)) return invalid_input(path + " is a folder, not a file");
  errno = 0;
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return not_found("cannot read " + path + ": " + (errno != 0 ? std::strerror(errno) : "out of memory"));
  }
  return GzipLines(path, file);
}

Result<std::optional<std::string>> GzipLines::next() {
  const gzFile file = static_cast<gzFile>(file_.get());
  std::string line;
  char piece[1 << 14];
  while (gzgets(file, piece, sizeof piece) != nullptr) {
    line += piece;
    if (!line.empty() && line.back() == '\n') break;
  }
  int code = Z_OK;
  const char* problem = gzerror(file, &code);
  if (code != Z_OK && code != Z_STREAM_END) {
    return invalid_input(path_ + " is damaged after line " + std::to_string(line_number_) + ": " + problem);
  }
  if (line.empty()) return std::optional<std::string>();
  ++line_number_;
  if (line.back() == '\n') line.pop_back();
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return std::optional<std::string>(std::move(line));
}

}  // namespace seedling::cli
