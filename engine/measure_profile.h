// engine/measure_profile.h
//
// ProfileMeasurement: times the passes of a model, one at a time, so that whoever has something better to do
// can stop between any two.
//   Owns a sequence of its own: what is cached for the user stays. The engine thread only; sessions of one
//   model take turns.
//   Rounds: every point once, as the shortest of a few passes in a row, which forgets a moment's disturbance;
//   the median over the rounds forgets what disturbed a whole one. Errors: those of the backend.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cache/cached_sequence.h"
#include "engine/sampler/profile.h"

namespace seedling {

struct MeasureOptions {
  int rounds = 5;
  double most_ms = 2000;       // no further round is begun after this long
  double longest_pass_ms = 0;  // give up where a pass takes longer; 0: however long
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

class ProfileMeasurement {
 public:
  static Result<ProfileMeasurement> open(const Backend& backend, std::shared_ptr<const Model> model,
                                         const BackendOptions& backend_options, MeasureOptions options = {});

  // One point, some 2 ms or a single longer pass; or a pass to get to the next context. REQUIRES: not done.
  Status advance();
  bool is_done() const { return has_given_up_ || round_ == options_.rounds; }

  // Nothing where it gave up. REQUIRES: is_done().
  std::optional<StepProfile> profile() const;

 private:
  struct Point {
    PassTimes StepProfile::*kind;
    int context = 0, size = 0;
    std::vector<double> ms;
  };

  ProfileMeasurement(std::unique_ptr<CachedSequence> sequence, const ModelConfig& config,
                     MeasureOptions options);
  Result<double> time_pass(const Point& point);
  void begin_next_round();

  MeasureOptions options_;                    // constant after construction
  TokenId mask_ = 0, vocab_ = 0;              // the same
  std::unique_ptr<CachedSequence> sequence_;  // holds the context of the next point
  std::vector<Point> points_;                 // by context
  std::size_t next_ = 0;                      // of points_
  int round_ = 0;
  double spent_ms_ = 0;
  bool has_given_up_ = false;
};

}  // namespace seedling
