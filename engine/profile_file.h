// engine/profile_file.h
//
// The cache of measured profiles: one JSON file for each model, device and machine.
//   A profile is found again by everything that its times depend on: the weights, the backend, the device,
//   the threads, the processor and the program itself. Any thread; several processes may read and write at a
//   time. Errors: reading never fails, a file that is missing, damaged or of something else is no profile;
//   writing says which file it could not write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/backend.h"
#include "engine/result.h"
#include "engine/sampler/profile.h"

namespace seedling {

struct ProfileKey {
  std::string weights;  // fingerprint.h
  std::string backend, device;
  int threads = 0;
  std::string cpu;      // as the system names it
  std::string program;  // version, size and date of the executable

  bool operator==(const ProfileKey&) const = default;
};

ProfileKey profile_key(const Model& model, std::string_view backend, const BackendOptions& options);

// The file of this key in a folder of the cache.
std::string profile_path(const std::string& folder, const ProfileKey& key);

std::optional<StepProfile> read_profile(const std::string& path, const ProfileKey& key);

// Makes the folder; writes to a temporary file and renames it, so that nobody reads half of it.
Status write_profile(const std::string& path, const ProfileKey& key, const StepProfile& profile);

// As the file holds it; `profile --json` prints it too.
std::string profile_json(const ProfileKey& key, const StepProfile& profile);

}  // namespace seedling
