// The int8 kernels against naive double-precision loops over awkward sizes, and every instruction set of this
// machine against the portable one.
#include "kernels/int8.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cpu/int8_loops.h"
#include "kernels/cpu/loops.h"
#include "tests/support/close.h"
#include "tests/support/random.h"

namespace seedling::kernels {
namespace {

using test::require_close;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> random_values(std::mt19937_64& random, std::size_t count, double scale = 1) {
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>((static_cast<double>(random() >> 11) * 0x1p-52 - 1.0) * scale);
  }
  return values;
}

std::vector<const Int8Loops*> all_loops() {
  std::vector<const Int8Loops*> all = {portable_int8_loops()};
  for (const Int8Loops* loops : {avx2_int8_loops(), avx_vnni_int8_loops(), avx512_vnni_int8_loops(),
                                 neon_int8_loops(), neon_dot_int8_loops()}) {
    if (loops) all.push_back(loops);
  }
  return all;
}

// A matrix with memory of its own, and the values that its int8 weights stand for.
struct Packed {
  AlignedArray<std::uint8_t> panels;
  std::vector<float> scales;
  Int8Matrix view;
  std::vector<float> values;  // [N,I]

  Packed(std::span<const float> w, int outputs, int inputs)
      : panels(int8_panel_bytes(outputs, inputs)),
        scales(static_cast<std::size_t>(outputs)),
        values(w.size()) {
    std::fill_n(panels.data(), panels.size(), kInt8Zero);
    view = {outputs, inputs, panels.data(), scales.data()};
    for (int n = 0; n < outputs; ++n) {
      const std::size_t at = static_cast<std::size_t>(n) * inputs;
      pack_int8_row(w.data() + at, inputs, n, panels.data(), scales.data());
      unpack_int8_row(view, n, values.data() + at);
    }
  }
};

// The values that quantised activations stand for, [M,I].
std::vector<float> values_of(const Int8Activations& x, int m) {
  std::vector<float> values;
  for (int row = 0; row < m; ++row) {
    for (int i = 0; i < x.inputs(); ++i)
      values.push_back(static_cast<float>(x.values(row)[i]) * x.scales()[row]);
  }
  return values;
}

std::vector<double> naive_linear(std::span<const float> x, const Packed& w, int m) {
  const int n = w.view.outputs, inputs = w.view.inputs;
  std::vector<double> y(static_cast<std::size_t>(m) * n);
  for (int row = 0; row < m; ++row) {
    for (int output = 0; output < n; ++output) {
      for (int i = 0; i < inputs; ++i) {
        y[row * n + output] +=
            static_cast<double>(x[row * inputs + i]) * static_cast<double>(w.values[output * inputs + i]);
      }
    }
  }
  return y;
}

TEST_CASE("packed rows lie where the header says, and come back") {
  const int outputs = 17, inputs = 5;
  std::vector<float> w(outputs * inputs);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i % 7) - 3;
  w[16 * inputs + 4] = 127;
  const Packed packed(w, outputs, inputs);
  REQUIRE(packed.panels.size() == 2 * 2 * 64);
  CHECK(packed.view.panels[1 * 128 + 1 * 64 + 0 * 4 + 0] == 128 + 127);  // output 16, input 4
  CHECK(packed.view.panels[1 * 128 + 1 * 64 + 0 * 4 + 1] == kInt8Zero);  // input 5: padding
  CHECK(packed.view.panels[1 * 128 + 0 * 64 + 1 * 4 + 0] == kInt8Zero);  // output 17: padding
  CHECK(packed.scales[16] == 1.0f);
  CHECK(packed.values[16 * inputs + 4] == 127);
  for (int n = 0; n < 16; ++n) {
    for (int i = 0; i < inputs; ++i) {
      CHECK(std::abs(packed.values[n * inputs + i] - w[n * inputs + i]) <= packed.scales[n] / 2 * 1.0001f);
    }
  }
}

