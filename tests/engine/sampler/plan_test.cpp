#include "engine/sampler/plan.h"

#include <doctest/doctest.h>

#include <limits>

using namespace seedling;

namespace {

// A pass takes `fixed` milliseconds and `each` for every token, `behind` for every cached one.
StepProfile line_profile(double fixed, double each, double behind = 0) {
  const auto times = [&](std::vector<int> sizes) {
    PassTimes taken{std::move(sizes), {0, 1000}, {}};
    for (const int context : taken.contexts) {
      for (const int size : taken.sizes) taken.ms.push_back(fixed + each * size + behind * context);
    }
    return taken;
  };
  return {times({1, 2, 4, 8, 16, 32, 64}), times({1, 4, 16, 64, 256}), times({1})};
}

// What a good model commits: half of a block a step.
const std::vector<DecodingRow> kHalves = {
    {2, 0.9f, 1}, {4, 0.9f, 2}, {8, 0.9f, 4}, {16, 0.9f, 8}, {32, 0.9f, 16}};
// What a weak one does: hardly more than a token, however large the block.
const std::vector<DecodingRow> kOnes = {
    {2, 0.9f, 1}, {4, 0.9f, 1.05}, {8, 0.9f, 1.1}, {16, 0.9f, 1.1}, {32, 0.9f, 1.1}};

PlanLimits hole_of(double tokens) {
  PlanLimits limits;
  limits.hole_tokens = tokens;
  return limits;
}

}  // namespace

TEST_CASE("profile: times lie on lines between the points and go on beyond them") {
  const PassTimes times{{1, 4}, {0, 100}, {1, 4, 3, 6}};
  CHECK(times.at(1, 0) == doctest::Approx(1));
  CHECK(times.at(2, 0) == doctest::Approx(2));
  CHECK(times.at(4, 50) == doctest::Approx(5));
  CHECK(times.at(2, 50) == doctest::Approx(3));
  CHECK(times.at(8, 0) == doctest::Approx(8));
  CHECK(times.at(1, 200) == doctest::Approx(5));
  CHECK(times.at(0, -5) == doctest::Approx(1));
  // Noise made the larger pass faster: beyond it nothing is faster still.
  const PassTimes falling{{1, 4}, {0}, {4, 1}};
  CHECK(falling.at(4, 0) == doctest::Approx(1));
  CHECK(falling.at(100, 7) == doctest::Approx(1));
  const PassTimes one{{1}, {0}, {3}};
  CHECK(one.at(64, 64) == doctest::Approx(3));
}

TEST_CASE("profile: what is no profile is recognized") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(PassTimes{{1, 2}, {0}, {1, 2}}.is_sound());
  for (const PassTimes& times :
       {PassTimes{}, PassTimes{{1, 2}, {0}, {1}}, PassTimes{{2, 1}, {0}, {1, 2}},
        PassTimes{{1, 1}, {0}, {1, 2}}, PassTimes{{0, 1}, {0}, {1, 2}}, PassTimes{{1, 2}, {-1}, {1, 2}},
        PassTimes{{1, 2}, {0}, {1, nan}}, PassTimes{{1, 2}, {0}, {1, 0}}, PassTimes{{1, 2}, {}, {}}}) {
    CHECK(!times.is_sound());
  }
  CHECK(assumed_profile(true).is_sound());
  CHECK(assumed_profile(false).is_sound());
}

TEST_CASE("profile: a long context is computed in passes as long as were measured") {
  const StepProfile profile = line_profile(1, 0.1);
  CHECK(profile.extend_ms(0, 0) == 0);
  CHECK(profile.extend_ms(1, 0) == doctest::Approx(1.1));
  CHECK(profile.extend_ms(256, 0) == doctest::Approx(26.6));
  CHECK(profile.extend_ms(512 + 10, 0) == doctest::Approx(2 * 26.6 + 2));
}

TEST_CASE("plan: large blocks where a pass costs the same whatever its size") {
  CHECK(choose_plan(line_profile(10, 0.001), kHalves, hole_of(64)).block == 32);
  // Not where a step commits no more in them: a block becomes context in the first pass of the next one.
  CHECK(choose_plan(line_profile(10, 0.001), kOnes, hole_of(64)).block == 8);
}

TEST_CASE("plan: small blocks where every token costs") {
  CHECK(choose_plan(line_profile(0.01, 1), kOnes, hole_of(12)).block == 2);
  CHECK(choose_plan(line_profile(1, 0.2), kOnes, hole_of(12)).block < 16);
  CHECK(choose_plan(line_profile(1, 0.2), kHalves, hole_of(12)).block == 16);
}

