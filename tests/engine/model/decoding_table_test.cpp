#include "engine/model/decoding_table.h"

#include <doctest/doctest.h>

#include <fstream>

#include "engine/model/fingerprint.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

const std::string kRow = R"({"block":4,"threshold":0.5,"tokens_per_step":1.2,"is_safe":true})";

std::string table_of(const std::string& rows, const std::string& tokens = "10.5") {
  return R"({"weights":"w","tokens_per_hole":)" + tokens + R"(,"rows":[)" + rows + "]}";
}

void check_refused(const std::string& json) {
  CAPTURE(json);
  const Result<DecodingTable> table = DecodingTable::parse(json, "decoding.json", "w");
  REQUIRE(!table.ok());
  CHECK(table.error().message.starts_with("decoding.json"));
}

}  // namespace

TEST_CASE("decoding table: what is measured is read back") {
  const std::string unsafe = R"({"block":64,"threshold":1,"tokens_per_step":1,"is_safe":false,"ms":3})";
  const Result<DecodingTable> table = DecodingTable::parse(table_of(kRow + "," + unsafe), "f", "w");
  REQUIRE(table.ok());
  CHECK(table->tokens_per_hole == 10.5);
  REQUIRE(table->rows.size() == 2);
  CHECK(table->rows[0].block == 4);
  CHECK(table->rows[0].threshold == 0.5f);
  CHECK(table->rows[0].tokens_per_step == 1.2);
  CHECK(table->rows[0].is_safe);
  CHECK(!table->rows[1].is_safe);
}

TEST_CASE("decoding table: damaged ones and those of other weights are refused") {
  for (const char* json : {"", "[]", "{", "{}", "null", R"({"weights":3})", R"({"weights":"other"})"}) {
    check_refused(json);
  }
  check_refused(table_of(""));
  check_refused(table_of("3"));
  check_refused(table_of(kRow, "0"));
  check_refused(table_of(kRow, "\"many\""));
  check_refused(table_of(R"({"block":0,"threshold":0.5,"tokens_per_step":1,"is_safe":true})"));
  check_refused(table_of(R"({"block":1e300,"threshold":0.5,"tokens_per_step":1,"is_safe":true})"));
  check_refused(table_of(R"({"block":4,"threshold":-1,"tokens_per_step":1,"is_safe":true})"));
  check_refused(table_of(R"({"block":4,"threshold":0.5,"tokens_per_step":0,"is_safe":true})"));
  check_refused(table_of(R"({"block":4,"threshold":0.5,"tokens_per_step":1,"is_safe":false})"));
}

TEST_CASE("decoding table: belongs to the weights beside it") {
  const TemporaryFolder folder;
  write_tiny_model(folder.path());
  const auto model = Model::load(folder.path());
  REQUIRE(model.ok());
  CHECK(DecodingTable::load(**model).error().code == ErrorCode::not_found);
  std::ofstream(folder / "decoding.json") << R"({"weights":")" << fingerprint_of(*(*model)->weights)
                                          << R"(","tokens_per_hole":9,"rows":[)" << kRow << "]}";
  CHECK(DecodingTable::load(**model).ok());

  TinyModelOptions other;
  other.seed = 2;
  write_tiny_model(folder.path(), other);
  std::ofstream(folder / "decoding.json", std::ios::app) << "";
  const auto trained = Model::load(folder.path());
  REQUIRE(trained.ok());
  CHECK(fingerprint_of(*(*trained)->weights) != fingerprint_of(*(*model)->weights));
}
