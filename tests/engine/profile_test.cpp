// The measurement on a machine of our own making, and its cache.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/measure_profile.h"
#include "engine/profile_file.h"
#include "tests/engine/scripted_backend.h"
#include "tests/support/tiny_model.h"

using namespace seedling;
using namespace seedling::test;

namespace {

using Clock = std::chrono::steady_clock;

// The time of a machine on which only passes take any.
Clock::time_point& machine_time() {
  static Clock::time_point time;
  return time;
}

void spend(double ms) {
  machine_time() +=
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(ms));
}

double disturbance_ms = 0;  // of every pass

double pass_ms(int tokens, int context, int asked) {
  return 1 + 0.01 * tokens + 0.001 * context + 0.1 * asked;
}

const Backend& timed_backend() {
  static const Backend backend = [] {
    Backend made = scripted_backend();
    made.forward = [](BackendSession* session, const Pass& pass, std::span<const RowQuery> queries,
                      std::span<RowAnswer> answers) -> Status {
      const int cached = scripted_backend().length(session);
      spend(disturbance_ms +
            pass_ms(static_cast<int>(pass.tokens.size()), cached, static_cast<int>(queries.size())));
      return scripted_backend().forward(session, pass, queries, answers);
    };
    return made;
  }();
  return backend;
}

ProfileMeasurement open_measurement(MeasureOptions options) {
  set_script([](auto, auto, int) { return Scripted{40}; });
  options.now = [] { return machine_time(); };
  auto measurement = ProfileMeasurement::open(timed_backend(), load_tiny_model(), {}, options);
  REQUIRE(measurement.ok());
  return std::move(*measurement);
}

StepProfile profile_of(ProfileMeasurement& measurement) {
  while (!measurement.is_done()) REQUIRE(measurement.advance().ok());
  const std::optional<StepProfile> profile = measurement.profile();
  REQUIRE(profile.has_value());
  CHECK(profile->is_sound());
  return *profile;
}

ProfileKey some_key() {
  return {"w", "cpu", "cpu", 2, "A \"CPU\" \xff", "0.1 17"};
}

const StepProfile kProfile{{{1, 2}, {0, 256}, {0.1, 0.25, 1.0 / 3, 4}}, {{1}, {0}, {5}}, {{1}, {0}, {6e-3}}};

