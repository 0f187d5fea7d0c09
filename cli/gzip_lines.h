// cli/gzip_lines.h
//
// Reads a text file, gzip-compressed or not (told by its content), line by line.
//   The caller owns it; one thread. Errors: not_found naming the file; invalid_input where it is damaged.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/result.h"

namespace seedling::cli {

class GzipLines {
 public:
  static Result<GzipLines> open(const std::string& path);

  // The next line without its newline; none at the end of the file.
  Result<std::optional<std::string>> next();
  int line_number() const { return line_number_; }  // of the line read last; counted from 1

 private:
  struct Close {
    void operator()(void* file) const;
  };
  GzipLines(std::string path, void* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<void, Close> file_;  // gzFile
  int line_number_ = 0;
};

}  // namespace seedling::cli
