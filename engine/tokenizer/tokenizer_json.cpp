#include "engine/tokenizer/tokenizer_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "engine/assert.h"
#include "engine/tokenizer/byte_spelling.h"
#include "engine/tokenizer/splitter.h"

namespace seedling {
namespace {

using Json = nlohmann::json;
using Kind = VocabularyEntry::Kind;
using Ids = std::unordered_map<std::string, TokenId>;  // by the spelling in the file

// Text of a stranger's file inside our one-line message.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown = "\"";
  for (const char c : text.substr(0, kShown)) shown.push_back(c >= 0 && c < ' ' ? '?' : c);
  return shown + (text.size() > kShown ? "...\"" : "\"");
}

std::string indexed(std::string_view field, std::size_t index) {
  return std::string(field) + "[" + std::to_string(index) + "]";
}

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string string_or(const Json& object, const char* name, const char* otherwise) {
  const Json* found = member(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : otherwise;
}

bool bool_or(const Json& object, const char* name, bool otherwise) {
  const Json* found = member(object, name);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : otherwise;
}

// One file being read; every member function adds one part of it to `out`.
struct Reading {
  const std::string& origin;
  TokenizerDescription out;
  Ids ids;

  Error wrong(const std::string& field, const std::string& what) const {
    return invalid_input(origin + ": " + field + ": " + what);
  }
  Error other_kind(const std::string& field, const std::string& what) const {
    return unsupported(origin + ": " + field + ": " + what);
  }

  Result<TokenId> read_id(const Json& value, const std::string& field) const;
  Status check_model(const Json& model) const;
  Status check_normalizer(const Json& normalizer, const std::string& field) const;
  Status add_pre_tokenizer(const Json& step, const std::string& field, int depth);
  Status add_split(const Json& step, const std::string& field);
  Status add_special_tokens(const Json& added);
  Status add_vocabulary(const Json& vocab);
  Status add_merges(const Json& merges);
  Status check_bytes() const;
  void place(TokenId id, VocabularyEntry entry);
};

void Reading::place(TokenId id, VocabularyEntry entry) {
  if (static_cast<std::size_t>(id) >= out.vocabulary.size()) out.vocabulary.resize(id + 1);
  out.vocabulary[id] = std::move(entry);
}

Result<TokenId> Reading::read_id(const Json& value, const std::string& field) const {
  if (!value.is_number_integer()) return wrong(field, "expected an integer token id");
  const bool negative = !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
  if (negative || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(kMaxVocabularySize)) {
    return wrong(
        field, "token id " + value.dump() + " is out of range 0.." + std::to_string(kMaxVocabularySize - 1));
  }
  return static_cast<TokenId>(value.get<std::int64_t>());
}

Status Reading::check_model(const Json& model) const {
  const std::string type = string_or(model, "type", "BPE");
  if (type != "BPE") return other_kind("model.type", in_quotes(type) + " is not supported; only \"BPE\" is");
  if (bool_or(model, "byte_fallback", false)) {
    return other_kind("model.byte_fallback",
                      "SentencePiece-style vocabularies are not supported; only byte-level BPE is");
  }
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!string_or(model, affix, "").empty()) {
      return other_kind(std::string("model.") + affix, "is not supported; byte-level BPE has none");
    }
  }
  return Done{};
}

Status Reading::check_normalizer(const Json& normalizer, const std::string& field) const {
  const std::string type = string_or(normalizer, "type", "");
  if (type == "NFC") return Done{};
  if (type != "Sequence")
    return other_kind(field, in_quotes(type) + " changes the text; only null and \"NFC\" are supported");
  const Json* steps = member(normalizer, "normalizers");
  if (steps == nullptr || !steps->is_array()) return wrong(field + ".normalizers", "expected an array");
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const std::string type_of_step = string_or((*steps)[i], "type", "");
    if (type_of_step != "NFC")
      return other_kind(indexed(field + ".normalizers", i), in_quotes(type_of_step) + " changes the text");
  }
  return Done{};
}