void check_same(const PassTimes& a, const PassTimes& b) {
  CHECK(a.sizes == b.sizes);
  CHECK(a.contexts == b.contexts);
  CHECK(a.ms == b.ms);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("profile: measures what passes take") {
  disturbance_ms = 0;
  ProfileMeasurement measurement = open_measurement({});
  const StepProfile profile = profile_of(measurement);
  for (const int block : {1, 2, 4, 8, 16, 32, 64}) {
    for (std::size_t i = 0; i < profile.step.contexts.size(); ++i) {
      const int context = profile.step.contexts[i];
      CHECK(profile.step_ms(block, context) == doctest::Approx(pass_ms(block, context, (block + 1) / 2)));
    }
  }
  CHECK(profile.extend_ms(16, 0) == doctest::Approx(pass_ms(16, 0, 0)));
  CHECK(profile.extend_ms(256, 0) == doctest::Approx(pass_ms(256, 0, 0)));
  CHECK(profile.causal_ms(0) == doctest::Approx(pass_ms(1, 0, 1)));
}

TEST_CASE("profile: a busy neighbour for a while changes nothing") {
  MeasureOptions options;
  options.most_ms = 1e9;
  ProfileMeasurement measurement = open_measurement(options);
  int advances = 0;
  while (!measurement.is_done()) {
    // About a third of the time, for many passes in a row.
    disturbance_ms = advances % 60 < 20 ? 30 : 0;
    REQUIRE(measurement.advance().ok());
    ++advances;
  }
  disturbance_ms = 0;
  const std::optional<StepProfile> profile = measurement.profile();
  REQUIRE(profile.has_value());
  CHECK(profile->step_ms(16, 0) == doctest::Approx(pass_ms(16, 0, 8)));
  CHECK(profile->step_ms(64, 256) == doctest::Approx(pass_ms(64, 256, 32)));
}

TEST_CASE("profile: ends in time, and gives up where passes are slow") {
  disturbance_ms = 0;
  MeasureOptions short_one;
  short_one.rounds = 1000;
  short_one.most_ms = 1;
  ProfileMeasurement measurement = open_measurement(short_one);
  int advances = 0;
  for (; !measurement.is_done(); ++advances) REQUIRE(measurement.advance().ok());
  CHECK(advances < 100);  // one round
  CHECK(measurement.profile().has_value());

  MeasureOptions patient;
  patient.longest_pass_ms = 0.5;
  ProfileMeasurement slow = open_measurement(patient);
  REQUIRE(slow.advance().ok());
  CHECK(slow.is_done());
  CHECK(!slow.profile().has_value());
}

TEST_CASE("profile: a model with little room is measured as far as it goes") {
  TinyModelOptions tiny;
  tiny.config.max_position_embeddings = 24;
  set_script([](auto, auto, int) { return Scripted{40}; });
  MeasureOptions options;
  options.now = [] { return machine_time(); };
  auto measurement = ProfileMeasurement::open(timed_backend(), load_tiny_model(tiny), {}, options);
  REQUIRE(measurement.ok());
  const StepProfile profile = profile_of(*measurement);
  CHECK(profile.step.contexts == std::vector<int>{0});
  CHECK(profile.step.sizes == std::vector<int>{1, 2, 4, 8, 16});
  CHECK(profile.step_ms(64, 900) > profile.step_ms(16, 0));
}

TEST_CASE("profile: a backend that fails ends the measurement with its error") {
  ProfileMeasurement measurement = open_measurement({});
  scripted_state().fail_after = 0;
  CHECK(!measurement.advance().ok());
}

TEST_CASE("profile file: what is written is read, by the same key only") {
  const TemporaryFolder folder;
  const ProfileKey key = some_key();
  const std::string path = profile_path(folder / "not/yet/there", key);
  CHECK(!read_profile(path, key));
  REQUIRE(write_profile(path, key, kProfile).ok());
  const std::optional<StepProfile> read = read_profile(path, key);
  REQUIRE(read.has_value());
  check_same(read->step, kProfile.step);
  check_same(read->extend, kProfile.extend);
  check_same(read->causal, kProfile.causal);
  // Nothing but the file itself is left in the folder.
  const std::filesystem::directory_iterator files(folder / "not/yet/there");
  CHECK(std::distance(begin(files), end(files)) == 1);

  for (int field = 0; field < 6; ++field) {
    ProfileKey other = key;
    if (field == 0) other.weights = "x";
    if (field == 1) other.backend = "plain";
    if (field == 2) other.device = "cuda";
    if (field == 3) other.threads = 3;
    if (field == 4) other.cpu = "B";
    if (field == 5) other.program = "0.2 17";
    CHECK(!read_profile(path, other));
    CHECK(profile_path(folder.path(), other) != profile_path(folder.path(), key));
  }
}

TEST_CASE("profile file: a damaged one is no profile, and is written anew") {
  const TemporaryFolder folder;
  const ProfileKey key = some_key();
  const std::string path = profile_path(folder.path(), key);
  REQUIRE(write_profile(path, key, kProfile).ok());
  const std::string whole = text_of(path);
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    CHECK(!read_profile(path, key));
  }
  StepProfile broken = kProfile;
  broken.step.ms[1] = -1;
  REQUIRE(write_profile(path, key, broken).ok());
  CHECK(!read_profile(path, key));
  for (const char* text : {"null", "[1,2]", "{\"of\":{}}", "\xff\xfe"}) {
    std::ofstream(path, std::ios::binary) << text;
    CHECK(!read_profile(path, key));
  }
  REQUIRE(write_profile(path, key, kProfile).ok());
  CHECK(read_profile(path, key));
}

TEST_CASE("profile file: a folder that cannot be made is an error") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  const Status status = write_profile(profile_path(folder / "file", some_key()), some_key(), kProfile);
  REQUIRE(!status.ok());
  CHECK(status.error().message.find(folder / "file") != std::string::npos);
}
