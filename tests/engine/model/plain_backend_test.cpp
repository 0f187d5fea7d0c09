#include "tests/engine/model/backend_check.h"

namespace seedling {
namespace {

using namespace test;

TEST_CASE("plain backend") {
  check_backend(plain_backend());
}

TEST_CASE("the number of threads does not change a bit") {
  TinyModelOptions options;
  options.config.hidden_size = 128;  // large enough that the loops are split
  options.config.intermediate_size = 512;
  const auto model = load_tiny_model(options);
  const auto tokens = random_tokens(70, model->config.vocab_size);
  Session one(plain_backend(), model, 1), three(plain_backend(), model, 3);
  CHECK(one.extend(tokens) == three.extend(tokens));
  CHECK(one.step(tokens) == three.step(tokens));
}

TEST_CASE("sessions of one model do not disturb each other") {
  const auto model = load_tiny_model();
  const auto tokens = random_tokens(11, model->config.vocab_size);
  Session first(plain_backend(), model), second(plain_backend(), model);
  first.extend(tokens, {});
  second.extend(random_tokens(40, model->config.vocab_size, 3), {});
  second.truncate(0);
  second.extend(tokens, {});
  CHECK(first.step(tokens) == second.step(tokens));
}

TEST_CASE("golden logits of the tiny model") {
  // Made by the double-precision reference; a change of weights, names or formulas shows here first.
  const auto model = load_tiny_model();
  Session session(plain_backend(), model);
  const std::vector<TokenId> context = {12, 6, 40, 41, 42}, block = {2, 2, 50};
  const auto logits = session.extend(context, {4});
  const auto drawn = session.step(block, {0});
  const std::vector<double> expected = {1.253216, 5.521139, -1.406970, 1.081434,
                                        1.960700, 1.500293, 11.637956, -1.635157};
  require_close<double>(std::vector<float>(logits.begin(), logits.begin() + 4),
                        std::vector<double>(expected.begin(), expected.begin() + 4), 2e-5);
  require_close<double>(std::vector<float>(drawn.begin(), drawn.begin() + 4),
                        std::vector<double>(expected.begin() + 4, expected.end()), 2e-5);
}

TEST_CASE("backends are found by name") {
  CHECK(*find_backend("plain") == &plain_backend());
  CHECK(*find_backend("cpu") == &cpu_backend());
  CHECK(find_backend("auto").ok());
  const auto unknown = find_backend("quantum");
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().code == ErrorCode::invalid_input);
  CHECK(unknown.error().message.find("quantum") != std::string::npos);
}

}  // namespace
}  // namespace seedling