TEST_CASE("plan: the larger the share of a pass that every pass pays, the larger the block") {
  int last = 0;
  for (const double each : {10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.0}) {
    const int block = choose_plan(line_profile(1, each), kOnes, hole_of(24)).block;
    CHECK(block >= last);
    last = block;
  }
  CHECK(last > 2);
}

TEST_CASE("plan: what it promises is the time of its steps and of the blocks that become context") {
  const std::vector<DecodingRow> row = {{8, 0.7f, 2}};
  const Plan plan = choose_plan(line_profile(1, 0.5), row, hole_of(17));
  CHECK(plan.threshold == 0.7f);
  CHECK(plan.tokens_per_step == doctest::Approx(2));
  // 8.5 steps of 5 ms; two of them are longer by a block of 4 ms.
  CHECK(plan.tokens_per_ms == doctest::Approx(17 / (8.5 * 5 + 2 * 4)));
  // What does not fit into the next pass has one of its own.
  const std::vector<DecodingRow> large = {{64, 0.7f, 2}};
  const Plan slow = choose_plan(line_profile(1, 0.5), large, hole_of(65));
  CHECK(slow.tokens_per_ms == doctest::Approx(65 / (32.5 * 33 + 33)));
}

TEST_CASE("plan: rows whose text is worse are never chosen") {
  const std::vector<DecodingRow> rows = {{16, 0.3f, 8, false}, {16, 0.9f, 1.1, true}, {32, 0.3f, 30, false}};
  for (const double budget : {0.0, 1.0, 100.0}) {
    PlanLimits limits = hole_of(20);
    limits.budget_ms = budget;
    const Plan plan = choose_plan(line_profile(1, 0.01), rows, limits);
    CHECK(plan.block == 16);
    CHECK(plan.threshold == 0.9f);
  }
}

TEST_CASE("plan: under a budget what is done in time counts, in whole steps") {
  // A step of the large block takes 67 ms and commits 40 tokens, one of the small block 7 ms and 2.
  const StepProfile profile = line_profile(3, 1);
  const std::vector<DecodingRow> rows = {{4, 0.9f, 2}, {64, 0.9f, 40}};
  PlanLimits limits = hole_of(40);
  CHECK(choose_plan(profile, rows, limits).block == 64);
  limits.budget_ms = 1000;
  CHECK(choose_plan(profile, rows, limits).block == 64);
  limits.budget_ms = 60;
  CHECK(choose_plan(profile, rows, limits).block == 4);
  // What the prefill takes is gone.
  limits.budget_ms = 120;
  CHECK(choose_plan(profile, rows, limits).block == 64);
  limits.context_tokens = limits.uncached_tokens = 40;
  CHECK(choose_plan(profile, rows, limits).block == 4);
  limits.budget_ms = 1;  // nothing is done in time, whatever is chosen
  CHECK(choose_plan(profile, rows, limits).block == 64);
}

TEST_CASE("planner: a fixed one never changes") {
  Planner planner(8, 0.8f);
  for (int hole = 0; hole < 50; ++hole) {
    const Plan plan = planner.plan({}, "python");
    CHECK(plan.block == 8);
    CHECK(plan.threshold == 0.8f);
    planner.observe(plan, "python", 100, 1);
  }
}

TEST_CASE("planner: easy text makes blocks larger, in its own language") {
  const std::vector<DecodingRow> rows = {{2, 0.9f, 1.3}, {16, 0.9f, 1.6}};
  Planner planner({12, rows}, line_profile(1, 0.02));
  const Plan before = planner.plan({}, "python");
  CHECK(before.block == 2);
  // 24 tokens in 13 steps.
  for (int hole = 0; hole < 300; ++hole) planner.observe(planner.plan({}, "python"), "python", 24, 13);
  const Plan easy = planner.plan({}, "python");
  CHECK(easy.block == 16);
  CHECK(easy.tokens_per_step > 1.8);
  CHECK(planner.plan({}, "cpp").block == 2);
  // And back when the text becomes hard again.
  for (int hole = 0; hole < 1000; ++hole) planner.observe(planner.plan({}, "python"), "python", 12, 12);
  CHECK(planner.plan({}, "python").block == 2);
  planner.observe(before, "python", 0, 5);  // nothing came out: nothing is learnt
  CHECK(planner.plan({}, "python").block == 2);
}