Status Reading::add_split(const Json& step, const std::string& field) {
  const std::string behavior = string_or(step, "behavior", "");
  const bool invert = bool_or(step, "invert", false);
  // Both mean that every match is a piece; the second also drops what lies between, and code patterns leave
  // nothing.
  if (behavior != "Isolated" && !(behavior == "Removed" && invert)) {
    return other_kind(field + ".behavior", in_quotes(behavior) + " is not supported; only \"Isolated\" is");
  }
  const Json* pattern = member(step, "pattern");
  const Json* regex = pattern == nullptr ? nullptr : member(*pattern, "Regex");
  if (regex != nullptr && regex->is_string()) {
    out.split_patterns.push_back(regex->get<std::string>());
    return Done{};
  }
  const Json* literal = pattern == nullptr ? nullptr : member(*pattern, "String");
  if (literal == nullptr || !literal->is_string()) {
    return wrong(field + ".pattern", "expected {\"Regex\": \"...\"} or {\"String\": \"...\"}");
  }
  std::string escaped;
  for (const char c : literal->get<std::string>()) {
    if (c > 0 && c < 0x7F && std::isalnum(static_cast<unsigned char>(c)) == 0) escaped.push_back('\\');
    escaped.push_back(c);
  }
  out.split_patterns.push_back(escaped);
  return Done{};
}

Status Reading::add_pre_tokenizer(const Json& step, const std::string& field, int depth) {
  constexpr int kMaxDepth = 4;
  constexpr std::size_t kMaxSteps = 16;
  const std::string type = string_or(step, "type", "");
  if (type == "Split") return add_split(step, field);
  if (type == "Digits") {
    out.split_patterns.push_back(bool_or(step, "individual_digits", false) ? "\\p{N}" : "\\p{N}+");
    return Done{};
  }
  if (type == "ByteLevel") {
    if (bool_or(step, "add_prefix_space", true)) {
      return other_kind(field + ".add_prefix_space", "true would change the text; only false is supported");
    }
    if (bool_or(step, "use_regex", true)) out.split_patterns.emplace_back(kGpt2Pattern);
    return Done{};
  }
  if (type != "Sequence") {
    return other_kind(field + ".type",
                      in_quotes(type) + " is not supported; only Sequence, Split, Digits and ByteLevel are");
  }
  const Json* steps = member(step, "pretokenizers");
  if (steps == nullptr || !steps->is_array()) return wrong(field + ".pretokenizers", "expected an array");
  if (depth == kMaxDepth || steps->size() > kMaxSteps)
    return wrong(field + ".pretokenizers", "too many steps");
  for (std::size_t i = 0; i < steps->size(); ++i) {
    if (auto added = add_pre_tokenizer((*steps)[i], indexed(field + ".pretokenizers", i), depth + 1); !added)
      return added;
  }
  return Done{};
}

Status Reading::add_special_tokens(const Json& added) {
  if (!added.is_array()) return wrong("added_tokens", "expected an array");
  for (std::size_t i = 0; i < added.size(); ++i) {
    const std::string field = indexed("added_tokens", i);
    const Json* id_value = member(added[i], "id");
    const Json* content = member(added[i], "content");
    if (id_value == nullptr) return wrong(field + ".id", "missing");
    if (content == nullptr || !content->is_string()) return wrong(field + ".content", "expected a string");
    const TokenId id = TRY(read_id(*id_value, field + ".id"));
    if (static_cast<std::size_t>(id) < out.vocabulary.size() && out.vocabulary[id].kind != Kind::unused) {
      return wrong(field + ".id", "token id " + std::to_string(id) + " is used twice");
    }
    auto name = content->get<std::string>();
    if (!ids.emplace(name, id).second) return wrong(field + ".content", in_quotes(name) + " is listed twice");
    place(id, {Kind::special, std::move(name)});
  }
  return Done{};
}

