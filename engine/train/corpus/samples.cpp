#include "engine/train/corpus/samples.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace seedling {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The fields that are texts, by their name on disk.
constexpr std::pair<const char*, std::string Sample::*> kTexts[] = {
    {"language", &Sample::language}, {"path", &Sample::path},       {"prefix", &Sample::prefix},
    {"suffix", &Sample::suffix},     {"message", &Sample::message}, {"draft", &Sample::draft},
    {"middle", &Sample::middle}};

json to_json(const Sample& sample) {
  json out;
  for (const auto& [name, field] : kTexts) out[name] = sample.*field;
  if (!sample.tokens.empty()) {
    out["tokens"] = sample.tokens;
    out["steps"] = sample.steps;
    out["block"] = sample.block;
  }
  return out;
}

Result<Sample> from_json(const json& object, const std::string& where) {
  Sample sample;
  try {
    for (const auto& [name, field] : kTexts) sample.*field = object.at(name).get<std::string>();
    if (object.contains("tokens")) {
      sample.tokens = object.at("tokens").get<std::vector<TokenId>>();
      sample.steps = object.at("steps").get<std::vector<int>>();
      sample.block = object.at("block").get<int>();
    }
  } catch (const json::exception& problem) {
    return invalid_input(where + ": " + problem.what() + "; remove the file and make it again");
  }
  if (sample.steps.size() != sample.tokens.size() || (!sample.tokens.empty() && sample.block < 1))
    return invalid_input(where + ": tokens, steps and block do not belong together; make the file again");
  return sample;
}

}  // namespace

std::string diagnosed_path(const std::string& corpus, const std::string& split) {
  return corpus + "/diagnosed-" + split + ".jsonl";
}

Status write_samples(const std::string& path, const std::vector<Sample>& samples) {
  const std::string unfinished = path + ".part";
  std::ofstream out(unfinished, std::ios::binary);
  for (const Sample& sample : samples)
    out << to_json(sample).dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
  out.close();
  std::error_code failed;
  if (out) fs::rename(unfinished, path, failed);
  if (!out || failed) return invalid_input(path + ": cannot be written; is the disk full?");
  return Done{};
}

Result<std::vector<Sample>> read_samples(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return not_found(path + ": cannot be opened");
  std::vector<Sample> samples;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string where = path + ":" + std::to_string(++number);
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object())
      return invalid_input(where + ": is no JSON object; remove the file and make it again");
    samples.push_back(TRY(from_json(object, where)));
  }
  return samples;
}

}  // namespace seedling