TEST_CASE("rows that int8 cannot hold: zeros, the smallest floats, infinities") {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const std::vector<float> w = {0, 0, tiny, -3 * tiny, kInfinity, 1, kNan, 1, 3e38f, -1};
  const Packed packed(w, 5, 2);
  CHECK(packed.scales[0] == 0);
  CHECK(std::isfinite(packed.scales[1]));
  CHECK(std::isnan(packed.scales[2]));
  CHECK(std::isnan(packed.scales[3]));
  CHECK(packed.values[8] == doctest::Approx(3e38f));
  for (const float value : {packed.values[0], packed.values[1]}) CHECK(value == 0);
}

TEST_CASE("quantised rows: nearest of 255 levels, offset, zeros behind them, on every set") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  Workers workers(1);
  for (const Int8Loops* loops : all_loops()) {
    for (const int inputs : {1, 7, 16, 22, 257}) {
      INFO(loops->name, " inputs ", inputs);
      const auto x = random_values(random, 3 * inputs), gain = random_values(random, inputs);
      Int8Activations out;
      out.reserve(3, inputs);
      int8_quantize(workers, *loops, x.data(), inputs, 3, out);
      for (int row = 0; row < 3; ++row) {
        int sum = 0;
        for (int i = 0; i < inputs; ++i) {
          const int q = out.values(row)[i];
          sum += q;
          REQUIRE(q >= -127);
          REQUIRE(std::abs(static_cast<float>(q) * out.scales()[row] - x[row * inputs + i]) <=
                  out.scales()[row] * 0.5001f);
        }
        for (std::size_t i = inputs; i < out.stride(); ++i) REQUIRE(out.values(row)[i] == 0);
        REQUIRE(out.offsets()[row] == 128 * sum);
      }

      int8_rmsnorm(workers, *loops, x.data(), inputs, gain.data(), 1e-6f, 3, out);
      for (int row = 0; row < 3; ++row) {
        double squares = 0;
        for (int i = 0; i < inputs; ++i)
          squares += static_cast<double>(x[row * inputs + i]) * x[row * inputs + i];
        for (int i = 0; i < inputs; ++i) {
          const double expected = x[row * inputs + i] / std::sqrt(squares / inputs + 1e-6) * gain[i];
          const double actual = static_cast<double>(out.values(row)[i]) * out.scales()[row];
          REQUIRE(std::abs(actual - expected) <= out.scales()[row] * 0.501);
        }
      }
    }
  }
}

TEST_CASE("linears agree with naive loops for every size, on every set") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  Workers workers(3);
  for (const int inputs : {1, 22, 257}) {
    for (const int n : {1, 15, 17, 331}) {
      const Packed a(random_values(random, static_cast<std::size_t>(n) * inputs), n, inputs);
      const Packed b(random_values(random, static_cast<std::size_t>(n + 40) * inputs), n + 40, inputs);
      for (const int m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 67}) {
        Int8Activations x;
        x.reserve(m, inputs);
        const auto values = random_values(random, static_cast<std::size_t>(m) * inputs);
        const auto bias = random_values(random, n);
        for (const Int8Loops* loops : all_loops()) {
          INFO(loops->name, " inputs ", inputs, " n ", n, " m ", m);
          int8_quantize(workers, *portable_int8_loops(), values.data(), inputs, m, x);
          const auto used = values_of(x, m);
          const auto expected_a = naive_linear(used, a, m), expected_b = naive_linear(used, b, m);
          // One value more per row than it needs: what must survive.
          const std::size_t stride_a = n + 1, stride_b = n + 41;
          std::vector<float> y_a(m * stride_a, 77.0f), y_b(m * stride_b, 3.0f);
          const Int8Linear both[] = {{a.view, bias.data(), y_a.data(), stride_a, false},
                                     {b.view, nullptr, y_b.data(), stride_b, true}};
          int8_linears(workers, *loops, x, m, both);
          const double tolerance = 1e-6 * std::sqrt(inputs) + 2e-7;
          for (int row = 0; row < m; ++row) {
            std::vector<double> wanted_a, wanted_b;
            for (int i = 0; i < n; ++i) wanted_a.push_back(expected_a[row * n + i] + bias[i]);
            for (int i = 0; i < n + 40; ++i) wanted_b.push_back(expected_b[row * (n + 40) + i] + 3);
            require_close<double>(std::span<const float>(y_a).subspan(row * stride_a, n), wanted_a,
                                  tolerance);
            require_close<double>(std::span<const float>(y_b).subspan(row * stride_b, n + 40), wanted_b,
                                  tolerance);
            REQUIRE(y_a[row * stride_a + n] == 77.0f);
            REQUIRE(y_b[row * stride_b + n + 40] == 3.0f);
          }
          std::vector<float> gated(m * stride_a, 77.0f);
          const Packed& gate = a;
          const Int8Matrix up = {n, inputs, b.panels.data(), b.scales.data()};  // its first n outputs
          int8_swiglu(workers, *loops, x, m, gate.view, up, gated.data(), stride_a);
          for (int row = 0; row < m; ++row) {
            std::vector<double> wanted;
            for (int i = 0; i < n; ++i) {
              const double g = expected_a[row * n + i];
              wanted.push_back(g / (1 + std::exp(-g)) * expected_b[row * (n + 40) + i]);
            }
            require_close<double>(std::span<const float>(gated).subspan(row * stride_a, n), wanted,
                                  4 * tolerance);
            REQUIRE(gated[row * stride_a + n] == 77.0f);
          }
        }
      }
    }
  }
}