Status Reading::add_vocabulary(const Json& vocab) {
  if (!vocab.is_object()) return wrong("model.vocab", "expected an object of token ids");
  for (const auto& [spelling, value] : vocab.items()) {
    const std::string field = "model.vocab[" + in_quotes(spelling) + "]";
    const TokenId id = TRY(read_id(value, field));
    const bool taken =
        static_cast<std::size_t>(id) < out.vocabulary.size() && out.vocabulary[id].kind != Kind::unused;
    if (taken && out.vocabulary[id].kind == Kind::special && out.vocabulary[id].text == spelling) continue;
    if (taken) return wrong(field, "token id " + std::to_string(id) + " is used twice");
    if (!ids.emplace(spelling, id).second) return wrong(field, "has another id in added_tokens");
    std::optional<std::string> bytes = unspell_bytes(spelling);
    if (!bytes || bytes->empty()) return wrong(field, "is not spelled in the byte-level alphabet");
    place(id, {Kind::ordinary, std::move(*bytes)});
  }
  return Done{};
}

// The two sides of one merge, in either of the spellings the format has had.
std::optional<std::pair<std::string, std::string>> sides_of(const Json& merge) {
  if (merge.is_array()) {
    if (merge.size() != 2 || !merge[0].is_string() || !merge[1].is_string()) return std::nullopt;
    return std::pair(merge[0].get<std::string>(), merge[1].get<std::string>());
  }
  if (!merge.is_string()) return std::nullopt;
  const auto& text = merge.get_ref<const std::string&>();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) return std::nullopt;
  return std::pair(text.substr(0, space), text.substr(space + 1));
}

Status Reading::add_merges(const Json& merges) {
  if (!merges.is_array()) return wrong("model.merges", "expected an array");
  out.merges.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const std::string field = indexed("model.merges", i);
    const auto sides = sides_of(merges[i]);
    if (!sides) return wrong(field, "expected \"left right\" or [\"left\", \"right\"]");
    MergeRule rule;
    bool has_special = false;
    for (const auto& [spelling, id] :
         {std::pair(sides->first, &rule.left), std::pair(sides->second, &rule.right),
          std::pair(sides->first + sides->second, &rule.result)}) {
      const auto found = ids.find(spelling);
      if (found == ids.end()) return wrong(field, "unknown token " + in_quotes(spelling));
      *id = found->second;
      has_special = has_special || out.vocabulary[*id].kind == Kind::special;
    }
    // A text never becomes a special token, so a merge that touches one can never apply.
    if (!has_special) out.merges.push_back(rule);
  }
  return Done{};
}

Status Reading::check_bytes() const {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string spelling = spell_bytes(std::string(1, static_cast<char>(byte)));
    const auto found = ids.find(spelling);
    if (found == ids.end() || out.vocabulary[found->second].kind != Kind::ordinary) {
      return wrong("model.vocab", "has no token for byte " + std::to_string(byte) + " (" +
                                      in_quotes(spelling) + "); a byte-level vocabulary needs all 256");
    }
  }
  return Done{};
}

Result<TokenizerDescription> read_document(const Json& document, const std::string& origin) {
  Reading reading{origin, {}, {}};
  if (!document.is_object())
    return invalid_input(origin + ": expected a JSON object as tokenizers writes it");
  const Json* model = member(document, "model");
  if (model == nullptr || !model->is_object()) return reading.wrong("model", "missing or not an object");
  TRY(reading.check_model(*model));
  reading.out.whole_pieces_first = bool_or(*model, "ignore_merges", false);
  if (const Json* normalizer = member(document, "normalizer"))
    TRY(reading.check_normalizer(*normalizer, "normalizer"));
  const Json* pre_tokenizer = member(document, "pre_tokenizer");
  if (pre_tokenizer == nullptr)
    return reading.wrong("pre_tokenizer", "missing; byte-level BPE needs ByteLevel");
  TRY(reading.add_pre_tokenizer(*pre_tokenizer, "pre_tokenizer", 0));
  // Special tokens first: a vocabulary may list them again, and there they are names, not bytes.
  if (const Json* added = member(document, "added_tokens")) TRY(reading.add_special_tokens(*added));
  const Json* vocab = member(*model, "vocab");
  if (vocab == nullptr) return reading.wrong("model.vocab", "missing");
  TRY(reading.add_vocabulary(*vocab));
  TRY(reading.check_bytes());
  const Json* merges = member(*model, "merges");
  if (merges == nullptr) return reading.wrong("model.merges", "missing");
  TRY(reading.add_merges(*merges));
  return std::move(reading.out);
}

}  // namespace

