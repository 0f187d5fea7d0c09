#include "engine/tokenizer/json_outline.h"

#include <algorithm>
#include <utility>

namespace seedling {
namespace {

using Json = nlohmann::json;

// Receives one document value by value.
class OutlineReader : public nlohmann::json_sax<Json> {
 public:
  explicit OutlineReader(JsonOutline& out) : out_(out) {}

  std::size_t problem_byte() const { return problem_byte_; }

  bool null() override { return add_value(nullptr); }
  bool boolean(bool value) override { return add_value(value); }
  bool number_integer(number_integer_t value) override { return add_integer(value); }
  bool number_unsigned(number_unsigned_t value) override {
    return add_integer(static_cast<std::int64_t>(std::min<number_unsigned_t>(value, INT64_MAX)));
  }
  bool number_float(number_float_t value, const string_t&) override { return add_value(value); }
  bool binary(binary_t&) override { return true; }  // JSON text has none

  bool string(string_t& value) override {
    if (table_ != Table::merges) return add_value(std::move(value));
    if (table_depth_ == 1) {
      out_.merges.push_back(split_at_space(value));
    } else if (table_depth_ == 2 && sides_++ < 2) {
      if (sides_ == 1) out_.merges.back().left_size = static_cast<std::uint32_t>(value.size());
      out_.merges.back().both.size += static_cast<std::uint32_t>(value.size());
      out_.texts += value;
    }
    return true;
  }

  bool key(string_t& value) override {
    if (table_ == Table::none) {
      key_ = std::move(value);
    } else if (table_ == Table::vocabulary && table_depth_ == 1) {
      out_.vocabulary.push_back({piece_of(value), JsonOutline::VocabularyRow::kNoInteger});
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (table_ == Table::none && is_at_model_member("vocab")) {
      out_.vocabulary.clear();
      out_.has_vocabulary = true;
      return start_table(Table::vocabulary);
    }
    return start(Json::object());
  }

  bool start_array(std::size_t) override {
    if (table_ == Table::none && is_at_model_member("merges")) {
      out_.merges.clear();
      out_.has_merges = true;
      return start_table(Table::merges);
    }
    return start(Json::array());
  }

  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    problem_byte_ = position;
    return false;
  }

 private:
  enum class Table { none, vocabulary, merges };

  bool start_table(Table table) {
    table_ = table;
    table_depth_ = 1;
    return true;
  }

  bool start(Json value) {
    if (table_ == Table::none) {
      open_.push_back(put(std::move(value)));
      return true;
    }
    ++table_depth_;
    if (table_ == Table::merges && table_depth_ == 2) {
      sides_ = 0;
      out_.merges.push_back({{static_cast<std::uint32_t>(out_.texts.size()), 0}, 0});
      if (value.is_object()) spoil_merge();
    }
    if (table_ == Table::merges && table_depth_ == 3) spoil_merge();
    return true;
  }

  bool end() {
    if (table_ == Table::none) {
      open_.pop_back();
      return true;
    }
    if (table_ == Table::merges && table_depth_ == 2 && sides_ != 2) out_.merges.back().left_size = 0;
    if (--table_depth_ == 0) table_ = Table::none;
    return true;
  }

  template <class Value>
  bool add_value(Value&& value) {
    if (table_ == Table::none) {
      put(std::forward<Value>(value));
    } else if (table_ == Table::merges && table_depth_ == 1) {
      out_.merges.emplace_back();
    } else if (table_ == Table::merges && table_depth_ == 2) {
      spoil_merge();
    }
    return true;
  }

  bool add_integer(std::int64_t value) {
    if (table_ != Table::vocabulary || table_depth_ != 1) return add_value(value);
    out_.vocabulary.back().id = value;
    return true;
  }

  // Something that is no side: more than two things stand there now.
  void spoil_merge() { sides_ = 3; }

  JsonOutline::Piece piece_of(std::string_view text) {
    const auto begin = static_cast<std::uint32_t>(out_.texts.size());
    out_.texts += text;
    return {begin, static_cast<std::uint32_t>(text.size())};
  }

  // "left right", with one space.
  JsonOutline::MergeRow split_at_space(std::string_view text) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) return {};
    JsonOutline::MergeRow row{piece_of(text.substr(0, space)), static_cast<std::uint32_t>(space)};
    row.both.size += piece_of(text.substr(space + 1)).size;
    return row;
  }

  // Adds a value of the document where the reading stands.
  Json* put(Json value) {
    if (open_.empty()) {
      out_.document = std::move(value);
      return &out_.document;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    Json& member = parent[key_];
    member = std::move(value);
    if (open_.size() == 1) {
      is_in_model_ = key_ == "model";
      if (is_in_model_) out_.has_vocabulary = out_.has_merges = false;
    }
    return &member;
  }

  bool is_at_model_member(std::string_view name) const {
    return open_.size() == 2 && is_in_model_ && open_.back()->is_object() && key_ == name;
  }

  JsonOutline& out_;
  std::vector<Json*> open_;  // the values around the present one; a parent does not move while one is open
  std::string key_;          // of the next member
  bool is_in_model_ = false;
  Table table_ = Table::none;
  int table_depth_ = 0;  // 1: directly in the table
  int sides_ = 0;        // of the merge being read
  std::size_t problem_byte_ = 0;
};

}  // namespace

Result<JsonOutline> read_outline(std::string_view json, const std::string& origin) {
  JsonOutline outline;
  OutlineReader reader(outline);
  if (!Json::sax_parse(json.data(), json.data() + json.size(), &reader)) {
    return invalid_input(origin + ": not JSON (at byte " + std::to_string(reader.problem_byte()) + ")");
  }
  return outline;
}

}  // namespace seedling