TEST_CASE("a row alone equals the row among others, for every number of threads, bit for bit") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  const int n = 1000, inputs = 200, m = 67;
  const Packed w(random_values(random, n * inputs), n, inputs),
      up(random_values(random, n * inputs), n, inputs);
  const auto values = random_values(random, m * inputs), gain = random_values(random, inputs);
  for (const Int8Loops* loops : all_loops()) {
    CAPTURE(loops->name);
    const auto compute = [&](int threads, int first, int count) {
      Workers workers(threads);
      Int8Activations x;
      x.reserve(count, inputs);
      int8_rmsnorm(workers, *loops, values.data() + first * inputs, inputs, gain.data(), 1e-6f, count, x);
      std::vector<float> y(static_cast<std::size_t>(count) * 2 * n, 0.25f);
      const Int8Linear linear = {w.view, nullptr, y.data(), 2 * n, true};
      int8_linears(workers, *loops, x, count, {&linear, 1});
      int8_swiglu(workers, *loops, x, count, w.view, up.view, y.data() + n, 2 * n);
      std::vector<HeadQuery> queries(static_cast<std::size_t>(count));
      for (HeadQuery& query : queries) query.target = 5;
      std::vector<HeadAnswer> answers(queries.size());
      int8_head(workers, *loops, x, w.view, queries, answers);
      for (const HeadAnswer& answer : answers) {
        y.insert(y.end(), {static_cast<float>(answer.token), answer.confidence, answer.entropy,
                           answer.target_log_probability});
      }
      return y;
    };
    const auto all = compute(1, 0, m);
    REQUIRE(compute(4, 0, m) == all);
    for (const int count : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33}) {
      CAPTURE(count);
      const auto some = compute(3, 11, count);
      for (int row = 0; row < count; ++row) {
        REQUIRE(std::equal(some.begin() + row * 2 * n, some.begin() + (row + 1) * 2 * n,
                           all.begin() + (row + 11) * 2 * n));
        REQUIRE(std::equal(some.begin() + count * 2 * n + row * 4, some.begin() + count * 2 * n + row * 4 + 4,
                           all.begin() + m * 2 * n + (row + 11) * 4));
      }
    }
  }
}