Result<TokenizerDescription> read_tokenizer_json(std::string_view json, const std::string& origin) {
  if (json.size() > kMaxTokenizerJsonBytes)
    return invalid_input(origin + ": larger than 64 MiB; not a tokenizer.json");
  try {
    return read_document(Json::parse(json.begin(), json.end()), origin);
  } catch (const Json::parse_error& problem) {
    return invalid_input(origin + ": not JSON (at byte " + std::to_string(problem.byte) + ")");
  } catch (const Json::exception& problem) {
    return invalid_input(origin + ": " + problem.what());
  }
}

std::string write_tokenizer_json(const TokenizerDescription& description) {
  SEEDLING_ASSERT(description.split_patterns.size() == 1 && !description.whole_pieces_first);
  using Ordered = nlohmann::ordered_json;
  Ordered added = Ordered::array();
  Ordered vocab = Ordered::object();
  std::vector<std::string> spelling(description.vocabulary.size());
  for (std::size_t id = 0; id < description.vocabulary.size(); ++id) {
    const VocabularyEntry& entry = description.vocabulary[id];
    if (entry.kind == Kind::unused) continue;
    spelling[id] = entry.kind == Kind::special ? entry.text : spell_bytes(entry.text);
    if (entry.kind != Kind::special) continue;
    added.push_back({{"id", id},
                     {"content", entry.text},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  // Filled through the underlying vector: an ordered_json looks for a duplicate key at every insertion.
  auto& entries = vocab.get_ref<Ordered::object_t&>();
  for (std::size_t id = 0; id < spelling.size(); ++id) {
    if (!spelling[id].empty()) entries.emplace_back(spelling[id], id);
  }
  Ordered merges = Ordered::array();
  for (const MergeRule& rule : description.merges)
    merges.push_back({spelling[rule.left], spelling[rule.right]});
  const Ordered byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
  const Ordered split = {{"type", "Split"},
                         {"pattern", {{"Regex", description.split_patterns[0]}}},
                         {"behavior", "Isolated"},
                         {"invert", false}};
  const Ordered document = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added},
      {"normalizer", nullptr},
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", Ordered::array({split, byte_level})}}},
      {"post_processor", nullptr},
      {"decoder", byte_level},
      {"model",
       {{"type", "BPE"},
        {"dropout", nullptr},
        {"unk_token", nullptr},
        {"continuing_subword_prefix", nullptr},
        {"end_of_word_suffix", nullptr},
        {"fuse_unk", false},
        {"byte_fallback", false},
        {"ignore_merges", false},
        {"vocab", vocab},
        {"merges", merges}}}};
  return document.dump() + "\n";
}

std::array<TokenId, 256> byte_tokens(const TokenizerDescription& description) {
  std::array<TokenId, 256> tokens;
  tokens.fill(-1);
  for (std::size_t id = 0; id < description.vocabulary.size(); ++id) {
    const VocabularyEntry& entry = description.vocabulary[id];
    if (entry.kind != Kind::ordinary || entry.text.size() != 1) continue;
    tokens[static_cast<std::uint8_t>(entry.text[0])] = static_cast<TokenId>(id);
  }
  for (const TokenId token : tokens) SEEDLING_ASSERT(token >= 0);
  return tokens;
}

}  // namespace seedling
