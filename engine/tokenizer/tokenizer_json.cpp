#include "engine/tokenizer/tokenizer_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "engine/assert.h"
#include "engine/tokenizer/byte_spelling.h"
#include "engine/tokenizer/json_outline.h"
#include "engine/tokenizer/splitter.h"
#include "engine/tokenizer/token_index.h"

namespace seedling {
namespace {

using Json = nlohmann::json;
using Kind = VocabularyEntry::Kind;

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
  const JsonOutline& outline;
  TokenizerDescription out;
  TokenIndex ids;  // by the spelling in the file

  Error wrong(const std::string& field, const std::string& what) const {
    return invalid_input(origin + ": " + field + ": " + what);
  }
  Error other_kind(const std::string& field, const std::string& what) const {
    return unsupported(origin + ": " + field + ": " + what);
  }

  Result<TokenId> read_id(const Json& value, const std::string& field) const;
  Result<TokenId> checked_id(std::int64_t id, const std::string& field) const;
  Status check_model(const Json& model) const;
  Status check_normalizer(const Json& normalizer, const std::string& field) const;
  Status add_pre_tokenizer(const Json& step, const std::string& field, int depth);
  Status add_split(const Json& step, const std::string& field);
  Status add_special_tokens(const Json& added);
  Status add_vocabulary();
  Status add_vocabulary_row(const JsonOutline::VocabularyRow& row);
  Status add_merges();
  Status check_bytes() const;
  bool is_taken(TokenId id) const;
  void place(TokenId id, VocabularyEntry entry);
};

bool Reading::is_taken(TokenId id) const {
  return static_cast<std::size_t>(id) < out.vocabulary.size() && out.vocabulary[id].kind != Kind::unused;
}

void Reading::place(TokenId id, VocabularyEntry entry) {
  if (static_cast<std::size_t>(id) >= out.vocabulary.size()) out.vocabulary.resize(id + 1);
  out.vocabulary[id] = std::move(entry);
}

Result<TokenId> Reading::read_id(const Json& value, const std::string& field) const {
  if (!value.is_number_integer()) return wrong(field, "expected an integer token id");
  const bool is_huge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  return checked_id(is_huge ? INT64_MAX : value.get<std::int64_t>(), field);
}

Result<TokenId> Reading::checked_id(std::int64_t id, const std::string& field) const {
  if (id >= 0 && id < kMaxVocabularySize) return static_cast<TokenId>(id);
  return wrong(field, "token id " + std::to_string(id) + " is out of range 0.." +
                          std::to_string(kMaxVocabularySize - 1));
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
    if (is_taken(id)) return wrong(field + ".id", "token id " + std::to_string(id) + " is used twice");
    const auto& name = content->get_ref<const std::string&>();
    if (!ids.insert(name, id)) return wrong(field + ".content", in_quotes(name) + " is listed twice");
    place(id, {Kind::special, name});
  }
  return Done{};
}

Status Reading::add_vocabulary() {
  out.vocabulary.reserve(outline.vocabulary.size() + out.vocabulary.size());
  for (const JsonOutline::VocabularyRow& row : outline.vocabulary) TRY(add_vocabulary_row(row));
  return Done{};
}

Status Reading::add_vocabulary_row(const JsonOutline::VocabularyRow& row) {
  const std::string_view spelling = outline.text(row.spelling);
  const auto wrong_row = [&](const std::string& what) {
    return wrong("model.vocab[" + in_quotes(spelling) + "]", what);
  };
  if (row.id == JsonOutline::VocabularyRow::kNoInteger) return wrong_row("expected an integer token id");
  if (row.id < 0 || row.id >= kMaxVocabularySize) {
    return checked_id(row.id, "model.vocab[" + in_quotes(spelling) + "]").error();
  }
  const auto id = static_cast<TokenId>(row.id);
  if (is_taken(id)) {
    if (out.vocabulary[id].kind == Kind::special && out.vocabulary[id].text == spelling) return Done{};
    return wrong_row("token id " + std::to_string(id) + " is used twice");
  }
  if (!ids.insert(spelling, id)) return wrong_row("is listed twice, or has another id in added_tokens");
  std::optional<std::string> bytes = unspell_bytes(spelling);
  if (!bytes || bytes->empty()) return wrong_row("is not spelled in the byte-level alphabet");
  place(id, {Kind::ordinary, std::move(*bytes)});
  return Done{};
}

Status Reading::add_merges() {
  out.merges.reserve(outline.merges.size());
  for (std::size_t i = 0; i < outline.merges.size(); ++i) {
    const JsonOutline::MergeRow& row = outline.merges[i];
    if (row.left_size == 0) {
      return wrong(indexed("model.merges", i), "expected \"left right\" or [\"left\", \"right\"]");
    }
    const auto id_of = [&](std::string_view spelling) -> Result<TokenId> {
      if (const TokenId id = ids.find(spelling); id >= 0) return id;
      return wrong(indexed("model.merges", i), "unknown token " + in_quotes(spelling));
    };
    const MergeRule rule{TRY(id_of(outline.left(row))), TRY(id_of(outline.right(row))),
                         TRY(id_of(outline.text(row.both)))};
    // A text never becomes a special token, so a merge that touches one can never apply.
    const auto is_special = [&](TokenId id) { return out.vocabulary[id].kind == Kind::special; };
    if (!is_special(rule.left) && !is_special(rule.right) && !is_special(rule.result)) {
      out.merges.push_back(rule);
    }
  }
  return Done{};
}

Status Reading::check_bytes() const {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string spelling = spell_bytes(std::string(1, static_cast<char>(byte)));
    const TokenId found = ids.find(spelling);
    if (found < 0 || out.vocabulary[found].kind != Kind::ordinary) {
      return wrong("model.vocab", "has no token for byte " + std::to_string(byte) + " (" +
                                      in_quotes(spelling) + "); a byte-level vocabulary needs all 256");
    }
  }
  return Done{};
}

Result<TokenizerDescription> read_description(const JsonOutline& outline, const std::string& origin) {
  const Json& document = outline.document;
  Reading reading{origin, outline, {}, TokenIndex(outline.vocabulary.size())};
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
  if (!outline.has_vocabulary) {
    return reading.wrong("model.vocab",
                         member(*model, "vocab") ? "expected an object of token ids" : "missing");
  }
  TRY(reading.add_vocabulary());
  TRY(reading.check_bytes());
  if (!outline.has_merges) {
    return reading.wrong("model.merges", member(*model, "merges") ? "expected an array" : "missing");
  }
  TRY(reading.add_merges());
  return std::move(reading.out);
}

}  // namespace

Result<TokenizerDescription> read_tokenizer_json(std::string_view json, const std::string& origin) {
  if (json.size() > kMaxTokenizerJsonBytes)
    return invalid_input(origin + ": larger than 64 MiB; not a tokenizer.json");
  try {
    const JsonOutline outline = TRY(read_outline(json, origin));
    return read_description(outline, origin);
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
