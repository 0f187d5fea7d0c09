#include "engine/model/decoding_table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/model/fingerprint.h"

namespace seedling {
namespace {

using nlohmann::json;

constexpr const char* kFile = "decoding.json";
constexpr int kLargestBlock = 256;
constexpr int kMostRows = 1000;

bool is_between(double value, double least, double most) {
  return value >= least && value <= most;  // false for NaN
}

// A field that is missing or of the wrong type throws json::exception.
bool read_rows(const json& root, DecodingTable& table) {
  table.tokens_per_hole = root.at("tokens_per_hole").get<double>();
  if (!is_between(table.tokens_per_hole, 1, 1e6) || root.at("rows").size() > kMostRows) return false;
  for (const json& item : root.at("rows")) {
    const double block = item.at("block").get<double>();
    DecodingRow row;
    row.threshold = item.at("threshold").get<float>();
    row.tokens_per_step = item.at("tokens_per_step").get<double>();
    row.is_safe = item.at("is_safe").get<bool>();
    if (!is_between(block, 1, kLargestBlock) || !is_between(row.threshold, 0, 1)) return false;
    if (!is_between(row.tokens_per_step, 0.1, kLargestBlock)) return false;
    row.block = static_cast<int>(block);
    table.rows.push_back(row);
  }
  return std::any_of(table.rows.begin(), table.rows.end(), [](const DecodingRow& r) { return r.is_safe; });
}

}  // namespace

Result<DecodingTable> DecodingTable::load(const Model& model) {
  const std::string path = (std::filesystem::path(model.directory) / kFile).string();
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found(path + " is missing: seedling eval infill --sweep --json writes it");
  return parse(std::string(std::istreambuf_iterator<char>(file), {}), path, fingerprint_of(*model.weights));
}

Result<DecodingTable> DecodingTable::parse(std::string_view text, const std::string& origin,
                                           const std::string& fingerprint) {
  try {
    const json root = json::parse(text);
    if (root.at("weights").get<std::string>() != fingerprint) {
      return invalid_input(origin + " was measured on other weights: seedling eval infill --sweep --json " +
                           "measures these");
    }
    DecodingTable table;
    if (read_rows(root, table)) return table;
  } catch (const json::exception&) {
    // Said below, whatever it was.
  }
  return invalid_input(origin + " is damaged: seedling eval infill --sweep --json writes it anew");
}

DecodingTable unmeasured_table(const ModelConfig& config) {
  DecodingTable table;
  table.rows.push_back({config.diffusion.default_block});
  return table;
}

}  // namespace seedling
