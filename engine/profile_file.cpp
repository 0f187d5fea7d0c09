#include "engine/profile_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/model/fingerprint.h"
#include "kernels/cpu/parallel.h"

namespace seedling {
namespace {

using nlohmann::json;

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

// Changes whenever the program is built anew, and with it the speed of its kernels.
std::string program_stamp() {
  struct stat file {};
  std::string stamp = SEEDLING_VERSION;
  if (::stat("/proc/self/exe", &file) == 0) {
    stamp += " " + std::to_string(file.st_size) + " " + std::to_string(file.st_mtim.tv_sec);
  }
  return stamp;
}

json json_of(const PassTimes& times) {
  return {{"sizes", times.sizes}, {"contexts", times.contexts}, {"ms", times.ms}};
}

json json_of(const ProfileKey& key) {
  return {{"weights", key.weights}, {"backend", key.backend}, {"device", key.device},
          {"threads", key.threads}, {"cpu", key.cpu},         {"program", key.program}};
}

// The name of a processor may hold any bytes.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

PassTimes times_of(const json& object) {
  PassTimes times;
  object.at("sizes").get_to(times.sizes);
  object.at("contexts").get_to(times.contexts);
  object.at("ms").get_to(times.ms);
  return times;
}

}  // namespace

ProfileKey profile_key(const Model& model, std::string_view backend, const BackendOptions& options) {
  ProfileKey key;
  key.weights = fingerprint_of(*model.weights);
  key.backend = backend;
  key.device = options.device;
  key.threads = options.threads > 0 ? options.threads : kernels::available_threads();
  key.cpu = cpu_name();
  key.program = program_stamp();
  return key;
}

std::string profile_path(const std::string& folder, const ProfileKey& key) {
  const std::string name = "profile-" + digest_of(text_of(json_of(key))).substr(0, 16) + ".json";
  return (std::filesystem::path(folder) / name).string();
}

std::optional<StepProfile> read_profile(const std::string& path, const ProfileKey& key) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  try {
    const json root = json::parse(file);
    if (text_of(root.at("of")) != text_of(json_of(key))) return std::nullopt;
    const StepProfile profile{times_of(root.at("step")), times_of(root.at("extend")),
                              times_of(root.at("causal"))};
    if (profile.is_sound()) return profile;
  } catch (const json::exception&) {
    // Damaged: it will be measured and written again.
  }
  return std::nullopt;
}

std::string profile_json(const ProfileKey& key, const StepProfile& profile) {
  const json root = {{"of", json_of(key)},
                     {"step", json_of(profile.step)},
                     {"extend", json_of(profile.extend)},
                     {"causal", json_of(profile.causal)}};
  return text_of(root);
}

Status write_profile(const std::string& path, const ProfileKey& key, const StepProfile& profile) {
  namespace fs = std::filesystem;
  std::error_code problem;
  fs::create_directories(fs::path(path).parent_path(), problem);
  const std::string temporary = path + "." + std::to_string(::getpid());
  std::ofstream file(temporary, std::ios::binary);
  file << profile_json(key, profile) << "\n" << std::flush;
  if (file) fs::rename(temporary, path, problem);
  if (file && !problem) return Done{};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return invalid_input("cannot write the profile to " + path);
}

}  // namespace seedling
