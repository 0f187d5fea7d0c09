// lsp/redact.h
//
// A message without what it says: methods, ids, positions, versions and flags stay, texts become lengths.
//   For traces that people attach to bug reports. Pure and total. What is not known to be the protocol's own
//   word is taken for the user's: it is better to leave out too much.
#pragma once

#include <map>
#include <string>

#include "lsp/rpc.h"

namespace seedling {

class Redactor {
 public:
  // One document keeps its number as long as this lives: "document-3.py".
  json redact(const json& message);

 private:
  json redact(const json& value, const std::string& key, bool is_capability);
  json redact_text(const std::string& text, const std::string& key, bool is_capability);
  json redact_object(const json& object, bool is_capability);

  std::map<std::string, std::size_t> documents_;
};

}  // namespace seedling