TEST_CASE("a row that cannot be used gives NaN and leaves the others alone; zeros and huge rows are fine") {
  const int n = 33, inputs = 22, m = 6;
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  const Packed w(random_values(random, n * inputs), n, inputs);
  auto values = random_values(random, m * inputs);
  const auto clean = values;
  values[1 * inputs + 21] = kNan;
  values[2 * inputs + 3] = -kInfinity;
  std::fill_n(values.begin() + 3 * inputs, inputs, 0.0f);
  for (int i = 0; i < inputs; ++i) values[4 * inputs + i] *= 1e37f;
  Workers workers(2);
  for (const Int8Loops* loops : all_loops()) {
    CAPTURE(loops->name);
    const auto compute = [&](std::span<const float> rows) {
      Int8Activations x;
      x.reserve(m, inputs);
      int8_quantize(workers, *loops, rows.data(), inputs, m, x);
      std::vector<float> y(m * n);
      const Int8Linear linear = {w.view, nullptr, y.data(), n, false};
      int8_linears(workers, *loops, x, m, {&linear, 1});
      return y;
    };
    const auto y = compute(values), undisturbed = compute(clean);
    for (int i = 0; i < n; ++i) {
      CHECK(y[i] == undisturbed[i]);
      CHECK(std::isnan(y[n + i]));
      CHECK(std::isnan(y[2 * n + i]));
      CHECK(y[3 * n + i] == 0);
      CHECK(y[4 * n + i] == doctest::Approx(undisturbed[4 * n + i] * 1e37).epsilon(1e-5));
      CHECK(y[5 * n + i] == undisturbed[5 * n + i]);
    }
  }
}

// What the head should say of one row of logits.
HeadAnswer naive_answer(std::span<const float> logits, const HeadQuery& query) {
  const auto is_allowed = [&](std::size_t t) {
    return !query.allowed || (query.allowed[t / 64] >> (t % 64) & 1);
  };
  HeadAnswer answer;
  double largest = -std::numeric_limits<double>::infinity(), best = largest, sum = 0, entropy = 0;
  for (const float x : logits) {
    if (!std::isnan(x)) largest = std::max(largest, static_cast<double>(x));
  }
  for (std::size_t t = 0; t < logits.size(); ++t) {
    const double x = std::isnan(logits[t]) ? -std::numeric_limits<double>::infinity() : logits[t];
    if (is_allowed(t) && (answer.token < 0 || x > best)) {
      best = x;
      answer.token = static_cast<int>(t);
    }
    sum += std::exp(x - largest);
  }
  for (const float x : logits) {
    const double p = std::exp(x - largest) / sum;
    if (p > 0) entropy -= p * std::log(p);
  }
  if (answer.token >= 0) answer.confidence = static_cast<float>(std::exp(best - largest) / sum);
  answer.entropy = static_cast<float>(entropy);
  if (query.target >= 0) {
    answer.target_log_probability = static_cast<float>(logits[query.target] - largest - std::log(sum));
  }
  return answer;
}

TEST_CASE("the head's answers are those of a softmax over written-out logits") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  Workers workers(3);
  const int inputs = 22, m = 37;
  for (const int vocab : {1, 17, 331, 512, 1301}) {
    const std::size_t words = (vocab + 63) / 64;
    for (const double scale : {0.1, 3.0, 200.0}) {
      const Packed w(random_values(random, static_cast<std::size_t>(vocab) * inputs, scale), vocab, inputs);
      Int8Activations x;
      x.reserve(m, inputs);
      const auto values = random_values(random, m * inputs);
      std::vector<float> logits(static_cast<std::size_t>(m) * vocab);
      std::vector<std::vector<std::uint64_t>> allowed(m, std::vector<std::uint64_t>(words));
      std::vector<HeadQuery> queries(m);
      for (int row = 0; row < m; ++row) {
        for (auto& word : allowed[row]) word = row % 5 == 4 ? 0 : random() & random() & random();
        if (row % 3 != 0) queries[row].allowed = allowed[row].data();
        if (row % 4 != 0) queries[row].target = static_cast<int>(random() % vocab);
        queries[row].logits = logits.data() + static_cast<std::size_t>(row) * vocab;
      }
      for (const Int8Loops* loops : all_loops()) {
        int8_quantize(workers, *loops, values.data(), inputs, m, x);
        std::vector<HeadAnswer> answers(m), quiet_answers(m);
        int8_head(workers, *loops, x, w.view, queries, answers);
        require_close<double>(logits, naive_linear(values_of(x, m), w, m), 2e-6 * scale * inputs);
        auto quiet = queries;
        for (HeadQuery& query : quiet) query.logits = nullptr;
        int8_head(workers, *loops, x, w.view, quiet, quiet_answers);
        for (int row = 0; row < m; ++row) {
          INFO(loops->name, " vocab ", vocab, " scale ", scale, " row ", row);
          const HeadAnswer expected = naive_answer(
              std::span(logits).subspan(static_cast<std::size_t>(row) * vocab, vocab), queries[row]);
          REQUIRE(answers[row].token == expected.token);
          REQUIRE(answers[row].confidence == doctest::Approx(expected.confidence).epsilon(1e-4));
          REQUIRE(std::abs(answers[row].entropy - expected.entropy) < 1e-4);
          REQUIRE(std::abs(answers[row].target_log_probability - expected.target_log_probability) <=
                  1e-4 + 1e-6 * std::abs(expected.target_log_probability));
          REQUIRE(quiet_answers[row].token == answers[row].token);
          REQUIRE(quiet_answers[row].entropy == answers[row].entropy);
        }
      }
    }
  }
}

TEST_CASE("the head with nothing to choose from, and with unusable logits") {
  Workers workers(1);
  const int vocab = 700, inputs = 4;
  std::vector<float> values(vocab * inputs, 0.0f);
  for (int t = 0; t < vocab; ++t) values[t * inputs] = t == 600 ? kNan : static_cast<float>(t % 300);
  const Packed w(values, vocab, inputs);
  std::vector<std::uint64_t> none(11), some(11), only_nan(11);
  some[9] = std::uint64_t{1} << 5;       // token 581
  only_nan[9] = std::uint64_t{1} << 24;  // token 600
  const std::vector<float> rows = {1, 0, 0, 0, kNan, 0, 0, 0, 3e38f, 0, 0, 0};
  for (const Int8Loops* loops : all_loops()) {
    CAPTURE(loops->name);
    Int8Activations x;
    x.reserve(3, inputs);
    int8_quantize(workers, *loops, rows.data(), inputs, 3, x);
    const auto ask = [&](int row, HeadQuery query) {
      std::vector<HeadQuery> queries(3);
      queries[row] = query;
      std::vector<HeadAnswer> answers(3);
      int8_head(workers, *loops, x, w.view, queries, answers);
      return answers[row];
    };
    CHECK(ask(0, {}).preferred == -1);
    CHECK(ask(0, {.preferred = some.data()}).token == 299);
    CHECK(ask(0, {.preferred = some.data()}).preferred == 581);
    CHECK(ask(0, {.preferred = some.data()}).preferred_confidence == ask(0, {some.data()}).confidence);
    CHECK(ask(0, {.preferred = none.data()}).preferred == -1);
    CHECK(ask(0, {}).token == 299);  // of equal ones the lowest
    CHECK(ask(0, {none.data()}).token == -1);
    CHECK(ask(0, {none.data()}).confidence == 0);
    CHECK(ask(0, {only_nan.data()}).token == 600);
    CHECK(ask(0, {only_nan.data()}).confidence == 0);
    CHECK(ask(0, {nullptr, 600}).target_log_probability == -kInfinity);
    CHECK(ask(0, {nullptr, 299}).target_log_probability == doctest::Approx(-std::log(2.0)).epsilon(0.3));
    CHECK(ask(1, {}).token == 0);
    CHECK(ask(1, {some.data(), 3}).token == 581);
    CHECK(ask(1, {some.data(), 3}).confidence == 0);
    CHECK(ask(1, {some.data(), 3}).entropy == 0);
    CHECK(ask(1, {some.data(), 3}).target_log_probability == -kInfinity);
    const HeadAnswer huge = ask(2, {});  // logits overflow
    CHECK(std::isfinite(huge.confidence));
    CHECK(std::isfinite(huge.entropy));
    CHECK(huge.token >= 0);
  }
}

}  // namespace
}  // namespace seedling::kernels
